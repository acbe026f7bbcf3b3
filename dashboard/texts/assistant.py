"""*Assistant*."""

from collections.abc import Mapping
from typing import Final

from dashboard.texts.phrase import Phrase

# --- figures

ASKED: Final[Phrase] = {"ru": "Вопросов", "en": "Questions"}
ANSWERED: Final[Phrase] = {"ru": "С ответом", "en": "Answered"}
REFUSED: Final[Phrase] = {"ru": "«Не знаю»", "en": "“I don't know”"}
HANDED_OVER: Final[Phrase] = {"ru": "Передано людям", "en": "Handed over"}
LIKED: Final[Phrase] = {"ru": "Ответы нравятся", "en": "Answers liked"}
LIKED_NOTE: Final[Phrase] = {"ru": "голосов: {count}", "en": "votes: {count}"}
NOTHING: Final[Phrase] = {
    "ru": "За этот период ассистента ни о чём не спрашивали. Задайте вопрос: `otklik ask \"…\"` или боту (OTKLIK_BOT_TOKEN).",
    "en": "Nobody asked the assistant anything in this period. Ask: `otklik ask \"…\"`, or the bot (OTKLIK_BOT_TOKEN).",
}  # fmt: skip

# --- charts

QUESTIONS: Final[Phrase] = {"ru": "О чём спросили и что вышло", "en": "What was asked, and what came of it"}
WRITTEN: Final[Phrase] = {"ru": "Ответил Claude", "en": "Written by Claude"}
QUOTED: Final[Phrase] = {"ru": "Цитата из переписки", "en": "Quoted from the chats"}
COUNT: Final[Phrase] = {"ru": "Вопросов", "en": "Questions"}
WHEN: Final[Phrase] = {"ru": "Когда", "en": "When"}
VOTES: Final[Phrase] = {"ru": "Голоса", "en": "Votes"}
VOTES_NOTE: Final[Phrase] = {
    "ru": "Вверх — нравится, вниз — нет; цвет — версия промпта, написавшая ответ.",
    "en": "Up is liked, down is not; the colour is the prompt version that wrote the answer.",
}
UP: Final[Phrase] = {"ru": "За", "en": "Up"}
DOWN: Final[Phrase] = {"ru": "Против", "en": "Down"}
PROMPTS: Final[Phrase] = {"ru": "Версии промпта", "en": "Prompt versions"}
PROMPT: Final[Phrase] = {"ru": "Версия", "en": "Version"}
NO_PROMPT: Final[Phrase] = {"ru": "цитаты, без Claude", "en": "quotations, without Claude"}
ANSWERS: Final[Phrase] = {"ru": "Ответов", "en": "Answers"}
LIKED_SHARE: Final[Phrase] = {"ru": "Нравится, %", "en": "Liked, %"}
FIRST: Final[Phrase] = {"ru": "Первый", "en": "First"}
LAST: Final[Phrase] = {"ru": "Последний", "en": "Latest"}
WHY_NOT: Final[Phrase] = {"ru": "Почему не нравится", "en": "Why answers are disliked"}
REASON: Final[Phrase] = {"ru": "Причина", "en": "Reason"}
CORRECTIONS: Final[Phrase] = {"ru": "С исправлением", "en": "With a correction"}
NO_REASON: Final[Phrase] = {"ru": "не сказано", "en": "none named"}

# --- gaps

GAPS: Final[Phrase] = {
    "ru": "Пробелы: о чём спрашивают, а ответа нет",
    "en": "Gaps: what is asked and cannot be answered",
}
GAPS_NOTE: Final[Phrase] = {
    "ru": "Вопросы, на которые бот ответил «не знаю», собранные по смыслу. Проверенный ответ бот найдёт уже в следующий раз.",
    "en": "Questions to which the bot said that it does not know, put together by meaning. It finds a vetted answer next time.",
}
NO_GAPS: Final[Phrase] = {
    "ru": "Пробелов за период нет: бот ответил на всё.",
    "en": "There are no gaps in the period: the bot answered everything.",
}
TIMES: Final[Phrase] = {"ru": "×{count}", "en": "×{count}"}
ALSO: Final[Phrase] = {"ru": "Ещё спрашивали так", "en": "Also asked like this"}
LATEST: Final[Phrase] = {"ru": "последний раз {age} назад", "en": "last {age} ago"}
FROM_STAFF: Final[Phrase] = {"ru": "Команда уже отвечала", "en": "The team has answered it"}
FROM_UNIT: Final[Phrase] = {"ru": "Ближайшее в переписке", "en": "The nearest in the chats"}
LOOK: Final[Phrase] = {"ru": "Ответить и проверить", "en": "Answer and vouch"}
SOURCE: Final[Phrase] = {"ru": "Откуда он", "en": "Where it is from"}
ANSWER: Final[Phrase] = {"ru": "Ответ, за который ручается команда", "en": "The answer that the team vouches for"}
FOR_CHAT: Final[Phrase] = {"ru": "Для чата", "en": "For the chat"}
VOUCH: Final[Phrase] = {"ru": "Сделать проверенным знанием", "en": "Make it vetted knowledge"}
VOUCHED: Final[Phrase] = {
    "ru": "Готово: бот находит этот ответ по словам уже сейчас, а по смыслу — через несколько секунд.",
    "en": "Done: the bot finds this answer by its words now, and by its meaning within seconds.",
}
MORE_GAPS: Final[Phrase] = {"ru": "Ещё пробелы: {count}", "en": "More gaps: {count}"}
CLOSED: Final[Phrase] = {"ru": "Уже закрыты: {count}", "en": "Already closed: {count}"}
CLOSED_AT: Final[Phrase] = {"ru": "ответ проверен {date}", "en": "answer vouched for {date}"}
GAP: Final[Phrase] = {"ru": "Вопрос", "en": "Question"}
ASKED_TIMES: Final[Phrase] = {"ru": "Сколько раз", "en": "Times"}

# --- answers

LATEST_ANSWERS: Final[Phrase] = {"ru": "Последние вопросы", "en": "The latest questions"}
WHICH: Final[Phrase] = {"ru": "Какие", "en": "Which"}
ALL: Final[Phrase] = {"ru": "Все", "en": "All"}
SOURCES_GONE: Final[Phrase] = {"ru": "источник удалён", "en": "its source was deleted"}
SOURCE_NUMBER: Final[Phrase] = {"ru": "Источник {number}", "en": "Source {number}"}
IN_TERMINAL: Final[Phrase] = {"ru": "не в Telegram", "en": "not in Telegram"}
WITH_HUMAN: Final[Mapping[str, Phrase]] = {
    "open": {"ru": "ждёт человека", "en": "waits for a human"},
    "answered": {"ru": "ответил человек", "en": "answered by a human"},
}
TOOK: Final[Phrase] = {"ru": "за {time} мс", "en": "in {time} ms"}
QUESTION: Final[Phrase] = {"ru": "Вопрос", "en": "Question"}
REPLY: Final[Phrase] = {"ru": "Ответ", "en": "Answer"}
