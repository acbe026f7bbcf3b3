"""*Now*."""

from collections.abc import Mapping
from typing import Final

from dashboard.texts.phrase import Phrase

# --- figures

WAITING: Final[Phrase] = {"ru": "Ждут ответа", "en": "Waiting"}
LONGEST: Final[Phrase] = {"ru": "до {age}", "en": "up to {age}"}
URGENT: Final[Phrase] = {"ru": "Срочных сегодня", "en": "Urgent today"}
MESSAGES: Final[Phrase] = {"ru": "Сообщений сегодня", "en": "Messages today"}
BY_CLIENTS: Final[Phrase] = {"ru": "от клиентов: {count}", "en": "by clients: {count}"}
SUGGESTIONS: Final[Phrase] = {"ru": "Черновиков ждёт", "en": "Drafts to decide"}
SUGGESTIONS_HELP: Final[Phrase] = {
    "ru": "Карточки в чате команды, по которым никто ещё ничего не решил.",
    "en": "Cards in the team's chat that nobody has decided on.",
}
BOT: Final[Phrase] = {"ru": "Вопросов у бота", "en": "With the bot"}
BOT_HELP: Final[Phrase] = {"ru": "Заданы боту и ещё не отвечены.", "en": "Asked of the bot and not answered yet."}

# --- the last day

LAST_DAY: Final[Phrase] = {"ru": "Последние сутки", "en": "The last 24 hours"}
BY_STAFF: Final[Phrase] = {"ru": "Команда", "en": "Team"}
CLIENTS: Final[Phrase] = {"ru": "Клиенты", "en": "Clients"}
HOUR: Final[Phrase] = {"ru": "Час", "en": "Hour"}
COUNT: Final[Phrase] = {"ru": "Сообщений", "en": "Messages"}
ALL: Final[Phrase] = {"ru": "Всего", "en": "All"}

# --- who waits

WHO_WAITS: Final[Phrase] = {"ru": "Кто ждёт ответа", "en": "Who waits for an answer"}
NOBODY_WAITS: Final[Phrase] = {"ru": "Никто не ждёт ответа.", "en": "Nobody waits for an answer."}
MORE: Final[Phrase] = {
    "ru": "Показаны {count}, ждущие дольше всех, и срочные, из {all}. Остальные — в таблице.",
    "en": "The {count} who wait longest, and the urgent ones, of {all}. The others are in the table.",
}
WHY: Final[Mapping[str, Phrase]] = {
    "question": {"ru": "вопрос без ответа", "en": "unanswered question"},
    "analysis": {"ru": "нужен ответ, по анализу", "en": "needs an answer, says the analysis"},
    "handover": {"ru": "передан человеку ботом", "en": "handed over by the bot"},
}
CATEGORIES: Final[Mapping[str, Phrase]] = {
    "question": {"ru": "вопрос", "en": "question"},
    "problem": {"ru": "проблема", "en": "problem"},
    "outage": {"ru": "сбой", "en": "outage"},
    "complaint": {"ru": "жалоба", "en": "complaint"},
    "request": {"ru": "просьба", "en": "request"},
    "feedback": {"ru": "отзыв", "en": "feedback"},
    "other": {"ru": "другое", "en": "other"},
}
IS_URGENT: Final[Phrase] = {"ru": "срочно", "en": "urgent"}
DRAFT: Final[Phrase] = {"ru": "Черновик ответа", "en": "Draft answer"}
SUMMARY: Final[Phrase] = {"ru": "О чём", "en": "About"}
THREAD: Final[Phrase] = {"ru": "Вся переписка", "en": "The whole thread"}
GONE: Final[Phrase] = {"ru": "(сообщение удалено)", "en": "(the message was deleted)"}

SINCE: Final[Phrase] = {"ru": "С какого времени", "en": "Since"}
AGE: Final[Phrase] = {"ru": "Ждёт", "en": "Waits"}
REASON: Final[Phrase] = {"ru": "Почему", "en": "Why"}
CATEGORY: Final[Phrase] = {"ru": "Вид", "en": "Kind"}
TEXT: Final[Phrase] = {"ru": "Сообщение", "en": "Message"}
LINK: Final[Phrase] = {"ru": "Ссылка", "en": "Link"}

# --- the fast lane

ALERTS: Final[Phrase] = {"ru": "Срочные сообщения", "en": "Urgent messages"}
ALERTS_NOTE: Final[Phrase] = {
    "ru": "Что заметила быстрая полоса за период, последние сверху.",
    "en": "What the fast lane noticed in the period, the latest first.",
}
NO_ALERTS: Final[Phrase] = {
    "ru": "Срочных сообщений за период не было.",
    "en": "There were no urgent messages in the period.",
}
STATES: Final[Mapping[str, Phrase]] = {
    "ready": {"ru": "ещё не прочитано", "en": "not read yet"},
    "analysing": {"ru": "читается", "en": "being read"},
    "set_aside": {"ru": "не удалось разобрать", "en": "could not be read"},
    "confirmed": {"ru": "срочность подтверждена", "en": "urgency confirmed"},
    "not_confirmed": {"ru": "не срочно", "en": "not urgent"},
}
ANSWERED: Final[Phrase] = {"ru": "отвечено", "en": "answered"}
UNANSWERED: Final[Phrase] = {"ru": "без ответа", "en": "unanswered"}
STATE: Final[Phrase] = {"ru": "Состояние", "en": "State"}
