"""Periods, scopes, and what every query has in common."""

import inspect
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from analytics.queries import assistant, chats, cost, now, pipeline, topics
from analytics.queries.inputs import Period, narrowed
from benchmarks.dashboard.asked import queries as measured
from benchmarks.dashboard.year import ChatYear, Said
from core.db.session import Database, Reader
from core.domain.access import AccessScope
from core.domain.lanes import Lane
from tests.analytics.queries.asking import EVERY, MOSCOW, PERIOD, QUERIES
from tests.analytics.queries.scene import everything, everywhere, index, key
from tests.ingestion.road import CHAT, NOON

OTHER = CHAT - 1
PAGES = (now, chats, topics, assistant, cost, pipeline)
NAMES = {
    f"{page.__name__.rpartition('.')[2]}.{name}"
    for page in PAGES
    for name, function in vars(page).items()
    if inspect.iscoroutinefunction(function) and function.__module__ == page.__name__ and not name.startswith("_")
}
OF_NO_CHAT = {"pipeline.dead_letters", "pipeline.alarms"}
"""Only for those who may see every chat."""


def test_every_query_is_tried_here_and_measured() -> None:
    said = Said(1, "a", False, NOON, "?", 1, Lane.LOW, 0)
    assert set(QUERIES) == NAMES
    assert {name.partition(",")[0] for name in measured(ChatYear(CHAT, [said]), key(1))} == NAMES


@pytest.mark.parametrize("scope", [EVERY, AccessScope.chats([-1])], ids=["all", "one"])
async def test_an_empty_installation_has_something_to_show_for_every_query(
    database: Database, scope: AccessScope
) -> None:
    async with database.reading() as session:
        for query in QUERIES.values():
            await query(session, scope, PERIOD)


async def test_another_chat_changes_nothing_of_what_may_be_seen(database: Database, database_url: str) -> None:
    """Whatever there is of another chat, or of none: who may see one chat is shown the same as if there were nothing else."""
    await index(database)
    await everything(database, CHAT)
    reader = Reader(database_url)
    try:
        before = await shown(reader, AccessScope.chats([CHAT]))
        empty = {name for name, found in before.items() if not found}
        assert empty == OF_NO_CHAT, "the scene has something for every query"
        await everything(database, OTHER)
        await everywhere(database)
        assert await shown(reader, AccessScope.chats([CHAT])) == before
        every = await shown(reader, EVERY)
        assert {name for name in NAMES if every[name] == before[name]} <= {
            "chats.began",  # the same in both chats
            "chats.thread_messages",  # these ask for one thing of one chat
            "topics.course",
            "topics.examples",
            "assistant.nearest_draft",
        }
    finally:
        await reader.close()


async def shown(reader: Reader, scope: AccessScope) -> dict[str, Any]:
    async with reader.reading() as session:
        return {name: await query(session, scope, PERIOD) for name, query in QUERIES.items()}


async def test_nothing_outside_the_period_is_shown(database: Database) -> None:
    await everything(database, CHAT)
    long_after = Period(NOON + timedelta(days=300), NOON + timedelta(days=310), MOSCOW)
    timeless = {
        "chats.thread_messages",
        "assistant.nearest_draft",
        "pipeline.coverage",
        "pipeline.backlog",
        "chats.titles",
        "chats.began",
    }
    async with database.reading() as session:
        for name in (
            NAMES - timeless - {"now.counters", "chats.chats", "chats.response_times", "cost.each", "cost.month"}
        ):
            found = await QUERIES[name](session, EVERY, long_after)
            assert not found or name == "cost.savings", name
        counters = await now.counters(session, EVERY, long_after, long_after.until)
        assert (counters.waiting, counters.messages_today) == (0, 0)
        assert [(one.messages, one.responses.asked) for one in await chats.chats(session, EVERY, long_after)] == [
            (0, 0)
        ]
        assert (await chats.response_times(session, EVERY, long_after)).overall.asked == 0
        assert (await cost.each(session, EVERY, long_after)).per_answer is None


def test_a_scope_is_narrowed_and_never_widened() -> None:
    both = AccessScope.chats([CHAT, OTHER])
    assert narrowed(both, []) == both
    assert narrowed(both, [OTHER, -7]) == AccessScope.chats([OTHER])
    assert narrowed(EVERY, [OTHER]) == AccessScope.chats([OTHER])
    with pytest.raises(ValueError, match="at least one named chat"):
        narrowed(both, [-7])


def test_a_period_is_whole_days_of_its_zone() -> None:
    march = Period.of_dates(date(2026, 3, 1), date(2026, 3, 31), MOSCOW)
    assert march.since == datetime(2026, 2, 28, 21, tzinfo=UTC)
    assert march.until - march.since == timedelta(days=31)
    assert march.before().until == march.since
    assert march.before().until - march.before().since == timedelta(days=31)


@pytest.mark.parametrize(
    ("since", "until", "says"),
    [(NOON, NOON, "before it ends"), (NOON.replace(tzinfo=None), NOON, "time zone")],
)
def test_what_is_no_period_is_refused(since: datetime, until: datetime, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Period(since, until, MOSCOW)
