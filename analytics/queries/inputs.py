"""What every query takes: a period, and whose chats may be seen."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final, Literal, Self, TypeAlias
from zoneinfo import ZoneInfo

from core.domain.access import AccessScope

Step: TypeAlias = Literal["hour", "day", "week", "month"]
"""How wide a bar of a chart is. Weeks begin on Monday."""


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` up to, not including, `until`; days, weeks and hours are those of the zone."""

    since: datetime
    until: datetime
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if self.since.tzinfo is None or self.until.tzinfo is None:
            raise ValueError("A period's ends must have a time zone.")
        if self.since >= self.until:
            raise ValueError(f"A period must begin before it ends: {self.since} to {self.until}.")

    @classmethod
    def last_days(cls, days: int, zone: ZoneInfo, now: datetime) -> Self:
        """Today up to now, and the whole days before it that make so many.

        >>> moscow = ZoneInfo("Europe/Moscow")
        >>> str(Period.last_days(7, moscow, datetime(2026, 3, 9, 12, tzinfo=moscow)).since)
        '2026-03-03 00:00:00+03:00'
        """
        first = now.astimezone(zone).date() - timedelta(days=days - 1)
        return cls(datetime.combine(first, time(), zone), now, zone)

    @classmethod
    def of_dates(cls, first: date, last: date, zone: ZoneInfo) -> Self:
        """Whole days, both included."""
        return cls(
            datetime.combine(first, time(), zone), datetime.combine(last + timedelta(days=1), time(), zone), zone
        )

    def before(self) -> Self:
        """As long, and ending where this one begins: what a trend is compared with."""
        return type(self)(self.since - (self.until - self.since), self.since, self.zone)

    def values(self) -> dict[str, Any]:
        """Its parameters in a statement: `since`, `until`, `zone`."""
        return {"since": self.since, "until": self.until, "zone": self.zone.key}


def narrowed(scope: AccessScope, chat_ids: Collection[int]) -> AccessScope:
    """The scope, and of it only these chats; all of it where none are named.

    Raises:
        ValueError: the scope allows none of them.
    """
    if not chat_ids:
        return scope
    return AccessScope.chats(chat_id for chat_id in chat_ids if scope.allows(chat_id))


def scoped(scope: AccessScope) -> dict[str, Any]:
    """A scope's parameters in a statement: `every_chat`, `chats`, and for answers `searchable`."""
    chats = sorted(scope.chat_ids)
    return {"every_chat": scope.every_chat, "chats": chats, "searchable": json.dumps(chats)}


SEEN_ANSWER: Final = """(CAST(:every_chat AS boolean)
    OR (a.scope->>'every_chat' = 'false' AND a.scope->'chats' <@ CAST(:searchable AS jsonb)))"""
"""The condition that an answer `a` may be seen: by those who may see every chat that it was searched in. What was searched in
all chats may quote any."""


def seen(column: str) -> str:
    """The condition that a row is of a chat that may be seen. `column`: its chat's id, a name from our own SQL."""
    return f"(CAST(:every_chat AS boolean) OR {column} = ANY(CAST(:chats AS bigint[])))"
