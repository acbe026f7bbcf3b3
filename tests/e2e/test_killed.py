"""SIGKILL in the middle: nothing is lost, nothing is there twice."""

import asyncio
import json
import random
from pathlib import Path
from typing import Any

import pytest

from core.contracts.streams import STREAMS
from core.db.session import Database
from core.streams.broker import connect, depth, make_broker
from tests.e2e.processes import Otklik, kill, stop, until
from tests.ingestion.exports.exporting import chat, message
from tests.ingestion.road import rows, value

TALK = 20
"""Messages of one thread: a question, an answer, and small talk, which costs no embedding."""

_LEFT = """SELECT (SELECT count(*) FROM messages WHERE NOT threaded)
    + (SELECT count(*) FROM data_units WHERE embedding IS NULL)"""


def generated(path: Path, count: int) -> Path:
    """An export of many messages and few words to embed."""
    entries = []
    for n in range(1, count + 1):
        root, place = n - (n - 1) % TALK, (n - 1) % TALK
        fields: dict[str, Any] = {"date_unixtime": str(1_714_557_600 + 60 * n)}
        if place:
            fields["reply_to_message_id"] = root
        said = {0: f"Как настроить кассу {n}?", 1: f"Откройте раздел {n}."}.get(place, "ок, спасибо")
        if n % 50 == 1:
            said = f"Срочно, касса {n} выдаёт ошибку"
        entries.append(message(n, said, from_id=f"user{100 + place % 3}", **fields))
    path.write_text(json.dumps(chat(*entries)), encoding="utf-8")
    return path


@pytest.fixture
def otklik(tmp_path: Path, home: Path, database_url: str, redis_url: str) -> Otklik:
    """Processes on the run's own servers, with a fresh database and an empty Valkey."""
    settings = {"OTKLIK_HOME": str(home / "k"), "OTKLIK_DATABASE_URL": database_url, "OTKLIK_REDIS_URL": redis_url}
    return Otklik(tmp_path, settings)


class Watch:
    """What has become of the messages so far."""

    def __init__(self, database: Database, redis_url: str) -> None:
        self._database = database
        self._redis_url = redis_url

    async def stored(self) -> int:
        return int(await value(self._database, "SELECT count(*) FROM messages"))

    async def done(self) -> bool:
        broker = make_broker(self._redis_url)
        client = await connect(broker)
        waiting = [(await depth(client, stream)).length for stream in STREAMS]
        await broker.stop()
        return not any(waiting) and not await value(self._database, _LEFT)

    async def check(self, count: int) -> None:
        """Every message once, in a thread and in a unit with a vector; none in the dead letters."""
        database = self._database
        assert {row["message_id"] for row in await rows(database, "SELECT message_id FROM messages")} == set(
            range(1, count + 1)
        )
        assert await self.stored() == count
        assert await value(database, "SELECT count(*) FROM messages WHERE NOT threaded") == 0
        apart = """SELECT count(*) FROM messages reply LEFT JOIN messages root ON root.message_id = reply.reply_to
            WHERE reply.reply_to IS NOT NULL AND root.thread_id IS DISTINCT FROM reply.thread_id"""
        assert await value(database, apart) == 0
        in_units = """SELECT DISTINCT jsonb_array_elements(metadata_->'message_ids')::bigint AS id FROM data_units
            WHERE embedding IS NOT NULL"""
        assert {row["id"] for row in await rows(database, in_units)} == set(range(1, count + 1))
        assert await value(database, "SELECT count(*) FROM dead_letters") == 0


async def test_a_store_killed_several_times_in_an_import_loses_nothing(
    otklik: Otklik, database: Database, redis_url: str, tmp_path: Path
) -> None:
    count, rng = 600, random.Random(20_261_123)
    watch = Watch(database, redis_url)
    path = generated(tmp_path / "result.json", count)
    async with asyncio.timeout(500):
        store = await otklik.start("store")
        importing = await otklik.start("import", str(path), "--no-wait", "--json")
        for threshold in sorted(rng.sample(range(50, count - 300), 2)):

            async def reached(wanted: int = threshold) -> bool:
                return await watch.stored() >= wanted

            await until(reached, store)
            await kill(store)
            store = await otklik.start("store")
        assert await importing.wait() == 0
        await until(watch.done, store)
        await stop(store)
        assert "Traceback" not in otklik.logs[-1].read_text()
    await watch.check(count)


async def test_an_import_killed_half_way_is_completed_by_the_next(
    otklik: Otklik, database: Database, redis_url: str, tmp_path: Path
) -> None:
    count = 400
    watch = Watch(database, redis_url)
    path = generated(tmp_path / "result.json", count)

    async def half_way() -> bool:
        return await watch.stored() >= count // 3

    async with asyncio.timeout(500):
        first = await otklik.start("import", str(path), "--json")
        await until(half_way, first)
        await kill(first)
        assert await watch.stored() < count
        report = await otklik.run("import", str(path), "--json")
        assert report["messages"] == report["stored"] + report["duplicates"] == count
        assert report["duplicates"] >= count // 3
    await watch.check(count)
