"""Numbers as people write them, in Russian and English. Pure."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from math import ceil
from typing import Final, NamedTuple

from core.domain.counting import Forms, counted
from core.domain.language import Language

NBSP: Final = "\u00a0"
"""Between a number and what belongs to it: no line ends there."""
PERCENT_FROM: Final = 20
"""Below it a change is told as a difference: nobody calls two instead of one 100 %."""
TIMES_FROM: Final = 2.0
"""From so many times as much on, nobody says per cent."""


class _Unit(NamedTuple):
    minutes: int
    words: Mapping[Language, Forms]
    """In Russian as after "за"."""
    short: Mapping[Language, str]


_UNITS: Final = (
    _Unit(1_440, {"ru": ("день", "дня", "дней"), "en": ("day", "days")}, {"ru": "дн.", "en": "d"}),
    _Unit(60, {"ru": ("час", "часа", "часов"), "en": ("hour", "hours")}, {"ru": "ч", "en": "h"}),
    _Unit(1, {"ru": ("минуту", "минуты", "минут"), "en": ("minute", "minutes")}, {"ru": "мин", "en": "min"}),
)
_TIMES: Final[Mapping[Language, Forms]] = {"ru": ("раз", "раза", "раз"), "en": ("time", "times")}
_SAID: Final[Mapping[str, Mapping[Language, tuple[str, str]]]] = {
    "same": {"ru": ("столько же", ", сколько {than}"), "en": ("as many", " as {than}")},
    "almost": {"ru": ("почти столько же", ", сколько {than}"), "en": ("almost as many", " as {than}")},
    "none": {"ru": ("в прошлом периоде ни одного", ""), "en": ("none in the period before", "")},
    "gone": {"ru": ("против {much}", " {than}"), "en": ("against {much}", " {than}")},
    "more": {"ru": ("на {much} больше", ", чем {than}"), "en": ("{much} more", " than {than}")},
    "less": {"ru": ("на {much} меньше", ", чем {than}"), "en": ("{much} fewer", " than {than}")},
    "times": {"ru": ("в {much} больше", ", чем {than}"), "en": ("{much} as many", " as {than}")},
}
"""By how a count has changed: what is said of it, and what it is compared with."""


def number(count: int, language: Language) -> str:
    """With its thousands apart: "12,345", "12 345"."""
    return decimal(count, 0, language)


def decimal(value: float | Decimal, digits: int, language: Language) -> str:
    """With so many digits after the point, which is a comma in Russian."""
    written = f"{value:,.{digits}f}"
    return written if language == "en" else written.replace(",", NBSP).replace(".", ",")


def things(count: int, forms: Forms, language: Language) -> str:
    """So many of something: "21 вопрос", "22 вопроса"."""
    return f"{number(count, language)}{NBSP}{counted(count, forms, language)}"


def days(count: int, language: Language) -> str:
    """So many days."""
    return things(count, _UNITS[0].words[language], language)


def percent(share: float, language: Language) -> str:
    """A share in whole per cents."""
    return f"{share * 100:.0f}%" if language == "en" else f"{share * 100:.0f}{NBSP}%"


def dollars(amount: Decimal, language: Language) -> str:
    """To the cent; below a dollar to the second digit that counts.

    >>> [dollars(Decimal(amount), "en") for amount in ("1234.5", "12.349", "0.0601", "0.01234", "0")]
    ['$1,234.50', '$12.35', '$0.06', '$0.012', '$0']
    """
    rounded = round(amount, max(2, 1 - amount.adjusted()) if amount else 0).normalize()
    digits = max(2, -int(rounded.as_tuple().exponent)) if rounded else 0
    written = decimal(rounded, digits, language)
    return f"${written}" if language == "en" else f"{written}{NBSP}$"


def minutes_up(seconds: float) -> int:
    """Whole minutes that are enough: what took 61 seconds was done within 2."""
    return max(1, ceil(seconds / 60))


def minutes_down(seconds: float) -> int:
    """Whole minutes that have gone; the first counts as soon as it begins."""
    return max(1, int(seconds // 60))


def duration(minutes: int, language: Language) -> str:
    """In words, the two largest units: "1 час 40 минут"."""
    return _in_units(minutes, lambda count, unit: things(count, unit.words[language], language))


def short_duration(minutes: int, language: Language) -> str:
    """For tables and charts: "1 ч 40 мин"."""
    return _in_units(minutes, lambda count, unit: f"{count}{NBSP}{unit.short[language]}")


def _in_units(minutes: int, written: Callable[[int, _Unit], str]) -> str:
    """The largest unit that fits, and the next one where something is left for it."""
    place = next(place for place, unit in enumerate(_UNITS) if minutes >= unit.minutes)
    count, rest = divmod(minutes, _UNITS[place].minutes)
    parts = [written(count, _UNITS[place])]
    if place + 1 < len(_UNITS) and (left := rest // _UNITS[place + 1].minutes):
        parts.append(written(left, _UNITS[place + 1]))
    return NBSP.join(parts)


def change(now: int, before: int, language: Language, than: str = "") -> str:
    """How a count has changed, to be put after it. `than`: what the former one is of, as "in the 7 days before"; left out
    where it was just said.

    >>> change(112, 100, "ru", "в предыдущие 7 дней").replace(NBSP, " ")
    'на 12 % больше, чем в предыдущие 7 дней'
    >>> [change(now, before, "en") for now, before in ((3, 2), (100, 112), (30, 0), (0, 30))]
    ['1 more', '11% fewer', 'none in the period before', 'against 30']
    """
    how, much = _changed(now, before, language)
    said, comparison = _SAID[how][language]
    return f"{said}{comparison if than else ''}".format(much=much, than=than)


def _changed(now: int, before: int, language: Language) -> tuple[str, str]:
    """The way to say it, and the number in it."""
    if now == before:
        return "same", ""
    if not before:
        return "none", ""
    if not now:
        return "gone", number(before, language)
    how = "more" if now > before else "less"
    if before < PERCENT_FROM:
        return how, number(abs(now - before), language)
    if now >= TIMES_FROM * before:
        return "times", _times(now / before, language)
    share = abs(now / before - 1)
    return ("almost", "") if share < 0.005 else (how, percent(share, language))


def _times(times: float, language: Language) -> str:
    digits = 1 if times < 9.95 and round(times, 1) % 1 else 0
    if language == "ru" and digits:
        return f"{decimal(times, digits, 'ru')}{NBSP}раза"  # a fraction is never "раз"
    if language == "en" and not digits and round(times) == 2:
        return "twice"
    return f"{decimal(times, digits, language)}{NBSP}{counted(round(times), _TIMES[language], language)}"
