"""*Pipeline*."""

from collections.abc import Mapping
from typing import Final

from dashboard.texts.phrase import Phrase

QUEUED: Final[Phrase] = {"ru": "В очередях", "en": "In the streams"}
QUEUED_HELP: Final[Phrase] = {
    "ru": "Записей в потоках Redis, которые ещё не обработаны.",
    "en": "Entries in Redis' streams that are still to be done.",
}
DEAD: Final[Phrase] = {"ru": "Не обработано", "en": "Dead letters"}
UNEMBEDDED: Final[Phrase] = {"ru": "Ждут вектора", "en": "Without a vector"}
UNEMBEDDED_HELP: Final[Phrase] = {
    "ru": "Фрагменты переписки, которые пока находятся только по словам.",
    "en": "Pieces of the chats that are found by their words only so far.",
}
UNPLACED: Final[Phrase] = {"ru": "Ждут места в ветке", "en": "Not in a thread"}
UNWINDOWED: Final[Phrase] = {"ru": "Ждут анализа", "en": "Not analysed"}
SINCE: Final[Phrase] = {"ru": "до {age}", "en": "up to {age}"}
URGENT: Final[Phrase] = {"ru": "Срочных не прочитано", "en": "Urgent, unread"}

STREAMS: Final[Phrase] = {"ru": "Потоки", "en": "Streams"}
STREAM: Final[Phrase] = {"ru": "Поток", "en": "Stream"}
LENGTH: Final[Phrase] = {"ru": "Всего", "en": "To do"}
PENDING: Final[Phrase] = {"ru": "В работе", "en": "In work"}
LAG: Final[Phrase] = {"ru": "Не прочитано", "en": "Unread"}
NAMES: Final[Mapping[str, Phrase]] = {
    "otklik:messages:fast": {"ru": "Срочные сообщения", "en": "Urgent messages"},
    "otklik:messages:batch": {"ru": "Остальные сообщения", "en": "Other messages"},
    "otklik:messages:deleted": {"ru": "Удаления", "en": "Deletions"},
    "otklik:chats:changed": {"ru": "Чаты: разложить по веткам", "en": "Chats to thread"},
    "otklik:units:changed": {"ru": "Чаты: посчитать векторы", "en": "Chats to embed"},
    "otklik:responses:needed": {"ru": "Нужны черновики", "en": "Drafts needed"},
}

DEAD_LETTERS: Final[Phrase] = {"ru": "Что не удалось обработать", "en": "What could not be handled"}
DEAD_NOTE: Final[Phrase] = {
    "ru": "Сначала устраните причину: с той же ошибкой запись вернётся сюда.",
    "en": "Mend the cause first: the same error brings an entry back here.",
}
NO_DEAD: Final[Phrase] = {"ru": "Всё обработано.", "en": "Everything was handled."}
RETRY: Final[Phrase] = {"ru": "Повторить", "en": "Try again"}
RETRY_ALL: Final[Phrase] = {"ru": "Повторить все ({count})", "en": "Try all again ({count})"}
RETRIED: Final[Phrase] = {"ru": "Отправлено в поток ещё раз.", "en": "Sent into its stream again."}
ERROR: Final[Phrase] = {"ru": "Ошибка", "en": "Error"}
FAILED: Final[Phrase] = {"ru": "Когда", "en": "When"}
NUMBER: Final[Phrase] = {"ru": "№", "en": "No."}
ONLY_WITH_ALL: Final[Phrase] = {
    "ru": "Список виден тем, кому открыты все чаты.",
    "en": "Those who may see every chat see the list.",
}

COVERAGE: Final[Phrase] = {"ru": "Что загружено", "en": "What is held"}
MESSAGES: Final[Phrase] = {"ru": "Сообщений", "en": "Messages"}
LAST_HOUR: Final[Phrase] = {"ru": "Последнее", "en": "Latest"}
COMPLETE_TO: Final[Phrase] = {"ru": "Полно до №", "en": "Complete to no."}
HOLES: Final[Phrase] = {"ru": "Пропуски", "en": "Holes"}
HOLES_HELP: Final[Phrase] = {
    "ru": "Номера сообщений, которых нет: слушатель дочитывает их сам, экспорт можно загрузить ещё раз.",
    "en": "Ids of messages that are missing: the listener reads them by itself; an export can be imported again.",
}
UNMASKED: Final[Phrase] = {"ru": "Не замаскировано", "en": "Not masked"}
UNMASKED_HELP: Final[Phrase] = {
    "ru": "Сообщения, которые не удалось замаскировать: они не сохранены.",
    "en": "Messages that could not be masked: they are not stored.",
}
HEARD: Final[Phrase] = {"ru": "Слушатель", "en": "Listener"}

WINDOWS: Final[Phrase] = {"ru": "Окна анализа", "en": "Windows of the analysis"}
STATE: Final[Phrase] = {"ru": "Состояние", "en": "State"}
STATES: Final[Mapping[str, Phrase]] = {
    "ready": {"ru": "готово к анализу", "en": "ready to be read"},
    "analysing": {"ru": "читается", "en": "being read"},
    "submitted": {"ru": "в пакете у Anthropic", "en": "in Anthropic's batch"},
    "set_aside": {"ru": "отложено после ошибок", "en": "set aside after errors"},
}
COUNT: Final[Phrase] = {"ru": "Окон", "en": "Windows"}

ALARMS: Final[Phrase] = {"ru": "Тревоги по бюджету", "en": "Budget alarms"}
NO_ALARMS: Final[Phrase] = {"ru": "За период бюджеты не заканчивались.", "en": "No budget ran short in the period."}
RAISED: Final[Phrase] = {"ru": "Когда", "en": "When"}
BUDGET: Final[Phrase] = {"ru": "Бюджет", "en": "Budget"}
PERIODS: Final[Mapping[str, Phrase]] = {
    "day": {"ru": "день", "en": "day"},
    "month": {"ru": "месяц", "en": "month"},
}
PER: Final[Phrase] = {"ru": "На", "en": "Of the"}
TOTAL: Final[Phrase] = {"ru": "весь", "en": "total"}
PERCENT: Final[Phrase] = {"ru": "Израсходовано, %", "en": "Spent, %"}
