"""Windows: every message in exactly one, whatever happens at the same time; what is edited or deleted is read anew."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, text

from analytics import queue
from analytics.cutting import Limits, Uncut, cut
from analytics.holding import holding
from analytics.windows import cut_due
from core.contracts.messages import MessagesDeleted
from core.db.models import AnalysisWindow
from core.db.session import Database
from core.rules import BatchRules
from ingestion.deleting import delete
from tests.analytics.scene import batch_lane, run_dry, said, stored
from tests.ingestion.road import CHAT, put, rows, value

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LIMITS = Limits(messages=3, wait=timedelta(minutes=5), history=timedelta(days=7))
RULES = BatchRules(messages=5, minutes=5)
WINDOWED = "SELECT count(*) FROM messages WHERE window_id IS NOT NULL"


def uncut(message_id: int, *, days: float = 0, minutes: float = 0) -> Uncut:
    return Uncut(message_id, NOW - timedelta(days=days), NOW - timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("messages", "wanted"),
    [
        ([uncut(1), uncut(2)], []),
        ([uncut(1), uncut(2), uncut(3)], [([1, 2, 3], True)]),
        ([uncut(n) for n in range(1, 9)], [([1, 2, 3], True), ([4, 5, 6], True)]),
        ([uncut(1, minutes=5), uncut(2)], [([1, 2], True)]),
        ([uncut(1, minutes=4.9), uncut(2)], []),
        ([uncut(1, days=8), uncut(2)], [([1], False)]),
        ([uncut(1, days=8), uncut(2, days=8), uncut(3, minutes=6)], [([1, 2], False), ([3], True)]),
    ],
)
def test_a_window_is_full_or_has_waited_or_ends_where_history_does(
    messages: list[Uncut], wanted: list[tuple[list[int], bool]]
) -> None:
    pieces = cut(messages, LIMITS, NOW)
    assert [([one.message_id for one in piece.messages], piece.live) for piece in pieces] == wanted


async def test_cutters_at_the_same_time_put_every_message_into_one_window(database: Database) -> None:
    await stored(database, *[said(n, "ок", chat_id=CHAT - n % 3) for n in range(1, 304)])
    made = await asyncio.gather(*[cut_due(database, RULES, datetime.now(UTC)) for _ in range(4)])
    sizes = await rows(database, "SELECT count(*) AS size FROM messages GROUP BY chat_id, window_id ORDER BY size")
    assert [row["size"] for row in sizes] == [1, 1, 1, *[5] * 60]  # 101 in each chat; the last ones wait for more
    assert sum(made) == 60
    assert await cut_due(database, RULES, datetime.now(UTC)) == 0
    assert await cut_due(database, RULES, datetime.now(UTC) + timedelta(minutes=6)) == 3
    assert await value(database, "SELECT count(*) FROM messages WHERE window_id IS NULL") == 0


async def test_what_has_no_place_in_the_threads_yet_waits_for_it(database: Database) -> None:
    await put(database, [said(n, "ок") for n in range(1, 6)])
    assert await cut_due(database, RULES, datetime.now(UTC)) == 0
    assert await cut_due(database, RULES, datetime.now(UTC) + timedelta(minutes=11)) == 1


async def one_window(database: Database) -> AnalysisWindow:
    """A window of five messages, claimed."""
    await stored(database, *[said(n, f"вопрос {n}: где чек?") for n in range(1, 6)])
    await cut_due(database, RULES, datetime.now(UTC))
    async with database.transaction() as session:
        held = await queue.claim(session, AnalysisWindow, datetime.now(UTC))
    assert held is not None
    return held


async def finished(database: Database, held: AnalysisWindow) -> bool:
    async with database.transaction() as session:
        return await queue.finish(session, held, {"analysed_by": "rule"}, datetime.now(UTC))


async def test_a_claim_is_nobody_elses_until_its_lease_ends(database: Database) -> None:
    held = await one_window(database)
    now = datetime.now(UTC)
    async with database.transaction() as session:
        assert await queue.claim(session, AnalysisWindow, now) is None
        later = await queue.claim(session, AnalysisWindow, now + queue.LEASE * 1.1)
        assert later is not None
        assert (later.window_id, later.tries) == (held.window_id, 2)
    assert await finished(database, later)
    assert not await finished(database, held), "who comes back after the lease stores nothing"


async def test_a_renewal_that_is_under_way_ends_before_the_claim_is_let_go(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off in the middle, it took its connection out of the pool, with a traceback in the log."""
    thrown_away: list[object] = []
    event.listen(database.engine.sync_engine.pool, "invalidate", lambda *broken: thrown_away.append(broken))
    held = await one_window(database)
    before = await value(database, "SELECT leased_until FROM analysis_windows")
    monkeypatch.setattr(queue, "LEASE", timedelta(seconds=0.03))
    blocked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    async with database.transaction() as session:
        await session.execute(text("SELECT 1 FROM analysis_windows FOR UPDATE"))
        context = holding(database, held)
        await context.__aenter__()
        while not await value(database, blocked):  # noqa: ASYNC110 - only PostgreSQL can tell
            await asyncio.sleep(0.01)
        leaving = asyncio.create_task(context.__aexit__(None, None, None))
        await asyncio.sleep(0)
    await leaving
    assert not thrown_away
    assert await value(database, "SELECT leased_until FROM analysis_windows") != before


async def test_a_window_that_kills_its_workers_is_set_aside(database: Database) -> None:
    await one_window(database)
    now = datetime.now(UTC)
    for turn in range(1, queue.MAX_TRIES + 1):
        async with database.transaction() as session:
            claimed = await queue.claim(session, AnalysisWindow, now + queue.LEASE * 1.1 * turn)
        assert (claimed is not None) == (turn < queue.MAX_TRIES)
    assert await rows(database, "SELECT state, error FROM analysis_windows") == [
        {"state": "set_aside", "error": "its worker died 5 times"}
    ]


async def test_an_edit_of_words_has_its_window_read_anew(database: Database) -> None:
    held = await one_window(database)
    await put(database, [said(3, "вопрос 3: где отчёт?", edit_version=9)])
    assert not await finished(database, held), "what was made of the old words is not stored"
    [window] = await rows(database, "SELECT state, revision, tries, due_at > now() AS later FROM analysis_windows")
    assert window == {"state": "ready", "revision": 2, "tries": 0, "later": True}


async def test_an_edit_that_changes_no_word_costs_nothing(database: Database) -> None:
    held = await one_window(database)
    await put(database, [said(3, "вопрос 3: где чек?", edit_version=9)])
    await put(database, [said(4, "старое", edit_version=0)])
    assert await finished(database, held)


async def test_a_deletion_takes_along_what_was_made_of_it(database: Database) -> None:
    await stored(database, *[said(n, f"Не печатается чек {n}, что делать?", who=f"user{n}") for n in range(1, 6)])
    assert await run_dry(batch_lane(database, None)) == 1
    assert await value(database, "SELECT count(*) FROM appraisals") == 5
    gone = MessagesDeleted(chat_id=CHAT, message_ids=(2, 3), seen_at=datetime.now(UTC))
    async with database.transaction() as session:
        await delete(session, [gone])
    [window] = await rows(database, "SELECT state, summary, analysed_by FROM analysis_windows")
    assert window == {"state": "ready", "summary": None, "analysed_by": None}
    assert await value(database, "SELECT count(*) FROM window_topics") == 0
    assert await run_dry(batch_lane(database, None)) == 1
    assert await value(database, "SELECT array_agg(message_id ORDER BY message_id) FROM appraisals") == [1, 4, 5]
    rest = MessagesDeleted(chat_id=CHAT, message_ids=(1, 4, 5), seen_at=datetime.now(UTC))
    async with database.transaction() as session:
        await delete(session, [rest])
    assert await value(database, "SELECT count(*) FROM analysis_windows") == 0
    assert await value(database, "SELECT count(*) FROM appraisals") == 0


async def test_edits_and_cuts_at_the_same_time_lose_nothing(database: Database) -> None:
    messages = [said(n, f"вопрос {n}: где чек?") for n in range(1, 201)]
    await stored(database, *messages)
    edits = [message.model_copy(update={"edit_version": 9, "text": "иначе"}) for message in messages]
    await asyncio.gather(
        *[cut_due(database, RULES, datetime.now(UTC)) for _ in range(3)],
        *[put(database, edits[start : start + 40]) for start in range(0, 200, 40)],
    )
    await cut_due(database, RULES, datetime.now(UTC) + timedelta(minutes=11))
    assert await value(database, WINDOWED) == 200
