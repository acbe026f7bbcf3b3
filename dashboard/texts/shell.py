"""What stands on every page: navigation, filters, freshness, trouble."""

from collections.abc import Mapping
from typing import Final

from dashboard.texts.phrase import Phrase

# --- navigation

PAGES: Final[Mapping[str, Phrase]] = {
    "now": {"ru": "Сейчас", "en": "Now"},
    "chats": {"ru": "Чаты", "en": "Chats"},
    "topics": {"ru": "Темы", "en": "Topics"},
    "assistant": {"ru": "Ассистент", "en": "Assistant"},
    "cost": {"ru": "Расходы", "en": "Cost"},
    "evals": {"ru": "Проверки", "en": "Evals"},
    "pipeline": {"ru": "Конвейер", "en": "Pipeline"},
    "settings": {"ru": "Настройки", "en": "Settings"},
}
LANGUAGE: Final[Phrase] = {"ru": "Язык", "en": "Language"}
LEAVE: Final[Phrase] = {"ru": "Выйти", "en": "Log out"}
AT_THIS_MACHINE: Final[Phrase] = {
    "ru": "Без входа: панель видна только с этой машины.",
    "en": "No login: only this machine sees the dashboard.",
}
ROLES: Final[Mapping[str, Phrase]] = {
    "admin": {"ru": "администратор", "en": "admin"},
    "agent": {"ru": "сотрудник поддержки", "en": "agent"},
}

# --- filters

CHAT: Final[Phrase] = {"ru": "Чат", "en": "Chat"}
EVERY_CHAT: Final[Phrase] = {"ru": "Все чаты", "en": "All chats"}
PERIOD: Final[Phrase] = {"ru": "Период", "en": "Period"}
SPANS: Final[Mapping[str, Phrase]] = {
    "1d": {"ru": "Сегодня", "en": "Today"},
    "7d": {"ru": "7 дней", "en": "7 days"},
    "30d": {"ru": "30 дней", "en": "30 days"},
    "90d": {"ru": "90 дней", "en": "90 days"},
    "365d": {"ru": "Год", "en": "Year"},
    "dates": {"ru": "Даты…", "en": "Dates…"},
}
DATES: Final[Phrase] = {"ru": "С какого и по какое число", "en": "From and to"}
ZONE: Final[Phrase] = {"ru": "Часовой пояс", "en": "Time zone"}
WRONG: Final[Mapping[str, Phrase]] = {
    "chat": {
        "ru": "Чат «{value}» из адреса не найден или вам не открыт: показаны все чаты.",
        "en": "The chat “{value}” in the address does not exist or is not open to you: all chats are shown.",
    },
    "period": {
        "ru": "Период «{value}» из адреса непонятен: показаны 30 дней.",
        "en": "The period “{value}” in the address makes no sense: 30 days are shown.",
    },
    "from": {
        "ru": "Даты «{value}» из адреса непонятны: показаны 30 дней.",
        "en": "The dates “{value}” in the address make no sense: 30 days are shown.",
    },
    "zone": {
        "ru": "Часового пояса «{value}» из адреса нет: показано время {zone}.",
        "en": "There is no time zone “{value}”, which the address asks for: times are of {zone}.",
    },
}

# --- freshness

AS_OF: Final[Phrase] = {
    "ru": "Данные на {time} ({zone}), обновляются раз в {age}",
    "en": "As of {time} ({zone}), renewed every {age}",
}
RENEW: Final[Phrase] = {"ru": "Обновить", "en": "Refresh"}
SECONDS: Final[Phrase] = {"ru": "{count} с", "en": "{count} s"}
MINUTE: Final[Phrase] = {"ru": "минуту", "en": "minute"}

# --- figures and tables

TABLE: Final[Phrase] = {"ru": "Таблица", "en": "Table"}
CSV: Final[Phrase] = {"ru": "Скачать CSV", "en": "Download CSV"}
CUT: Final[Phrase] = {"ru": "Показаны первые {count}.", "en": "The first {count} are shown."}
NOTHING: Final[Phrase] = {"ru": "За этот период ничего нет.", "en": "There is nothing in this period."}
YES: Final[Phrase] = {"ru": "да", "en": "yes"}
NO: Final[Phrase] = {"ru": "нет", "en": "no"}
IN_TELEGRAM: Final[Phrase] = {"ru": "Открыть в Telegram", "en": "Open in Telegram"}
SAVE: Final[Phrase] = {"ru": "Сохранить", "en": "Save"}
CANCEL: Final[Phrase] = {"ru": "Отмена", "en": "Cancel"}

# --- nothing is held yet

EMPTY_TITLE: Final[Phrase] = {"ru": "Пока нет ни одного чата", "en": "No chat is held yet"}
EMPTY: Final[Phrase] = {
    "ru": "Загрузите экспорт чата из Telegram Desktop или подключите слушателя, и здесь появятся данные.",
    "en": "Import a chat export of Telegram Desktop, or connect the listener, and there will be something to see here.",
}
EMPTY_DO: Final = "otklik import result.json\notklik login && otklik up"
EMPTY_AGENT: Final[Phrase] = {
    "ru": "Из чатов, открытых вам в [access] agent_chats, пока ни один не загружен. Обратитесь к администратору.",
    "en": "None of the chats that [access] agent_chats opens to you is held yet. Ask an admin.",
}
ELSEWHEN: Final[Phrase] = {
    "ru": "За этот период сообщений нет. Последнее — {date}.",
    "en": "There are no messages in this period. The latest is of {date}.",
}
SHOW_IT: Final[Phrase] = {"ru": "Показать последние 30 дней переписки", "en": "Show the last 30 days that there are"}

# --- trouble

POSTGRES_AWAY: Final[Phrase] = {
    "ru": "PostgreSQL не отвечает. Запустите его или загляните в его журнал, затем обновите страницу.",
    "en": "PostgreSQL does not answer. Start it, or read its log, then reload this page.",
}
REDIS_AWAY: Final[Phrase] = {
    "ru": "Redis не отвечает. Запустите его или загляните в его журнал: остальное на этой странице верно.",
    "en": "Redis does not answer. Start it, or read its log: the rest of this page holds.",
}
TOO_SLOW: Final[Phrase] = {
    "ru": "База не успела ответить за 20 секунд. Выберите период короче или один чат.",
    "en": "The database did not answer within 20 seconds. Choose a shorter period, or one chat.",
}
BROKEN: Final[Phrase] = {
    "ru": "Эту страницу не удалось показать: ошибка записана в журнал роли dashboard.",
    "en": "This page could not be shown: the error is in the log of the dashboard role.",
}
SESSION_ENDED: Final[Phrase] = {
    "ru": "Вы больше не в системе. Войдите снова.",
    "en": "You are not logged in any more. Log in again.",
}
ENTER: Final[Phrase] = {"ru": "Войти", "en": "Log in"}
NOT_ALLOWED: Final[Phrase] = {"ru": "Это может только администратор.", "en": "Only an admin may do this."}
NOT_DONE: Final[Phrase] = {"ru": "Не получилось: {why}", "en": "It was not done: {why}"}

# --- durations

DAYS_AGO: Final[Phrase] = {"ru": "{count} д", "en": "{count} d"}
HOURS_AGO: Final[Phrase] = {"ru": "{count} ч", "en": "{count} h"}
MINUTES_AGO: Final[Phrase] = {"ru": "{count} мин", "en": "{count} min"}
JUST_NOW: Final[Phrase] = {"ru": "только что", "en": "just now"}

WEEKDAYS: Final[Mapping[int, Phrase]] = {
    1: {"ru": "Пн", "en": "Mon"},
    2: {"ru": "Вт", "en": "Tue"},
    3: {"ru": "Ср", "en": "Wed"},
    4: {"ru": "Чт", "en": "Thu"},
    5: {"ru": "Пт", "en": "Fri"},
    6: {"ru": "Сб", "en": "Sat"},
    7: {"ru": "Вс", "en": "Sun"},
}
