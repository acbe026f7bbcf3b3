"""Which chat, when, and on whose clock. They stand in the address, so that a link shows another person the same. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

from analytics.queries.inputs import Period, Step

Name: TypeAlias = Literal["chat", "period", "from", "to", "zone"]
NAMES: Final[tuple[Name, ...]] = ("chat", "period", "from", "to", "zone")
"""As they stand in the address."""

DAYS: Final[Mapping[str, int]] = {"1d": 1, "7d": 7, "30d": 30, "90d": 90, "365d": 365}
"""The periods that end now."""
DATES: Final = "dates"
"""The period between two dates, both included."""
USUAL: Final = "30d"
LONGEST: Final = timedelta(days=3_660)
EARLIEST: Final = date(2013, 8, 14)
"""Telegram's first day."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What is shown."""

    zone: ZoneInfo
    chat_id: int | None = None
    """None for all that may be seen."""
    span: str = USUAL
    """A key of `DAYS`, or `DATES`."""
    dates: tuple[date, date] | None = None
    """With `DATES` only."""

    def period(self, now: datetime) -> Period:
        """The period that they mean at a moment."""
        if self.dates is not None:
            return Period.of_dates(*self.dates, self.zone)
        return Period.last_days(DAYS[self.span], self.zone, now)


@dataclass(frozen=True, slots=True)
class Wrong:
    """A filter of the address that cannot be used. The usual one is shown instead."""

    name: Name
    value: str


def read(
    address: Mapping[str, str], chats: Collection[int], zone: ZoneInfo, zones: Collection[str]
) -> tuple[Filters, Sequence[Wrong]]:
    """What an address asks for, and what in it is wrong. `chats`: those that the visitor may see; `zone`: the usual one.

    >>> moscow = ZoneInfo("Europe/Moscow")
    >>> found, wrong = read({"chat": "-1", "period": "soon"}, [], moscow, [])
    >>> found == Filters(moscow), [one.name for one in wrong]
    (True, ['chat', 'period'])
    """
    found, wrong = Filters(zone), list[Wrong]()
    for name, value in ((name, address[name]) for name in NAMES if name in address):
        if name == "chat" and value in map(str, chats):
            found = replace(found, chat_id=int(value))
        elif name == "zone" and value in zones:
            found = replace(found, zone=ZoneInfo(value))
        elif name == "period" and value in DAYS:
            found = replace(found, span=value)
        elif name in ("chat", "zone") or (name == "period" and value != DATES):
            wrong.append(Wrong(name, value[:40]))
    if address.get("period") != DATES:
        return found, wrong
    dates = _dates(address.get("from", ""), address.get("to", ""))
    if dates is None:
        return found, [*wrong, Wrong("from", f"{address.get('from', '')[:20]} – {address.get('to', '')[:20]}")]
    return replace(found, span=DATES, dates=dates), wrong


def address_of(filters: Filters, zone: ZoneInfo) -> dict[str, str]:
    """How they stand in an address; what is usual is left out.

    >>> moscow = ZoneInfo("Europe/Moscow")
    >>> address_of(Filters(ZoneInfo("UTC"), -5, DATES, (date(2026, 3, 1), date(2026, 3, 9))), moscow)
    {'chat': '-5', 'period': 'dates', 'from': '2026-03-01', 'to': '2026-03-09', 'zone': 'UTC'}
    >>> address_of(Filters(moscow), moscow)
    {}
    """
    found: dict[str, str] = {}
    if filters.chat_id is not None:
        found["chat"] = str(filters.chat_id)
    if filters.span != USUAL:
        found["period"] = filters.span
    if filters.dates is not None:
        found["from"], found["to"] = (one.isoformat() for one in filters.dates)
    if filters.zone.key != zone.key:
        found["zone"] = filters.zone.key
    return found


def step_of(period: Period) -> Step:
    """How wide a bar is, so that there are some fifty at most.

    >>> moscow = ZoneInfo("Europe/Moscow")
    >>> [step_of(Period.last_days(days, moscow, datetime(2026, 3, 9, 12, tzinfo=moscow))) for days in (1, 7, 90, 365, 900)]
    ['hour', 'day', 'week', 'week', 'month']
    """
    days = (period.until - period.since) / timedelta(days=1)
    return "hour" if days <= 2 else "day" if days <= 60 else "week" if days <= 400 else "month"


def _dates(first: str, last: str) -> tuple[date, date] | None:
    try:
        begins, ends = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        return None
    is_right = EARLIEST <= begins <= ends <= date(9990, 1, 1) and ends - begins <= LONGEST
    return (begins, ends) if is_right else None
