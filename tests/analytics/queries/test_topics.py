"""What is talked about, more than before or for the first time, with examples."""

from datetime import datetime, timedelta
from typing import Any

from analytics.queries import topics
from analytics.queries.inputs import Period
from analytics.trends import Trend
from core.db.session import Database
from tests.analytics.queries.asking import EVERY, MOSCOW, PERIOD
from tests.analytics.queries.scene import ASKS, TELLS, key, said, window
from tests.ingestion.road import CHAT

DAY = 1440
SECOND_WEEK = Period(PERIOD.until, PERIOD.until + timedelta(days=7), MOSCOW)
"""The period begins a day before NOON and lasts a week."""
BEFORE, LATER = 2 * DAY, 9 * DAY


async def test_topics_are_compared_with_the_period_before(database: Database) -> None:
    await said(database, *((n, n, "user1", "ок") for n in range(1, 60)))
    before: dict[str, dict[str, Any]] = {
        "касса": {"messages": range(1, 6)},
        "чек": {"messages": range(1, 21)},
        "склад": {"messages": [7]},
    }
    await window(database, range(1, 21), BEFORE, topics=before)
    later: dict[str, dict[str, Any]] = {
        "касса": {"messages": range(21, 41), "sentiment": -1.0, "resolved": False},
        "чек": {"messages": range(21, 24), "resolved": True},
        "весы": {"messages": range(41, 46)},
    }
    await window(database, range(21, 46), LATER, topics=later)
    await window(database, range(46, 51), LATER + 1, topics={"касса": {"messages": range(46, 51), "sentiment": 0.0}})
    async with database.reading() as session:
        found = await topics.topics(session, EVERY, SECOND_WEEK)
        (first,) = await topics.topics(session, EVERY, SECOND_WEEK, limit=1)
    assert [(one.name, one.messages, one.before, one.trend) for one in found] == [
        ("касса", 25, 5, Trend.RISING),
        ("весы", 5, 0, Trend.NEW),
        ("чек", 3, 20, Trend.FALLING),
    ]
    assert first == found[0]
    assert (first.sentiment, first.resolved, first.unresolved) == (-0.8, 0, 1)
    assert (found[2].resolved, found[2].unresolved) == (1, 0)
    assert first.first_at < SECOND_WEEK.since


async def test_the_course_of_a_topic_step_by_step(database: Database) -> None:
    await said(database, *((n, n, "user1", "ок") for n in range(1, 10)))
    for minute, messages, mood in ((10, [1, 2, 3], 1.0), (20, [4], -1.0), (DAY, [5, 6], 0.5)):
        await window(database, messages, minute, topics={"касса": {"sentiment": mood}, "чек": {"messages": []}})
    ids = [key("topic", CHAT, name) for name in ("касса", "чек")]
    async with database.reading() as session:
        found = await topics.course(session, EVERY, PERIOD, ids, "day")
        assert await topics.course(session, EVERY, PERIOD, [], "day") == []
    assert [(one.at, one.messages, one.sentiment) for one in found] == [
        (datetime(2026, 3, 2, tzinfo=MOSCOW), 4, 0.5),
        (datetime(2026, 3, 3, tzinfo=MOSCOW), 2, 0.5),
    ]


async def test_the_mood_is_the_mean_of_the_windows_that_have_one(database: Database) -> None:
    await said(database, (1, 1, "user1", ASKS))
    for minute, mood in ((1, -0.9), (2, 0.5), (3, None)):
        await window(database, [], minute, sentiment=mood)
    async with database.reading() as session:
        (found,) = await topics.mood(session, EVERY, PERIOD, "day")
    assert (round(found.sentiment, 6), found.windows, found.angry) == (-0.2, 2, 1)


async def test_an_example_is_what_a_client_said_the_latest_first(database: Database) -> None:
    await said(
        database, (1, 1, "staff1", TELLS), (2, 2, "user1", ASKS), (3, 3, "user1", "ок"), (4, 500, "user2", "Снова чек?")
    )
    await window(database, [1, 2, 3], 4, topics={"чек": {"problem": "не печатает", "resolved": True}})
    await window(database, [4], 600, topics={"чек": {}})
    async with database.reading() as session:
        latest, first = await topics.examples(session, EVERY, PERIOD, key("topic", CHAT, "чек"))
        (only,) = await topics.examples(session, EVERY, PERIOD, key("topic", CHAT, "чек"), limit=1)
    assert (latest.message_id, latest.text) == (4, "Снова чек?")
    assert (first.message_id, first.problem, first.resolved) == (2, "не печатает", True)
    assert (first.link, first.thread_id) == ("https://t.me/c/1234567890/2", 2)
    assert only == latest
