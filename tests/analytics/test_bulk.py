"""Windows in the vendor's batches: stored like any other, once, whatever fails, expires, is edited or dies in between."""

from datetime import UTC, datetime

from sqlalchemy import update

from analytics import queue
from analytics.analysis.windows import WindowAnalyst
from analytics.bulk import BulkLane
from core.db.models import AnalysisWindow
from core.db.session import Database
from core.llm.gateway import Gateway
from core.llm.prompts import PromptRegistry
from core.rules import BatchRules, Rules
from tests.analytics.scene import MODEL, batch_lane, mask, model, said, stored
from tests.fakes.anthropic_script import Says
from tests.ingestion.road import CHAT, put, rows, value

BULK = Rules(batch=BatchRules(messages=5, minutes=5, api="batches"))
STATES = "SELECT state, count(*) FROM analysis_windows GROUP BY state"


async def windows(database: Database, door: Gateway, count: int = 3) -> BulkLane:
    """A lane, and so many windows that are due, each of a chat of its own."""
    for chat in range(count):
        await stored(database, *[said(n, "Не печатается чек, что делать?", chat_id=CHAT - chat) for n in range(1, 6)])
    lane = batch_lane(database, door, lambda: BULK)
    await lane.cut()
    assert not await lane.step(), "they are not asked about one by one"
    return BulkLane(database, lane, WindowAnalyst(door, PromptRegistry(), MODEL, mask), door.batches)


async def states(database: Database) -> dict[str, int]:
    return {row["state"]: row["count"] for row in await rows(database, STATES)}


async def due_now(database: Database) -> None:
    """As if the pause, or the lease, were over."""
    now = datetime.now(UTC)
    async with database.transaction() as session:
        ready = update(AnalysisWindow).where(AnalysisWindow.state == "ready")
        await session.execute(ready.values(due_at=now))
        claimed = update(AnalysisWindow).where(AnalysisWindow.state == "analysing")
        await session.execute(claimed.values(leased_until=now))


async def test_windows_are_handed_in_together_and_stored_like_any_other(database: Database) -> None:
    async with model(database) as (server, door):
        server.desk.at_once = False
        bulk = await windows(database, door)
        assert await bulk.submit()
        assert not await bulk.submit()
        await bulk.collect()
        assert await states(database) == {"submitted": 3}
        server.desk.work()
        await bulk.collect()
        await bulk.collect()
        assert len(server.desk.batches) == 1
        assert await value(database, "SELECT sum(price) FROM model_calls") == server.charged > 0
        assert await value(database, "SELECT count(DISTINCT chat_id) FROM model_calls") == 3
    assert await states(database) == {"done": 3}
    assert await value(database, "SELECT count(*) FROM window_topics") == 3
    assert await value(database, "SELECT count(*) FROM appraisals WHERE requires_response") == 3
    paid = "SELECT count(*) FROM analysis_windows JOIN model_calls USING (call_id) WHERE api = 'batches' AND outcome = 'ok'"
    assert await value(database, paid) == 3


async def test_what_expires_or_breaks_the_schema_is_done_again(database: Database) -> None:
    async with model(database, Says.text('{"summary": 1}')) as (server, door):
        server.desk.at_once = False
        bulk = await windows(database, door)
        await bulk.submit()
        server.desk.work(expired=1)
        await bulk.collect()
        assert await states(database) == {"done": 1, "ready": 2}
        assert await value(database, "SELECT array_agg(tries) FROM analysis_windows WHERE state = 'ready'") == [1, 1]
        assert not await bulk.submit(), "not before a pause"
        await due_now(database)
        assert await bulk.submit()
        server.desk.work()
        await bulk.collect()
        assert await value(database, "SELECT sum(price) FROM model_calls") == server.charged
    assert await states(database) == {"done": 3}
    assert await value(database, "SELECT count(*) FROM window_topics") == 3


async def test_a_window_edited_while_it_is_in_a_batch_is_not_overwritten(database: Database) -> None:
    async with model(database) as (server, door):
        server.desk.at_once = False
        bulk = await windows(database, door)
        await bulk.submit()
        await put(database, [said(4, "А как вернуть товар?", edit_version=9)])
        server.desk.work()
        await bulk.collect()
        assert await states(database) == {"done": 2, "ready": 1}
        assert await value(database, "SELECT count(*) FROM window_topics") == 2
        assert await value(database, "SELECT count(*) FROM model_calls WHERE settled_at IS NULL") == 0


async def test_a_crash_between_handing_in_and_marking_neither_loses_nor_doubles(database: Database) -> None:
    async with model(database) as (server, door):
        server.desk.at_once = False
        bulk = await windows(database, door)
        held = await bulk._claimed()
        calls = [call for window in held if (call := await bulk._call(window)) is not None]
        await door.batches.submit(calls)  # and here it dies
        assert not await bulk.submit(), "until the leases end they are somebody's"
        await due_now(database)
        assert await bulk.submit()
        server.desk.work()
        await bulk.collect()
        assert len(server.desk.batches) == 2
        assert await value(database, "SELECT sum(price) FROM model_calls") == server.charged
        assert await value(database, "SELECT count(*) FROM model_calls WHERE settled_at IS NULL") == 0
        async with database.transaction() as session:
            assert not await queue.finish(session, held[0], {}, datetime.now(UTC)), "the claim is lost"
    assert await states(database) == {"done": 3}
    assert await value(database, "SELECT count(*) FROM window_topics") == 3


async def test_a_lost_confirmation_is_handed_in_again_and_both_batches_are_accounted_for(database: Database) -> None:
    async with model(database) as (server, door):
        bulk = await windows(database, door)
        server.lose_replies = True
        await bulk.submit()
        assert await states(database) == {"ready": 3}
        server.lose_replies = False
        await due_now(database)
        await bulk.submit()
        await bulk.collect()
        assert len(server.desk.batches) == 2
        assert await value(database, "SELECT sum(price) FROM model_calls") == server.charged
    assert await states(database) == {"done": 3}
