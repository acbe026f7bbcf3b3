"""When the weekly report is due, and that a week has one."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from assistant import messages
from assistant.reports import LATEST, TOO_LATE, Due, announce, due_report, wanted
from core.db.session import Database
from core.domain.access import AccessScope
from core.rules import AccessRules, ReportRules, Rules
from tests.ingestion.road import rows, value

MOSCOW = ZoneInfo("Europe/Moscow")
STAFF = -1_002_000_000_001
MONDAY = datetime(2026, 11, 30, tzinfo=MOSCOW)
WEEK = Due(date(2026, 11, 30), datetime(2026, 11, 23, tzinfo=MOSCOW), MONDAY)
RULES = Rules(access=AccessRules(staff_chat=STAFF))


def due(now: datetime, **rules: Any) -> Due | None:
    return due_report(ReportRules(**rules), MOSCOW, now)


@pytest.mark.parametrize(
    ("hours", "report"),
    [
        (8.99, None),  # the former one is late by now
        (9, WEEK),
        (33, WEEK),  # a day later
        (9 + 72, WEEK),
        (9 + 72.01, None),
        (6 * 24, None),
        (7 * 24 + 9, Due(date(2026, 12, 7), MONDAY, MONDAY + timedelta(days=7))),
    ],
)
def test_it_is_due_from_its_hour_on_for_three_days(hours: float, report: Due | None) -> None:
    assert due((MONDAY + timedelta(hours=hours)).astimezone(UTC)) == report


def test_it_is_about_the_seven_whole_days_before_its_weekday_and_belongs_to_one_week() -> None:
    friday = MONDAY + timedelta(days=4)
    found = due(friday + timedelta(hours=17), weekday="friday", hour=17)
    assert found == Due(date(2026, 11, 30), friday - timedelta(days=7), friday)
    assert due(friday + timedelta(hours=17), weekday="off") is None


def test_its_days_are_the_operators_also_where_the_clock_is_put_back() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    found = due_report(ReportRules(), berlin, datetime(2026, 10, 26, 8, tzinfo=UTC))
    assert found is not None
    assert (found.until - found.since, found.until.hour, found.since.hour) == (timedelta(days=7), 0, 0)
    assert found.until.astimezone(UTC) - found.since.astimezone(UTC) == timedelta(days=7, hours=1)


async def announced(database: Database, rules: Rules, now: datetime) -> list[dict[str, Any]]:
    async with database.transaction() as session:
        await announce(session, rules, now)
    return await rows(database, "SELECT kind, chat_id, html, failed FROM bot_messages ORDER BY made_at")


NAMED = {"kind": "report", "chat_id": STAFF, "html": "otklik-2026-11-23-2026-11-29.docx", "failed": None}


async def test_a_week_has_one_however_often_it_is_announced_and_whatever_the_rules_become(database: Database) -> None:
    at = MONDAY + timedelta(hours=9)
    assert await announced(database, RULES, at - timedelta(minutes=1)) == []
    for later in (0, 1, 30):
        assert await announced(database, RULES, at + timedelta(hours=later)) == [NAMED]
    tuesday = RULES.model_copy(update={"report": ReportRules(weekday="tuesday")})
    assert await announced(database, tuesday, at + timedelta(days=1)) == [NAMED]
    assert len(await announced(database, RULES, at + timedelta(days=7))) == 2


@pytest.mark.parametrize("rules", [Rules(), RULES.model_copy(update={"report": ReportRules(weekday="off")})])
async def test_without_a_staff_chat_or_a_weekday_there_is_none(database: Database, rules: Rules) -> None:
    assert await announced(database, rules, MONDAY + timedelta(hours=9)) == []


async def test_what_could_not_be_shown_in_time_is_given_up_and_a_card_is_not(database: Database) -> None:
    await announced(database, RULES, MONDAY + timedelta(hours=9))
    async with database.transaction() as session:
        subject = await value(database, "SELECT gen_random_uuid()")
        await messages.put(
            session, kind="card", subject=subject, chat_id=STAFF, sealed_chat=None, topic_id=None, reply_to=None, html="x"
        )  # fmt: skip
    found = await announced(database, RULES, datetime.now(UTC) + LATEST - timedelta(minutes=1))
    assert [row["failed"] for row in found if row["html"] in (NAMED["html"], "x")] == [None, None]
    found = await announced(database, RULES, datetime.now(UTC) + LATEST + timedelta(minutes=1))
    assert [row["failed"] for row in found if row["html"] in (NAMED["html"], "x")] == [TOO_LATE, None]


@pytest.mark.parametrize(
    ("chats", "scope"), [([], AccessScope.operator()), ([-5], AccessScope(False, frozenset({-5}), public=True))]
)
async def test_it_is_about_what_the_staff_chat_may_see(
    database: Database, chats: list[int], scope: AccessScope
) -> None:
    rules = Rules(access=AccessRules(staff_chat=STAFF, agent_chats=frozenset(chats)))
    await announced(database, rules, MONDAY + timedelta(hours=9))
    report_id = await value(database, "SELECT subject FROM bot_messages")
    async with database.reading() as session:
        found = await wanted(session, rules, report_id)
    assert (found.scope, found.since, found.until, found.zone) == (scope, WEEK.since, WEEK.until, MOSCOW)
    assert found.language == "auto"
