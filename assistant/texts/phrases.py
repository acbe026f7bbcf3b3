"""What the assistant itself says, in the two languages of its users. Plain text: whoever sends it escapes it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, TypeAlias

from assistant.texts.ages import day
from core.domain.language import Language

Phrase: TypeAlias = Mapping[Language, str]

# --- which language

_READS_RUSSIAN = frozenset({"ru", "uk", "be", "kk", "ky", "uz", "tg", "hy", "az", "tt"})
"""Languages whose speakers mostly read Russian rather than English."""

# --- answers

QUOTE_WITHOUT_KEY: Final[Phrase] = {
    "ru": "В похожем случае ({date}) отвечали так (это цитата из переписки, ключ Claude не задан):",
    "en": "In a similar case ({date}) the answer was (quoted from the chat, no Claude key is set):",
}
QUOTE_WITHOUT_MODEL: Final[Phrase] = {
    "ru": "Claude сейчас не ответил. В похожем случае ({date}) отвечали так (цитата из переписки):",
    "en": "Claude did not reply just now. In a similar case ({date}) the answer was (quoted from the chat):",
}
REFUSAL: Final[Phrase] = {
    "ru": "Не знаю: в переписке поддержки нет ответа на этот вопрос. Лучше спросить человека.",
    "en": "I don't know: the support history has no answer to this question. Better to ask a person.",
}
LATE: Final[Phrase] = {
    "ru": "Простите, что так поздно: вопрос был задан {age}.",
    "en": "Sorry for the delay: this was asked {age}.",
}
APOLOGY: Final[Phrase] = {
    "ru": "Не получилось ответить: что-то сломалось у нас. Вопрос не потерян, его можно передать человеку.",
    "en": "Something broke on our side and there is no answer. Your question is kept, and a human can take it.",
}
VETTED: Final[Phrase] = {"ru": "ответ, проверенный поддержкой", "en": "an answer checked by support"}
FROM_CHAT: Final[Phrase] = {"ru": "переписка поддержки", "en": "support chat"}
SOURCES: Final[Phrase] = {"ru": "Источники", "en": "Sources"}
NO_SOURCES: Final[Phrase] = {
    "ru": "Источников больше нет: сообщения удалены.",
    "en": "The sources are gone: their messages were deleted.",
}
HUMAN: Final[Phrase] = {"ru": "Спросить человека", "en": "Ask a human"}

# --- votes

REASONS: Final[Mapping[str, Phrase]] = {
    "wrong": {"ru": "Неверно", "en": "Wrong"},
    "outdated": {"ru": "Устарело", "en": "Outdated"},
    "incomplete": {"ru": "Неполно", "en": "Incomplete"},
    "not_my_question": {"ru": "Не на мой вопрос", "en": "Not what I asked"},
    "should_not_have_said": {"ru": "Этого нельзя было писать", "en": "Should not have said this"},
}
THANKS: Final[Phrase] = {"ru": "Спасибо!", "en": "Thank you!"}
WHAT_IS_WRONG: Final[Phrase] = {
    "ru": "Что не так? Правильный ответ можно написать ответом на это сообщение.",
    "en": "What is wrong with it? You can reply to this message with the right answer.",
}
CORRECTED: Final[Phrase] = {"ru": "Спасибо, исправление записано.", "en": "Thank you, the correction is kept."}
HANDED_OVER: Final[Phrase] = {
    "ru": "Вопрос передан человеку. Ответ придёт сюда.",
    "en": "A human has your question now. The reply will come here.",
}
NOT_YOURS: Final[Phrase] = {
    "ru": "Передать вопрос человеку может только тот, кто его задал, или поддержка.",
    "en": "Only the person who asked, or support, can hand this question over.",
}
NO_STAFF_CHAT: Final[Phrase] = {
    "ru": "Передать вопрос некому: чат поддержки ещё не настроен.",
    "en": "There is nobody to hand it over to: no staff chat is set up yet.",
}
STAFF_BUTTONS: Final[Phrase] = {"ru": "Это кнопки для поддержки.", "en": "These buttons are for support."}
GONE: Final[Phrase] = {"ru": "Этого ответа больше нет.", "en": "This answer is gone."}

# --- polite words about a question

TOO_LONG: Final[Phrase] = {
    "ru": "Это слишком длинно для одного вопроса. Напишите, пожалуйста, короче.",
    "en": "This is too long for one question. Please ask in fewer words.",
}
PER_MINUTE: Final[Phrase] = {
    "ru": "Слишком много вопросов сразу. Подождите, пожалуйста, минуту.",
    "en": "Too many questions at once. Please wait a minute.",
}
PER_DAY: Final[Phrase] = {
    "ru": "На сегодня вопросов достаточно. Продолжим завтра.",
    "en": "That is enough questions for today. Let us go on tomorrow.",
}
QUEUE_FULL: Final[Phrase] = {
    "ru": "Сейчас очень много вопросов. Попробуйте, пожалуйста, через несколько минут.",
    "en": "There are very many questions right now. Please try again in a few minutes.",
}
UNREADABLE: Final[Phrase] = {
    "ru": "Не получилось безопасно прочитать это сообщение. Напишите, пожалуйста, иначе.",
    "en": "This message could not be read safely. Please put it differently.",
}
ONLY_TEXT: Final[Phrase] = {
    "ru": "Я понимаю только текст. Напишите вопрос словами, пожалуйста.",
    "en": "I understand text only. Please write your question in words.",
}
EMPTY_ASK: Final[Phrase] = {
    "ru": "Напишите вопрос после команды: /ask Как вернуть оплату?",
    "en": "Write the question after the command: /ask How do I get a refund?",
}
STRANGER: Final[Phrase] = {
    "ru": "Я отвечаю сотрудникам и клиентам в их чатах поддержки. Спросите, пожалуйста, в своём чате.",
    "en": "I answer the team, and clients in their support chats. Please ask in yours.",
}
UNKNOWN_GROUP: Final[Phrase] = {
    "ru": "Этот чат мне пока не знаком. Его может добавить администратор (раздел [chats] в otklik.toml, номер {chat_id}).",
    "en": "I do not know this chat yet. An administrator can add it ([chats] in otklik.toml, id {chat_id}).",
}

# --- commands

GREETING: Final[Phrase] = {
    "ru": "Здравствуйте! Напишите вопрос обычным сообщением: я отвечу тем, что поддержка уже говорила, и покажу источники. "
    "Если ответа нет, так и скажу и предложу спросить человека. В группе начните с /ask или ответьте на моё сообщение.",
    "en": "Hello! Just write your question: I answer with what support has already said, and show the sources. "
    "If there is no answer I say so and offer to ask a human. In a group begin with /ask, or reply to a message of mine.",
}
HELP_STAFF: Final[Phrase] = {
    "ru": "Ответ на карточку в чате поддержки уходит тому, кто спросил, и запоминается как проверенный. "
    "👎 и ответ с исправлением меняют следующий ответ. В любом чате: @{username} и вопрос.",
    "en": "A reply to a card in the staff chat goes to the person who asked, and is kept as checked. "
    "👎 and a reply with the correction change the next answer. In any chat: @{username} and a question.",
}
STATUS: Final[Phrase] = {
    "ru": "Ждут ответа бота: {questions}\nЕщё не показано в Telegram: {unshown}\nЖдут ответа человека: {handovers}\n"
    "Черновики ждут решения: {suggestions}",
    "en": "Waiting for the bot: {questions}\nNot shown in Telegram yet: {unshown}\nWaiting for a human: {handovers}\n"
    "Drafts to be decided: {suggestions}",
}
COMMANDS: Final[Mapping[str, Phrase]] = {
    "start": {"ru": "Что я умею", "en": "What I can do"},
    "ask": {"ru": "Задать вопрос", "en": "Ask a question"},
    "help": {"ru": "Помощь", "en": "Help"},
    "status": {"ru": "Что ждёт ответа", "en": "What waits for an answer"},
}

# --- inline

NOTHING_FOUND: Final[Phrase] = {"ru": "Ничего не нашлось", "en": "Nothing was found"}
STAFF_ONLY: Final[Phrase] = {"ru": "Поиск есть только у поддержки", "en": "Only support can search here"}


def quote_lead(phrases: Phrase, language: Language, asked_at: datetime) -> str:
    """The line above a quoted answer."""
    return phrases[language].format(date=day(asked_at, language))


def of_locale(code: str | None) -> Language:
    """The language for somebody whose app speaks this one (`ru`, `en-GB`), where they have not written anything yet.

    >>> of_locale("uk"), of_locale("pt-br"), of_locale(None)
    ('ru', 'en', 'ru')
    """
    return "ru" if code is None or code.split("-")[0] in _READS_RUSSIAN else "en"
