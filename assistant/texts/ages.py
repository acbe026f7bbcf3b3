"""When something was said, in words: how long ago, or on which day."""

from datetime import datetime, timedelta
from typing import NamedTuple

from core.domain.counting import Forms, counted
from core.domain.language import Language


class _Unit(NamedTuple):
    length: timedelta
    ru: Forms
    en: Forms


_UNITS = (
    _Unit(timedelta(days=365), ("год", "года", "лет"), ("year", "years")),
    _Unit(timedelta(days=30), ("месяц", "месяца", "месяцев"), ("month", "months")),
    _Unit(timedelta(days=7), ("неделю", "недели", "недель"), ("week", "weeks")),
    _Unit(timedelta(days=1), ("день", "дня", "дней"), ("day", "days")),
    _Unit(timedelta(hours=1), ("час", "часа", "часов"), ("hour", "hours")),
    _Unit(timedelta(minutes=1), ("минуту", "минуты", "минут"), ("minute", "minutes")),
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
                return f"{count} {counted(count, unit.ru, language)} назад"
            return f"{count} {counted(count, unit.en, language)} ago"
    return "только что" if language == "ru" else "just now"


def day(said_at: datetime, language: Language) -> str:
    """As people write a date: `02.03.2026`, `2026-03-02`."""
    return f"{said_at:%d.%m.%Y}" if language == "ru" else f"{said_at:%Y-%m-%d}"
