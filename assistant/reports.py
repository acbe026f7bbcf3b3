"""The weekly report to the staff chat: when it is due, and that a week has one. What it says is not the assistant's to know.

The row comes first and the document when it is shown (docs/decisions/0012-reports.md): whatever is killed or away meanwhile,
a week has one report, and a report has what is true when it is sent.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from assistant import messages
from assistant.access import agents_scope
from core.db import models
from core.db.session import ReadSession
from core.domain.access import AccessScope
from core.rules import ReportRules, Rules

LATEST: Final = timedelta(days=3)
"""A report is announced, and then shown, at most so much later than it should be."""
WEEK: Final = timedelta(days=7)
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
TOO_LATE: Final = "It could not be shown in time."


@dataclass(frozen=True, slots=True)
class Due:
    """A report that should be there by now."""

    week: date
    """As in `reports`."""
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a report shall be about."""

    scope: AccessScope
    """What the staff chat may see."""
    since: datetime
    """In the zone, as `until` is."""
    until: datetime
    zone: ZoneInfo
    language: Literal["ru", "en", "auto"]


@dataclass(frozen=True, slots=True)
class Document:
    """A report, ready to be sent."""

    caption: str
    """Masked, plain text."""
    content: bytes


MakeReport: TypeAlias = Callable[[Wanted], Awaitable[Document]]


def due_report(rules: ReportRules, zone: ZoneInfo, now: datetime) -> Due | None:
    """The latest report that should be there by now; None where there is none, or its time has passed. It is about the seven
    whole days before the one on which it is due."""
    if rules.weekday == "off":
        return None
    local = now.astimezone(zone)
    day = local.date() - timedelta(days=(local.weekday() - WEEKDAYS.index(rules.weekday)) % 7)
    if datetime.combine(day, time(rules.hour), zone) > now:
        day -= WEEK
    if now - datetime.combine(day, time(rules.hour), zone) > LATEST:
        return None
    week = day - timedelta(days=day.weekday())
    return Due(week, datetime.combine(day - WEEK, time(), zone), datetime.combine(day, time(), zone))


async def announce(session: AsyncSession, rules: Rules, now: datetime) -> None:
    """Say that a report that is due shall be shown, unless its week has one; give up what could not be shown in time."""
    await messages.give_up(session, "report", now - LATEST, TOO_LATE)
    due = due_report(rules.report, ZoneInfo(rules.time_zone), now)
    if due is None or not rules.access.staff_chat:
        return
    row = insert(models.Report).values(week=due.week, since=due.since, until=due.until)
    new = row.on_conflict_do_nothing(index_elements=["week"]).returning(models.Report.report_id)
    report_id = await session.scalar(new)
    if report_id is None:
        return
    await messages.put(
        session,
        kind="report",
        subject=report_id,
        chat_id=rules.access.staff_chat,
        sealed_chat=None,
        topic_id=None,
        reply_to=None,
        html=f"otklik-{due.since:%Y-%m-%d}-{due.until - timedelta(days=1):%Y-%m-%d}.docx",
    )


async def wanted(session: ReadSession, rules: Rules, report_id: UUID) -> Wanted:
    """What an announced report shall be about, by the rules as they stand now."""
    report = await session.get_one(models.Report, report_id)
    zone = ZoneInfo(rules.time_zone)
    since, until = report.since.astimezone(zone), report.until.astimezone(zone)
    return Wanted(agents_scope(rules.access), since, until, zone, rules.report.language)
