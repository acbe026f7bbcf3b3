"""What is held, what waits, what failed, which alarms were raised."""

from datetime import date

from sqlalchemy import text

from analytics.queries import pipeline
from analytics.queries.pipeline import AlarmRow, ChatCoverage
from core.db.models import BudgetAlarm, Chat, Coverage, DeadLetter, Unmasked
from core.db.session import Database
from core.domain.access import AccessScope
from tests.analytics.queries.asking import EVERY, PERIOD
from tests.analytics.queries.scene import ASKS, TELLS, add, appraisal, at, said, unit, window
from tests.ingestion.road import CHAT, observed, put

ONE = AccessScope.chats([CHAT])


async def test_coverage_tells_what_is_missing(database: Database) -> None:
    await said(database, (1, 1, "user1", ASKS), (2, 70, "staff1", TELLS))
    held = text("'{[1,5),[9,12),[20,21)}'")
    await add(database, Coverage, chat_id=CHAT, held=held)
    for message_id in (2, 77):  # the first of them was stored later
        await add(database, Unmasked, chat_id=CHAT, message_id=message_id, error="too long")
    await add(database, Chat, chat_id=-7, kind="group", title="Z")
    async with database.reading() as session:
        known, unknown = await pipeline.coverage(session, EVERY, PERIOD)
    assert known == ChatCoverage(
        chat_id=CHAT,
        chat=known.chat,
        kind="supergroup",
        messages=2,
        last_hour=at(60),
        complete_to=4,
        holes=[[12, 19], [5, 8]],
        hole_count=2,
        unmasked=1,
        heard_at=None,
    )
    assert (unknown.chat_id, unknown.messages, unknown.complete_to, unknown.holes) == (-7, 0, None, [])


async def test_of_many_holes_the_latest_are_named(database: Database) -> None:
    await add(database, Chat, chat_id=CHAT, kind="group", title="Z")
    held = ",".join(f"[{10 * n},{10 * n + 5})" for n in range(40))
    await add(database, Coverage, chat_id=CHAT, held=text(f"'{{{held}}}'"))
    async with database.reading() as session:
        (found,) = await pipeline.coverage(session, EVERY, PERIOD)
    assert (found.hole_count, len(found.holes), found.holes[0]) == (39, pipeline.HOLES, [385, 389])


async def test_the_backlog_is_what_the_tables_show_undone(database: Database) -> None:
    await said(database, (1, 1, "user1", ASKS), (2, 2, "user2", ASKS))
    await put(database, [observed(3)])
    await window(database, [1], 5, state="ready")
    await window(database, [], 6, state="set_aside")
    await window(database, [], 7)
    await appraisal(database, 1, state="ready")
    await unit(database, 50, "Так.", 1)
    for number in range(2):
        await add(database, DeadLetter, stream="s", entry_id=f"{number}-0", body=b"", error="e")
    async with database.reading() as session:
        found = await pipeline.backlog(session, EVERY, PERIOD)
        own = await pipeline.backlog(session, ONE, PERIOD)
    assert (found.unembedded, found.unplaced, found.unwindowed, found.urgent) == (2, 1, 2, 1)
    assert found.unwindowed_since is not None
    assert found.windows == {"ready": 1, "set_aside": 1}
    assert (found.dead_letters, own.dead_letters) == (2, 0)


async def test_dead_letters_and_alarms_are_for_those_who_see_every_chat(database: Database) -> None:
    for number in (1, 2):
        letter = {"stream": "s", "entry_id": f"{number}-0", "body": b"secret", "error": f"error {number}"}
        await add(database, DeadLetter, **letter, failed_at=at(number))
        alarm = {"period": "day", "begins": date(2026, 3, 2), "budget": "total", "percent": 40 + number * 10}
        await add(database, BudgetAlarm, **alarm, raised_at=at(number))
    async with database.reading() as session:
        letters = await pipeline.dead_letters(session, EVERY, PERIOD)
        alarms = await pipeline.alarms(session, EVERY, PERIOD)
        assert await pipeline.dead_letters(session, ONE, PERIOD) == []
        assert await pipeline.alarms(session, ONE, PERIOD) == []
    assert [one.error for one in letters] == ["error 2", "error 1"]
    assert alarms[0] == AlarmRow("day", date(2026, 3, 2), "total", 60, at(2))
