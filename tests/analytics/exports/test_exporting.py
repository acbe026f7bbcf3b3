"""Exports hold little at a time, and show nothing of other chats."""

import asyncio
import gc
import io
import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from asyncpg import Record  # type: ignore[import-untyped]
from sqlalchemy import Row, text

from analytics.exports import exporting
from analytics.exports.exporting import export
from analytics.exports.forms import FORMS
from analytics.exports.tables import TABLES
from analytics.queries.inputs import Period
from core.db.session import Database
from core.domain.access import AccessScope
from otklik.files import whole_file
from tests.analytics.queries.asking import EVERY, MOSCOW, PERIOD
from tests.analytics.queries.scene import everything, everywhere
from tests.ingestion.road import CHAT, observed, put

OTHER = CHAT - 1
BUFFERED = 1_000
"""Rows that SQLAlchemy fetches from the cursor at once."""


class Counted:
    """A form that counts how many rows are alive while it writes, the driver's own among them; and a progress."""

    def __init__(self) -> None:
        self.alive: list[int] = []
        self.chunks: list[int] = []
        self.reached: list[int] = []
        self.closed = 0

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        self.chunks.append(len(rows))
        self.alive.append(sum(isinstance(one, (Row, Record)) for one in gc.get_objects()))

    def close(self) -> None:
        self.closed += 1

    def reach(self, done: int) -> None:
        self.reached.append(done)


async def test_no_more_rows_are_held_than_a_chunk_has(database: Database, monkeypatch: Any) -> None:
    monkeypatch.setattr(exporting, "CHUNK", 200)
    await put(database, [observed(n) for n in range(1, 1_611)])
    counted = Counted()
    gc.collect()
    async with database.reading() as session:
        assert await export(session, TABLES["messages"], EVERY, PERIOD, counted, counted) == 1_610
    assert counted.chunks == [200] * 8 + [10]
    assert max(counted.alive) <= BUFFERED + 2 * 200
    assert (counted.reached[-1], counted.closed) == (1_610, 1)


async def exported(
    database: Database, table: str, scope: AccessScope = EVERY, period: Period = PERIOD
) -> list[dict[str, Any]]:
    file = io.BytesIO()
    form = FORMS["jsonl"](file, TABLES[table].columns, MOSCOW)
    async with database.reading() as session:
        await export(session, TABLES[table], scope, period, form, Counted())
    return [json.loads(line) for line in file.getvalue().decode().splitlines()]


@pytest.mark.parametrize("table", TABLES)
async def test_every_column_is_brought_and_other_chats_are_not(database: Database, table: str) -> None:
    await everything(database, CHAT)
    before = await exported(database, table)
    assert before
    assert all(list(row) == [column.name for column in TABLES[table].columns] for row in before)
    await everything(database, OTHER)
    await everywhere(database)
    assert await exported(database, table, AccessScope.chats([CHAT])) == before
    assert len(await exported(database, table)) > len(before)


@pytest.mark.parametrize(
    ("table", "column"), [("messages", "sent_at"), ("answers", "asked_at"), ("costs", "opened_at")]
)
async def test_the_period_is_obeyed(database: Database, table: str, column: str) -> None:
    await everything(database, CHAT)
    whole = await exported(database, table)
    middle = sorted(row[column] for row in whole)[len(whole) // 2]
    until = Period(PERIOD.since, datetime.fromisoformat(middle), MOSCOW)
    assert await exported(database, table, period=until) == [row for row in whole if row[column] < middle]


async def test_an_analysis_in_rows_of_three_kinds(database: Database) -> None:
    await everything(database, CHAT)
    async with database.transaction() as session:
        for table in ("analysis_windows", "appraisals"):
            done = f"UPDATE {table} SET analysed_at = now(), analysed_by = 'model' WHERE state = 'done'"
            await session.execute(text(done))
    found = await exported(database, "analyses")
    assert sorted(row["kind"] for row in found) == ["message", "message", "topic", "topic", "window"]
    (topic,) = [row for row in found if row["topic"] == "касса"]
    assert (topic["summary"], topic["resolved"], topic["message_ids"]) == ("касса стоит", True, [1, 2, 3, 4, 5])


async def test_a_cancelled_export_leaves_nothing(database: Database, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(exporting, "CHUNK", 10)
    await put(database, [observed(n) for n in range(1, 101)])

    class Stopping(Counted):
        def reach(self, done: int) -> None:
            super().reach(done)
            task = asyncio.current_task()
            assert task is not None
            task.cancel()

    async def run() -> None:
        with whole_file(tmp_path / "out", force=False) as file:
            form = FORMS["csv"](file, TABLES["messages"].columns, MOSCOW)
            async with database.reading() as session:
                await export(session, TABLES["messages"], EVERY, PERIOD, form, Stopping())

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(run())
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - pathlib may not be asked within a coroutine
