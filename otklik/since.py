"""A moment as a person writes it."""

import re
from datetime import UTC, date, datetime, time, timedelta

from core.errors import BadInput

_SPAN = re.compile(r"(\d{1,4})([dh])", re.ASCII)
_UNITS = {"d": "days", "h": "hours"}


def began(since: str) -> datetime:
    """The moment that `--since` means.

    Raises:
        BadInput: it is neither a time span nor a date.

    >>> began("2026-11-01").isoformat()
    '2026-11-01T00:00:00+00:00'
    """
    if span := _SPAN.fullmatch(since.strip()):
        return datetime.now(UTC) - timedelta(**{_UNITS[span[2]]: int(span[1])})
    try:
        return datetime.combine(date.fromisoformat(since.strip()), time(), UTC)
    except ValueError:
        raise BadInput(f"{since!r} is not a time; write it like 30d, 12h or 2026-11-01.") from None
