"""What `otklik export` does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from analytics.exports.exporting import export
from analytics.exports.forms import FORMS
from analytics.exports.tables import TABLES
from analytics.queries.inputs import Period
from core.domain.access import AccessScope
from core.errors import BadInput
from core.settings import Settings
from otklik.files import whole_file
from otklik.progress import Bar
from otklik.reading import resolve_chats
from otklik.wiring import runtime

BEGINNING, END = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""Nothing is held from outside of this."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be exported, as it was given."""

    table: str
    form: str
    path: Path
    since: date | None
    until: date | None
    chats: Sequence[int]
    force: bool


async def export_file(settings: Settings, wanted: Wanted) -> int:
    """Write the file; returns its rows.

    Raises:
        BadInput: the days, a chat or the file's name cannot be used.
        OtklikError: a server cannot be reached, or the file cannot be written.
    """
    if wanted.since and wanted.until and wanted.since > wanted.until:
        raise BadInput(f"--since {wanted.since} is after --until {wanted.until}; give the earlier day first.")
    with whole_file(wanted.path, force=wanted.force) as file:
        async with runtime(settings) as parts:
            period = _period(wanted.since, wanted.until, ZoneInfo(parts.rules.current().time_zone))
            table = TABLES[wanted.table]
            form = FORMS[wanted.form](file, table.columns, period.zone)
            async with parts.database.reading() as session:
                held = await resolve_chats(session, wanted.chats)
                scope = AccessScope.chats(held) if held else AccessScope.operator()
                with Bar() as bar:
                    bar.begin(f"exporting {table.name}", None)
                    return await export(session, table, scope, period, form, bar)


def day_of(written: str) -> date:
    """The day that was given.

    Raises:
        BadInput: it is none.
    """
    try:
        day = date.fromisoformat(written.strip())
    except ValueError:
        day = END.date()
    if not BEGINNING.date() <= day < END.date():
        raise BadInput(f"{written!r} is not a date; write it like 2026-11-01.")
    return day


def _period(since: date | None, until: date | None, zone: ZoneInfo) -> Period:
    """The days that were given, both included; what is not given is open."""
    first = BEGINNING if since is None else datetime.combine(since, time(), zone)
    last = END if until is None else datetime.combine(until + timedelta(days=1), time(), zone)
    return Period(first, last, zone)
