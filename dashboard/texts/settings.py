"""*Settings*."""

from typing import Final

from dashboard.texts.phrase import Phrase

NOTE: Final[Phrase] = {
    "ru": "Здесь только видно. Меняют это в otklik.toml: правка подхватывается без перезапуска.",
    "en": "This is only to be seen. It is changed in otklik.toml, and a change is picked up without a restart.",
}

# --- who

WHO: Final[Phrase] = {"ru": "Кому открыта панель", "en": "Who may open the dashboard"}
NOBODY: Final[Phrase] = {
    "ru": "Никто не назван в [dashboard.people], поэтому панель видна только с этой машины и без входа.",
    "en": "Nobody is named in [dashboard.people], so only this machine sees the dashboard, without a login.",
}
NAME: Final[Phrase] = {"ru": "Имя", "en": "Name"}
ROLE: Final[Phrase] = {"ru": "Роль", "en": "Role"}
HOW: Final[Phrase] = {"ru": "Вход", "en": "Comes in by"}
BY_PASSWORD: Final[Phrase] = {"ru": "пароль", "en": "password"}
BY_OIDC: Final[Phrase] = {"ru": "учётная запись компании (OIDC)", "en": "company account (OIDC)"}
SEES: Final[Phrase] = {"ru": "Видит", "en": "Sees"}
SEES_ALL: Final[Phrase] = {"ru": "все чаты", "en": "every chat"}
SEES_SOME: Final[Phrase] = {"ru": "чатов: {count}", "en": "chats: {count}"}
SESSION: Final[Phrase] = {"ru": "Сессия длится", "en": "A session lasts"}

BOT: Final[Phrase] = {"ru": "Кто спрашивает бота", "en": "Who may ask the bot"}
STAFF: Final[Phrase] = {"ru": "Сотрудников в [staff]", "en": "Team members in [staff]"}
ADMINS: Final[Phrase] = {"ru": "Администраторов в [access]", "en": "Admins in [access]"}
STAFF_CHAT: Final[Phrase] = {"ru": "Чат команды", "en": "The team's chat"}
AGENT_CHATS: Final[Phrase] = {"ru": "Чаты для сотрудников", "en": "Chats for agents"}
STRANGERS: Final[Phrase] = {"ru": "Незнакомцы", "en": "Strangers"}
WELCOME: Final[Phrase] = {"ru": "могут спрашивать", "en": "may ask"}
UNWELCOME: Final[Phrase] = {"ru": "не допущены", "en": "may not"}
UNSET: Final[Phrase] = {"ru": "не задан", "en": "not set"}

# --- lanes

LANES: Final[Phrase] = {"ru": "Полосы", "en": "Lanes"}
HIGH: Final[Phrase] = {"ru": "HIGH, быстрая полоса, от", "en": "HIGH, the fast lane, from"}
MEDIUM: Final[Phrase] = {"ru": "MEDIUM от", "en": "MEDIUM from"}
WEIGHT_URGENT: Final[Phrase] = {"ru": "Срочное слово", "en": "An urgent word"}
WEIGHT_VIP: Final[Phrase] = {"ru": "VIP", "en": "VIP"}
WEIGHT_NIGHT: Final[Phrase] = {"ru": "Ночью", "en": "At night"}
WEIGHT_REPLY: Final[Phrase] = {"ru": "Ответ в важной ветке", "en": "A reply in an important thread"}
NIGHT: Final[Phrase] = {"ru": "Ночь", "en": "Night"}
VIPS: Final[Phrase] = {"ru": "Людей в списке VIP", "en": "People who are VIP"}
WORDS: Final[Phrase] = {"ru": "Срочные слова", "en": "Urgent words"}
ZONE: Final[Phrase] = {"ru": "Часовой пояс", "en": "Time zone"}

# --- money

BUDGETS: Final[Phrase] = {"ru": "Бюджеты", "en": "Budgets"}
BUDGET: Final[Phrase] = {"ru": "Бюджет", "en": "Budget"}
A_DAY: Final[Phrase] = {"ru": "В день", "en": "A day"}
A_MONTH: Final[Phrase] = {"ru": "В месяц", "en": "A month"}
TOTAL: Final[Phrase] = {"ru": "Весь", "en": "Total"}

# --- analysis and models

ANALYSIS: Final[Phrase] = {"ru": "Анализ и модели", "en": "Analysis and models"}
WINDOW: Final[Phrase] = {"ru": "Окно анализа", "en": "A window"}
WINDOW_IS: Final[Phrase] = {
    "ru": "{messages} сообщений или {minutes} мин",
    "en": "{messages} messages, or {minutes} min",
}
API: Final[Phrase] = {"ru": "API анализа", "en": "API of the analysis"}
CLAUDE: Final[Phrase] = {"ru": "Ключ Claude", "en": "Claude key"}
IS_SET: Final[Phrase] = {"ru": "задан", "en": "set"}
ANSWER_MODEL: Final[Phrase] = {"ru": "Модель ответов", "en": "Model of answers"}
ANALYSIS_MODEL: Final[Phrase] = {"ru": "Модель анализа", "en": "Model of the analysis"}
EMBEDDING_MODEL: Final[Phrase] = {"ru": "Модель векторов", "en": "Embedding model"}

CHATS: Final[Phrase] = {"ru": "Особые правила чатов", "en": "Rules of single chats"}
REPLY_MODE: Final[Phrase] = {"ru": "Бот без вопроса", "en": "The bot unasked"}
WAITS: Final[Phrase] = {"ru": "Ждёт команду, мин", "en": "Waits for the team, min"}
