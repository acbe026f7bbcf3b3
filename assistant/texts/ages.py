"""When something was said, in words: how long ago, or on which day."""

from datetime import datetime, timedelta
from typing import NamedTuple

from core.domain.language import Language


class _Unit(NamedTuple):
    length: timedelta
    ru: tuple[str, str, str]
    """For 1, 2 and 5 of them."""
    en: str


_UNITS = (
    _Unit(timedelta(days=365), ("год", "года", "лет"), "year"),
    _Unit(timedelta(days=30), ("месяц", "месяца", "месяцев"), "month"),
    _Unit(timedelta(days=7), ("неделю", "недели", "недель"), "week"),
    _Unit(timedelta(days=1), ("день", "дня", "дней"), "day"),
    _Unit(timedelta(hours=1), ("час", "часа", "часов"), "hour"),
    _Unit(timedelta(minutes=1), ("минуту", "минуты", "минут"), "minute"),
)


def age(said_at: datetime, now: datetime, language: Language) -> str:
    """In the largest unit that fits, rounded down. A clock that is behind makes nothing older than now.

    >>> from datetime import UTC
    >>> age(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 4, tzinfo=UTC), "ru")
    '3 дня назад'
    >>> age(datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 3, 4, tzinfo=UTC), "en")
    '1 year ago'
    """
    for unit in _UNITS:
        count = (now - said_at) // unit.length
        if count > 0:
            if language == "ru":
                return f"{count} {_counted(count, unit.ru)} назад"
            return f"{count} {unit.en}{'s' if count > 1 else ''} ago"
    return "только что" if language == "ru" else "just now"


def day(said_at: datetime, language: Language) -> str:
    """As people write a date: `02.03.2026`, `2026-03-02`."""
    return f"{said_at:%d.%m.%Y}" if language == "ru" else f"{said_at:%Y-%m-%d}"


def _counted(count: int, forms: tuple[str, str, str]) -> str:
    one, few, many = forms
    if 11 <= count % 100 <= 14:
        return many
    match count % 10:
        case 1:
            return one
        case 2 | 3 | 4:
            return few
    return many
