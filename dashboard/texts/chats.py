"""*Chats*."""

from collections.abc import Mapping
from typing import Final

from dashboard.texts.phrase import Phrase

# --- figures

MESSAGES: Final[Phrase] = {"ru": "Сообщений", "en": "Messages"}
ASKED: Final[Phrase] = {"ru": "Обращений", "en": "Requests"}
ASKED_HELP: Final[Phrase] = {
    "ru": "Ветки переписки, в которых клиент о чём-то спрашивает. Ветка считается один раз, по первому вопросу.",
    "en": "Threads in which a client asks something. A thread counts once, when it was first asked.",
}
ANSWERED: Final[Phrase] = {"ru": "С ответом команды", "en": "Answered by the team"}
MEDIAN: Final[Phrase] = {"ru": "Первый ответ, медиана", "en": "First answer, median"}
SLOWEST: Final[Phrase] = {"ru": "Первый ответ, 90 %", "en": "First answer, 90%"}
SLOWEST_HELP: Final[Phrase] = {
    "ru": "Девять из десяти отвеченных обращений получили ответ не позже.",
    "en": "Nine of ten answered requests got an answer no later.",
}
RESOLVED: Final[Phrase] = {"ru": "Решено", "en": "Resolved"}
RESOLVED_HELP: Final[Phrase] = {
    "ru": "Доля решённых среди тех веток, о которых анализ может судить.",
    "en": "Of the threads that the analysis can tell about.",
}

# --- charts

VOLUME: Final[Phrase] = {"ru": "Сколько пишут", "en": "How much is written"}
CLIENTS: Final[Phrase] = {"ru": "Клиенты", "en": "Clients"}
TEAM: Final[Phrase] = {"ru": "Команда", "en": "Team"}
URGENT: Final[Phrase] = {"ru": "Срочные", "en": "Urgent"}
WHEN: Final[Phrase] = {"ru": "Когда", "en": "When"}
BY_HOUR: Final[Phrase] = {"ru": "Первый ответ по часам", "en": "First answer by hour"}
BY_WEEKDAY: Final[Phrase] = {"ru": "Первый ответ по дням недели", "en": "First answer by weekday"}
SPREAD_NOTE: Final[Phrase] = {
    "ru": "От медианы (закрашено) до 90 % (кольцо), по времени вопроса.",
    "en": "From the median (filled) to 90% (ring), by when it was asked.",
}
PATTERN: Final[Phrase] = {"ru": "Когда пишут клиенты", "en": "When clients write"}
PATTERN_NOTE: Final[Phrase] = {"ru": "Все недели периода вместе.", "en": "All weeks of the period together."}
HOUR: Final[Phrase] = {"ru": "Час", "en": "Hour"}
WEEKDAY: Final[Phrase] = {"ru": "День", "en": "Weekday"}
P50: Final[Phrase] = {"ru": "Медиана", "en": "Median"}
P90: Final[Phrase] = {"ru": "90 %", "en": "90%"}

# --- tables

BY_CHAT: Final[Phrase] = {"ru": "По чатам", "en": "By chat"}
WAITING: Final[Phrase] = {"ru": "Ждут", "en": "Waiting"}
BY_TEAM: Final[Phrase] = {"ru": "Из них команда", "en": "By the team"}
ANSWERED_SHARE: Final[Phrase] = {"ru": "Отвечено, %", "en": "Answered, %"}
RESOLVED_SHARE: Final[Phrase] = {"ru": "Решено, %", "en": "Resolved, %"}

# --- threads

THREADS: Final[Phrase] = {"ru": "Переписка", "en": "Threads"}
WHICH: Final[Phrase] = {"ru": "Какие", "en": "Which"}
STATES: Final[Mapping[str, Phrase]] = {
    "asked": {"ru": "Обращения", "en": "Requests"},
    "open": {"ru": "Ждут ответа", "en": "Waiting"},
    "answered": {"ru": "С ответом", "en": "Answered"},
    "unresolved": {"ru": "Не решены", "en": "Unresolved"},
    "resolved": {"ru": "Решены", "en": "Resolved"},
    "all": {"ru": "Все", "en": "All"},
}
NO_THREADS: Final[Phrase] = {"ru": "Таких веток за период нет.", "en": "There are no such threads in the period."}
MORE: Final[Phrase] = {"ru": "Показать ещё", "en": "Show more"}
READ: Final[Phrase] = {"ru": "Прочитать", "en": "Read"}
SIZE: Final[Phrase] = {"ru": "сообщений: {count}", "en": "messages: {count}"}
WAITS: Final[Phrase] = {"ru": "ждёт {age}", "en": "waits for {age}"}
ANSWERED_IN: Final[Phrase] = {"ru": "ответили за {age}", "en": "answered in {age}"}
IS_RESOLVED: Final[Phrase] = {"ru": "решено", "en": "resolved"}
IS_UNRESOLVED: Final[Phrase] = {"ru": "не решено", "en": "not resolved"}
NO_TEXT: Final[Phrase] = {"ru": "(сообщение удалено)", "en": "(the message was deleted)"}
LAST: Final[Phrase] = {"ru": "Последнее", "en": "Latest"}
QUESTION: Final[Phrase] = {"ru": "О чём спросили", "en": "What was asked"}
STATE: Final[Phrase] = {"ru": "Состояние", "en": "State"}
LINK: Final[Phrase] = {"ru": "Ссылка", "en": "Link"}

# --- one thread

BACK: Final[Phrase] = {"ru": "Ко всем чатам", "en": "Back to all chats"}
ONE_THREAD: Final[Phrase] = {"ru": "Ветка в чате «{chat}»", "en": "A thread in “{chat}”"}
NO_THREAD: Final[Phrase] = {
    "ru": "Такой ветки нет, она удалена, или её чат вам не открыт.",
    "en": "There is no such thread, it was deleted, or its chat is not open to you.",
}
STAFF: Final[Phrase] = {"ru": "команда", "en": "team"}
CLIENT: Final[Phrase] = {"ru": "клиент {number}", "en": "client {number}"}
INFERRED: Final[Phrase] = {"ru": "связь найдена по смыслу", "en": "linked by what it says"}
TEXT: Final[Phrase] = {"ru": "Сообщение", "en": "Message"}
WHO: Final[Phrase] = {"ru": "Кто", "en": "Who"}
LANE: Final[Phrase] = {"ru": "Полоса", "en": "Lane"}
