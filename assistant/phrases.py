"""What the assistant itself says, in the two languages of its users."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from core.domain.language import Language

QUOTE_WITHOUT_KEY: Final[Mapping[Language, str]] = {
    "ru": "В похожем случае ({date}) отвечали так (это цитата из переписки, ключ Claude не задан):",
    "en": "In a similar case ({date}) the answer was (quoted from the chat, no Claude key is set):",
}
QUOTE_WITHOUT_MODEL: Final[Mapping[Language, str]] = {
    "ru": "Claude сейчас не ответил. В похожем случае ({date}) отвечали так (цитата из переписки):",
    "en": "Claude did not reply just now. In a similar case ({date}) the answer was (quoted from the chat):",
}
REFUSAL: Final[Mapping[Language, str]] = {
    "ru": "Не знаю: в переписке поддержки нет ответа на этот вопрос. Лучше спросить человека.",
    "en": "I don't know: the support history has no answer to this question. Better to ask a person.",
}


def quote_lead(phrases: Mapping[Language, str], language: Language, asked_at: datetime) -> str:
    """The line above a quoted answer."""
    return phrases[language].format(date=f"{asked_at:%d.%m.%Y}" if language == "ru" else f"{asked_at:%Y-%m-%d}")
