"""*Topics*."""

from collections.abc import Mapping
from typing import Final

from dashboard.texts.phrase import Phrase

TOPICS: Final[Phrase] = {"ru": "Тем", "en": "Topics"}
NEW: Final[Phrase] = {"ru": "Новых", "en": "New"}
NEW_HELP: Final[Phrase] = {
    "ru": "О чём раньше не говорили ни разу, а за период — хотя бы в пяти сообщениях.",
    "en": "What was never talked about before, and in five messages of the period at least.",
}
RISING: Final[Phrase] = {"ru": "Растущих", "en": "Rising"}
RISING_HELP: Final[Phrase] = {
    "ru": "Заметно больше, чем за такой же период до этого: в полтора раза и сильнее случайности.",
    "en": "Clearly more than in the period before: by half at least, and by more than chance.",
}
MOOD: Final[Phrase] = {"ru": "Настроение клиентов", "en": "Mood of clients"}
MOOD_HELP: Final[Phrase] = {
    "ru": "От −1 (злятся) до 1 (довольны), в среднем по периоду.",
    "en": "From −1 (angry) to 1 (happy), the mean of the period.",
}
UNRESOLVED: Final[Phrase] = {"ru": "Не решено", "en": "Not resolved"}
UNRESOLVED_HELP: Final[Phrase] = {
    "ru": "Доля обсуждений, которые анализ счёл нерешёнными, среди тех, о которых он может судить.",
    "en": "Of the discussions that the analysis can tell about, those that it calls unresolved.",
}

COURSE: Final[Phrase] = {"ru": "О чём пишут", "en": "What is written about"}
COURSE_NOTE: Final[Phrase] = {"ru": "Самые частые темы периода.", "en": "The most frequent topics of the period."}
MOOD_COURSE: Final[Phrase] = {"ru": "Как меняется настроение", "en": "How the mood changes"}
SENTIMENT: Final[Phrase] = {"ru": "Настроение", "en": "Mood"}
ALL_TOPICS: Final[Phrase] = {"ru": "Все темы", "en": "All topics"}
BY_RULES: Final[Phrase] = {
    "ru": "Без ключа Claude темы находят простые правила: это слова, о которых говорят чаще.",
    "en": "Without a Claude key simple rules find the topics: words that are spoken of more often.",
}

TOPIC: Final[Phrase] = {"ru": "Тема", "en": "Topic"}
MESSAGES: Final[Phrase] = {"ru": "Сообщений", "en": "Messages"}
BEFORE: Final[Phrase] = {"ru": "Было", "en": "Before"}
TREND: Final[Phrase] = {"ru": "Ход", "en": "Trend"}
TRENDS: Final[Mapping[str, Phrase]] = {
    "new": {"ru": "новая", "en": "new"},
    "rising": {"ru": "растёт", "en": "rising"},
    "falling": {"ru": "спадает", "en": "falling"},
    "steady": {"ru": "ровно", "en": "steady"},
}
RESOLVED: Final[Phrase] = {"ru": "Решено", "en": "Resolved"}
FIRST: Final[Phrase] = {"ru": "Впервые", "en": "First"}
WHEN: Final[Phrase] = {"ru": "Когда", "en": "When"}
WINDOWS: Final[Phrase] = {"ru": "Окон", "en": "Windows"}
ANGRY: Final[Phrase] = {"ru": "Из них сердитых", "en": "Of these angry"}

EXAMPLES: Final[Phrase] = {"ru": "Примеры", "en": "Examples"}
CHOOSE: Final[Phrase] = {"ru": "Тема", "en": "Topic"}
NO_EXAMPLES: Final[Phrase] = {
    "ru": "Сообщений этой темы больше нет.",
    "en": "There are no messages of this topic any more.",
}
PROBLEM: Final[Phrase] = {"ru": "Что не работало", "en": "What did not work"}
THREAD: Final[Phrase] = {"ru": "Вся переписка", "en": "The whole thread"}
IS_RESOLVED: Final[Phrase] = {"ru": "решено", "en": "resolved"}
IS_UNRESOLVED: Final[Phrase] = {"ru": "не решено", "en": "not resolved"}
NOTHING: Final[Phrase] = {
    "ru": "За этот период анализ тем не нашёл. Он идёт в роли analyze: `otklik analyze` или `otklik up`.",
    "en": "The analysis found no topics in this period. It runs in the analyze role: `otklik analyze` or `otklik up`.",
}
