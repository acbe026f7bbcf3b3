"""What the staff chat is told of money. In both languages: nobody has asked in one."""

from collections.abc import Mapping
from typing import Final

from assistant.texts.phrases import Phrase
from assistant.texts.pieces import Piece, Style, to_html
from core.domain.language import Language
from core.llm.budget import TOTAL, Period

LANGUAGES: Final[tuple[Language, ...]] = ("ru", "en")

USED_UP: Final[Phrase] = {
    "ru": "💸 Израсходовано {percent} % бюджета Claude {period}{purpose}.",
    "en": "💸 {percent} % of the Claude budget {period}{purpose} is used up.",
}
PERIODS: Final[Mapping[Period, Phrase]] = {
    Period.DAY: {"ru": "на сегодня", "en": "for today"},
    Period.MONTH: {"ru": "на этот месяц", "en": "for this month"},
}
THEREFORE: Final[Mapping[int, Phrase]] = {
    80: {
        "ru": "Разбор чатов по окнам теперь ждёт; ответы и срочные сообщения идут как раньше.",
        "en": "The reading of chats in windows waits from now on; answers and urgent messages go on.",
    },
    100: {
        "ru": "Claude больше не спрашивают: ответы даются цитатами, срочное читают правила.",
        "en": "Claude is asked no more: answers are quotations, and rules read what is urgent.",
    },
}
"""What the shares of the whole budget mean: see `core.llm.budget.SHARES`."""
STOPPED: Final[Phrase] = {
    "ru": "На это Claude больше не спрашивают.",
    "en": "Claude is not asked for this any more.",
}


def alarm_html(budget: str, period: Period, percent: int) -> str:
    """That a share of a budget, of `total` or of one purpose, is used up, and what follows from it."""
    pieces: list[Piece] = []
    for language in LANGUAGES:
        purpose = "" if budget == TOTAL else f" ({budget})"
        used_up = USED_UP[language].format(percent=percent, period=PERIODS[period][language], purpose=purpose)
        pieces += [Piece("\n\n" if pieces else ""), Piece(used_up, Style.BOLD)]
        therefore = THEREFORE.get(percent) if budget == TOTAL else STOPPED if percent == 100 else None
        if therefore:
            pieces.append(Piece(f" {therefore[language]}"))
    return to_html(pieces)
