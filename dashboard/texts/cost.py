"""*Cost*."""

from collections.abc import Mapping
from typing import Final

from dashboard.texts.phrase import Phrase

SPENT: Final[Phrase] = {"ru": "За период", "en": "In the period"}
TODAY: Final[Phrase] = {"ru": "Сегодня", "en": "Today"}
OF_BUDGET: Final[Phrase] = {"ru": "из {budget}", "en": "of {budget}"}
MONTH: Final[Phrase] = {"ru": "С начала месяца", "en": "This month so far"}
FORECAST: Final[Phrase] = {"ru": "Прогноз на месяц", "en": "Forecast for the month"}
FORECAST_HELP: Final[Phrase] = {
    "ru": "Потраченное и среднее за последние 14 дней, умноженное на оставшиеся.",
    "en": "What is spent, and the mean of the last 14 days for the days that are left.",
}
PER_MESSAGE: Final[Phrase] = {"ru": "На сообщение", "en": "Per message"}
PER_MESSAGE_HELP: Final[Phrase] = {
    "ru": "Анализ переписки, делённый на все сообщения периода, в том числе не прочитанные моделью.",
    "en": "The analysis, over all messages of the period, also those that no model had to read.",
}
PER_ANSWER: Final[Phrase] = {"ru": "На ответ", "en": "Per answer"}
PER_ANSWER_HELP: Final[Phrase] = {
    "ru": "Ответы, уточнения и черновики, делённые на ответы, которые написал Claude.",
    "en": "Answers, follow-ups and drafts, over the answers that Claude wrote.",
}
BATCHING: Final[Phrase] = {"ru": "Сберёг пакетный API", "en": "Saved by batching"}
CACHING: Final[Phrase] = {"ru": "Сберёг кэш", "en": "Saved by caching"}

BY_DAY: Final[Phrase] = {"ru": "По дням", "en": "By day"}
BY_PURPOSE: Final[Phrase] = {"ru": "На что", "en": "By purpose"}
BY_MODEL: Final[Phrase] = {"ru": "По моделям", "en": "By model"}
BY_CHAT: Final[Phrase] = {"ru": "По чатам", "en": "By chat"}
PURPOSES: Final[Mapping[str, Phrase]] = {
    "answer": {"ru": "Ответы", "en": "Answers"},
    "condense": {"ru": "Уточняющие вопросы", "en": "Follow-ups"},
    "suggestion": {"ru": "Черновики", "en": "Drafts"},
    "analysis.fast": {"ru": "Анализ срочного", "en": "Analysis, urgent"},
    "analysis.batch": {"ru": "Анализ переписки", "en": "Analysis, the rest"},
    "eval": {"ru": "Проверки", "en": "Evals"},
    "judge": {"ru": "Судья в проверках", "en": "Judge in evals"},
}
DAY: Final[Phrase] = {"ru": "День", "en": "Day"}
PURPOSE: Final[Phrase] = {"ru": "На что", "en": "Purpose"}
MODEL: Final[Phrase] = {"ru": "Модель", "en": "Model"}
DOLLARS: Final[Phrase] = {"ru": "Доллары", "en": "Dollars"}
CALLS: Final[Phrase] = {"ru": "Запросов", "en": "Requests"}
UNPRICED: Final[Phrase] = {"ru": "Без цены", "en": "Unpriced"}
UNPRICED_HELP: Final[Phrase] = {
    "ru": "Запросы, цену которых узнать нельзя: они посчитаны по наибольшей возможной.",
    "en": "Requests whose price nobody can know: they count with the most that they can have cost.",
}
MESSAGES: Final[Phrase] = {"ru": "Сообщений", "en": "Messages"}
SHARED: Final[Phrase] = {"ru": "Ни к одному чату не относится", "en": "About no single chat"}
OVER: Final[Phrase] = {
    "ru": "При таких расходах бюджет месяца ({budget}) кончится {date}. Дальше ответы будут цитатами, а анализ — по правилам.",
    "en": "At this rate the month's budget ({budget}) is used up on {date}. From then on answers are quoted, and rules read.",
}
NOTHING: Final[Phrase] = {
    "ru": "За этот период Claude ни о чём не спрашивали, поэтому расходов нет.",
    "en": "Claude was not asked anything in this period, so nothing was spent.",
}
WITHOUT_KEY: Final[Phrase] = {
    "ru": "Ключа Claude нет (ANTHROPIC_API_KEY): ответы — цитаты, анализ идёт по правилам, и всё это бесплатно.",
    "en": "There is no Claude key (ANTHROPIC_API_KEY): answers are quoted, rules read, and all of it is free.",
}
