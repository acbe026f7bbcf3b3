"""What `otklik report` does: facts from the tables, drawn and written in a thread."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from analytics.queries.inputs import Period
from analytics.reports.facts import Facts, gather, language_in
from analytics.reports.sentences import caption
from assistant import reports
from assistant.reports import MakeReport
from core.domain.access import AccessScope
from core.domain.language import Language
from core.errors import BadInput
from core.settings import Settings
from otklik.files import whole_file
from otklik.reading import resolve_chats
from otklik.wiring import Runtime, runtime


@dataclass(frozen=True, slots=True)
class Wanted:
    """A report as it was asked for."""

    chats: Sequence[int]
    """None of them means all."""
    since: date
    until: date | None
    """The last day; None for up to now."""
    path: Path
    language: Language | None
    """None for that of the chats."""
    force: bool


@dataclass(frozen=True, slots=True)
class Made:
    """A report."""

    facts: Facts
    language: Language
    content: bytes


async def write_report(settings: Settings, wanted: Wanted) -> Made:
    """Write the file.

    Raises:
        BadInput: the days, a chat or the file's name cannot be used.
        OtklikError: a server cannot be reached, or the file cannot be written.
    """
    if wanted.path.suffix.lower() != ".docx":
        raise BadInput(f"{wanted.path} would be a Word document; end its name with .docx.")
    with whole_file(wanted.path, force=wanted.force) as file:
        async with runtime(settings) as parts:
            period = period_of(wanted.since, wanted.until, parts.zone, datetime.now(UTC))
            async with parts.database.reading() as session:
                held = await resolve_chats(session, wanted.chats)
            scope = AccessScope.chats(held) if held else AccessScope.operator()
            made = await make_report(parts, scope, period, wanted.language)
        file.write(made.content)
    return made


async def make_report(parts: Runtime, scope: AccessScope, period: Period, language: Language | None) -> Made:
    """The report on these chats, in the language of most of what is said in them unless another is wanted."""
    async with parts.database.reading() as session:
        facts = await gather(session, scope, period, parts.purse(), parts.prices(), datetime.now(UTC))
        chosen = language or await language_in(session, scope, period)
    return Made(facts, chosen, await asyncio.to_thread(_document, facts, chosen, parts.settings.home))


def weekly(parts: Runtime) -> MakeReport:
    """Makes what the bot sends to the staff chat by itself."""

    async def make(wanted: reports.Wanted) -> reports.Document:
        period = Period(wanted.since, wanted.until, wanted.zone)
        language = None if wanted.language == "auto" else wanted.language
        made = await make_report(parts, wanted.scope, period, language)
        return reports.Document(caption(made.facts, made.language), made.content)

    return make


def period_of(since: date, until: date | None, zone: ZoneInfo, now: datetime) -> Period:
    """Whole days, both included; today's as far as its present hour.

    Raises:
        BadInput: they are in the future, or in the wrong order.
    """
    today = now.astimezone(zone).date()
    for name, day in (("--since", since), ("--until", until)):
        if day is not None and day > today:
            raise BadInput(f"{name} {day} is in the future; today is {today}.")
    last = until or today
    if last < since:
        raise BadInput(f"--since {since} is after --until {last}; give the earlier day first.")
    if last < today:
        return Period.of_dates(since, last, zone)
    hour = now.astimezone(zone).replace(minute=0, second=0, microsecond=0)
    return Period(datetime.combine(since, time(), zone), hour + timedelta(hours=1), zone)


def _document(facts: Facts, language: Language, home: Path) -> bytes:
    """Matplotlib looks for the machine's fonts at its first import, for a second or two, and keeps what it found where it is
    told to: a service has no other home."""
    os.environ.setdefault("MPLCONFIGDIR", str(home / "matplotlib"))
    from analytics.reports.document import document_of

    return document_of(facts, language)
