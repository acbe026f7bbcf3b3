"""Figures and moments as a visitor reads them. Pure."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from core.domain.language import Language
from dashboard.texts import shell as texts

NONE: Final = "—"
"""Where there is no figure."""
THIN: Final = "\N{NARROW NO-BREAK SPACE}"


def number(value: float | None, language: Language, digits: int = 0) -> str:
    """A count, or a figure with decimals.

    >>> number(1234567, "en"), number(1234.5, "ru", 1).replace(THIN, "_"), number(None, "ru")
    ('1,234,567', '1_234,5', '—')
    """
    if value is None:
        return NONE
    said = f"{value:,.{digits}f}"
    return said if language == "en" else said.replace(",", THIN).replace(".", ",")


def share(value: float | None, language: Language) -> str:
    """A share of one in percent.

    >>> share(0.875, "en"), share(0.875, "ru").replace(THIN, "_"), share(None, "en")
    ('88%', '88_%', '—')
    """
    return NONE if value is None else f"{value * 100:.0f}{'%' if language == 'en' else f'{THIN}%'}"


def dollars(value: Decimal | float | None, language: Language) -> str:
    """Money: what is small has as many digits as tell it apart from nothing.

    >>> [dollars(one, "en") for one in (1234.5, 0.25, 0.00041, 0)]
    ['$1,234.50', '$0.25', '$0.00041', '$0.00']
    """
    if value is None:
        return NONE
    amount = float(value)
    digits = 2 if amount == 0 or abs(amount) >= 0.1 else 4 if abs(amount) >= 0.01 else 5
    return f"${number(amount, language, digits)}"


def duration(value: timedelta | float | None, language: Language) -> str:
    """How long, in the two largest units that matter. A number is seconds.

    >>> [duration(one, "en") for one in (40, 65 * 60, 26 * 3600, 9 * 86400)]
    ['40 s', '1 h 5 min', '1 d 2 h', '9 d']
    """
    if value is None:
        return NONE
    seconds = int(value.total_seconds() if isinstance(value, timedelta) else value)
    if seconds < 60:
        return texts.SECONDS[language].format(count=max(seconds, 0))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days >= 7:
        return texts.DAYS_AGO[language].format(count=days)
    parts = [(texts.DAYS_AGO, days), (texts.HOURS_AGO, hours % 24), (texts.MINUTES_AGO, minutes % 60)]
    first = next(place for place, (_, count) in enumerate(parts) if count)
    return " ".join(phrase[language].format(count=count) for phrase, count in parts[first : first + 2] if count)


def ago(since: datetime, now: datetime, language: Language) -> str:
    """How long ago."""
    return texts.JUST_NOW[language] if now - since < timedelta(minutes=1) else duration(now - since, language)


def day(value: date, language: Language) -> str:
    """A date.

    >>> day(date(2026, 3, 9), "ru"), day(date(2026, 3, 9), "en")
    ('09.03.2026', '9 Mar 2026')
    """
    return f"{value:%d.%m.%Y}" if language == "ru" else f"{value.day} {value:%b %Y}"


def moment(value: datetime | None, language: Language) -> str:
    """A date with its time, on the clock that it carries."""
    return NONE if value is None else f"{day(value, language)}, {value:%H:%M}"
