"""How much is said, how soon staff answers, what is resolved; down to the messages."""

from datetime import datetime, timedelta

import pytest

from analytics.queries import chats
from analytics.queries.chats import ThreadState, Volume, WeekHour
from analytics.queries.inputs import Period
from analytics.responding import Responses
from core.db.session import Database
from core.domain.access import AccessScope
from core.domain.lanes import Lane
from tests.analytics.queries.asking import EVERY, MOSCOW, PERIOD
from tests.analytics.queries.scene import ASKS, TELLS, THANKS, appraisal, at, said, window
from tests.ingestion.road import CHAT, NOON, PSEUDONYMS

OTHER = CHAT - 1
DAY = 1440


async def conversations(database: Database) -> None:
    """Monday at noon, Monday at 20:00, and Tuesday at noon, in Moscow; the last is never answered."""
    await said(database, (1, 0, "user1", ASKS), (2, 2, "staff1", TELLS, {"reply_to": 1}), (3, 3, "user1", THANKS))
    await said(database, (10, 480, "user2", ASKS), (11, 490, "staff1", TELLS, {"reply_to": 10}))
    await said(database, (20, DAY, "user3", "Авария, касса стоит?", {"lane": Lane.HIGH}))
    await said(database, (1, 5, "user9", "Всем привет"), chat_id=OTHER)


async def test_volume_is_counted_by_the_days_of_the_zone(database: Database) -> None:
    await conversations(database)
    async with database.reading() as session:
        days = await chats.volume(session, EVERY, PERIOD, "day")
        hours = await chats.volume(session, AccessScope.chats([CHAT]), PERIOD, "hour")
        (weeks,) = await chats.volume(session, EVERY, PERIOD, "week")
    monday = datetime(2026, 3, 2, tzinfo=MOSCOW)
    assert days == [Volume(monday, 6, 2, 0), Volume(monday + timedelta(days=1), 1, 0, 1)]
    assert [(one.at.hour, one.messages) for one in hours] == [(12, 3), (20, 2), (12, 1)]
    assert (weeks.at, weeks.messages) == (monday, 7)


async def test_the_pattern_of_the_week_puts_its_weeks_together(database: Database) -> None:
    await said(database, (1, 0, "user1", ASKS), (2, 7 * DAY, "staff1", TELLS), (3, 7 * DAY + 1, "user1", "ок"))
    two_weeks = Period(PERIOD.since, PERIOD.since + timedelta(days=14), MOSCOW)
    async with database.reading() as session:
        assert await chats.week_pattern(session, EVERY, two_weeks) == [WeekHour(1, 12, 3, 2)]


async def test_response_times_are_from_the_question_to_the_first_word_of_staff(database: Database) -> None:
    await conversations(database)
    async with database.reading() as session:
        found = await chats.response_times(session, EVERY, PERIOD)
    assert found.overall == Responses(3, 2, 360.0, 552.0)
    assert found.by_hour == {12: Responses(2, 1, 120.0, 120.0), 20: Responses(1, 1, 600.0, 600.0)}
    assert found.by_weekday == {1: Responses(2, 2, 360.0, 552.0), 2: Responses(1, 0, None, None)}
    assert set(found.by_week_hour) == {(1, 12), (1, 20), (2, 12)}


async def test_a_chat_in_a_row_with_its_resolved_share(database: Database) -> None:
    await conversations(database)
    await window(database, [1, 2, 3, 10, 11], 500, topics={"a": {"messages": [1], "resolved": True}})
    await window(database, [20], DAY, topics={"b": {"resolved": False}})
    async with database.reading() as session:
        one, other = await chats.chats(session, EVERY, PERIOD)
    assert (one.chat_id, one.messages, one.staff_messages, one.urgent) == (CHAT, 6, 2, 1)
    assert one.responses == Responses(3, 2, 360.0, 552.0)
    assert (one.waiting, one.resolved, one.unresolved, one.resolved_share) == (1, 1, 1, 0.5)
    assert (other.chat_id, other.messages, other.responses.asked, other.resolved_share) == (OTHER, 1, 0, None)


@pytest.mark.parametrize(
    ("state", "ids"),
    [
        ("all", [20, 10, 1, 1]),
        ("asked", [20, 10, 1]),
        ("open", [20]),
        ("answered", [10, 1]),
        ("resolved", [1]),
        ("unresolved", [20]),
    ],
)
async def test_threads_by_state_the_latest_first(database: Database, state: ThreadState, ids: list[int]) -> None:
    await conversations(database)
    await window(database, [1, 2, 3], 500, topics={"a": {"resolved": True}})
    await window(database, [20], DAY, topics={"b": {"resolved": False}})
    async with database.reading() as session:
        found = await chats.threads(session, EVERY, PERIOD, state=state)
        pages = [
            one
            for offset in range(len(ids))
            for one in await chats.threads(session, EVERY, PERIOD, state=state, limit=1, offset=offset)
        ]
    assert [one.thread_id for one in found] == ids
    assert pages == found


async def test_a_thread_shows_what_was_asked(database: Database) -> None:
    await said(database, (1, 0, "user1", "Добрый день!"), (2, 1, "user1", ASKS, {"reply_to": 1}))
    async with database.reading() as session:
        (one,) = await chats.threads(session, EVERY, PERIOD)
    assert (one.text, one.asked_id, one.link) == (ASKS, 2, "https://t.me/c/1234567890/2")
    assert (one.asker, one.open_at, one.messages) == (PSEUDONYMS.person("user1"), at(1), 2)


async def test_the_messages_of_a_thread_in_their_order(database: Database) -> None:
    await conversations(database)
    await appraisal(database, 1, category="outage")
    async with database.reading() as session:
        found = await chats.thread_messages(session, EVERY, PERIOD, CHAT, 1)
        assert await chats.thread_messages(session, AccessScope.chats([OTHER]), PERIOD, CHAT, 1) == []
    assert [(one.message_id, one.is_staff, one.text) for one in found] == [
        (1, False, ASKS),
        (2, True, TELLS),
        (3, False, THANKS),
    ]
    assert (found[0].category, found[1].category, found[1].reply_to) == ("outage", None, 1)
    assert found[0].sent_at == NOON


async def test_of_a_long_thread_the_latest_messages_are_shown(database: Database) -> None:
    count = chats.MESSAGES + 20
    await said(database, *((n, n / 100, "user1", "ок", {"reply_to": n - 1 or None}) for n in range(1, count + 1)))
    async with database.reading() as session:
        found = await chats.thread_messages(session, EVERY, PERIOD, CHAT, 1)
    assert [found[0].message_id, found[-1].message_id, len(found)] == [21, count, chats.MESSAGES]
