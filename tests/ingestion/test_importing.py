"""Importing: counts that add up, nothing twice, nothing lost, whatever interrupts it."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from core.contracts.streams import BATCH, FAST
from core.db.session import Database
from core.embedded.home import Home
from core.embedded.valkey import EmbeddedValkey
from core.errors import OtklikError, Unavailable, UnreadableSource
from core.streams import consumer as consuming
from core.streams.broker import depth
from ingestion import importing
from ingestion.exports.source import open_export
from ingestion.importing import ImportReport
from tests.ingestion.exports.exporting import chat, message
from tests.ingestion.road import PSEUDONYMS, SAMPLE_CHATS, SAMPLES, Road, Silent, road, rows, value

SUPPORT = -1001234567890
COUNTS = "SELECT count(*) FROM messages"
UNFINISHED = """SELECT (SELECT count(*) FROM messages WHERE NOT threaded)
    + (SELECT count(*) FROM data_units WHERE embedding IS NULL)"""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consuming, "RETRY_PAUSES", (0.0,))
    monkeypatch.setattr(importing, "CHUNK", 20)
    monkeypatch.setattr(importing, "POLL_SECONDS", 0.01)


@pytest.fixture
async def way(database: Database, redis_url: str) -> AsyncIterator[Road]:
    async with road(database, redis_url) as made:
        yield made


def write(path: Path, document: Any) -> Path:
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def messages(count: int, first: int = 1, **fields: Any) -> list[dict[str, Any]]:
    return [
        message(n, f"Как настроить кассу {n}?", from_id=f"user{n % 7}1", **fields) for n in range(first, first + count)
    ]


def accounted(report: ImportReport) -> int:
    """The messages of the file, each of which must have ended in one of these."""
    return (
        report.stored + report.duplicates + report.skipped.get("not_masked", 0) + report.skipped.get("dead_letter", 0)
    )


async def held(database: Database) -> dict[int, str]:
    return {row["chat_id"]: row["held"] for row in await rows(database, "SELECT chat_id, held::text FROM coverage")}


async def test_the_samples_are_stored_once_and_a_second_run_stores_nothing(way: Road) -> None:
    await way.start()
    for path in SAMPLE_CHATS[1:3]:
        first = await way.run(path)
        assert first.stored == first.messages == accounted(first) > 0
        assert first.units > 0
        again = await way.run(path)
        assert (again.stored, again.duplicates, again.messages) == (0, first.messages, first.messages)
        assert (again.units, again.skipped) == (first.units, first.skipped)
    assert await value(way.database, UNFINISHED) == 0


async def test_counts_add_up_and_coverage_has_a_hole_where_a_message_is_missing(way: Road, tmp_path: Path) -> None:
    entries = [
        *messages(30, first=101),
        message(140, "a" * 20_000),  # longer than the masker reads
        message(141, "и ещё вопрос?"),
        message(141, "и ещё вопрос?"),
        message(141, "и ещё вопрос, с правкой?", edited_unixtime="1714557700"),
        message(142, ""),
        {"id": 150, "type": "service", "action": "pin_message", "date_unixtime": "1714557600"},
        message(-999_999_000, "a" * 20_000),  # of the group that this one was before
    ]
    await way.start()
    report = await way.run(write(tmp_path / "result.json", chat(*entries)))
    assert report.messages == accounted(report) == 35
    assert (report.chats, report.stored, report.duplicates) == (1, 32, 1)
    assert report.skipped == {"not_masked": 2, "empty_text": 1, "service": 1}
    assert await held(way.database) == {SUPPORT: "{[101,140),[141,151)}"}
    assert await value(way.database, COUNTS) == 31


async def test_a_message_that_cannot_be_stored_is_counted_and_holds_up_nothing(way: Road, tmp_path: Path) -> None:
    async with way.database.transaction() as session:
        await session.execute(text("ALTER TABLE messages ADD CONSTRAINT no_seven CHECK (message_id <> 7)"))
    await way.start()
    report = await way.run(write(tmp_path / "result.json", chat(*messages(60))))
    assert (report.messages, report.stored, report.skipped) == (60, 59, {"dead_letter": 1})
    assert accounted(report) == 60
    assert await held(way.database) == {SUPPORT: "{[1,7),[8,61)}"}
    assert await value(way.database, "SELECT count(*) FROM dead_letters") == 1


async def test_work_that_nobody_can_finish_is_an_error_and_no_endless_wait(way: Road, tmp_path: Path) -> None:
    async with way.database.transaction() as session:
        await session.execute(text("ALTER TABLE data_units ADD CONSTRAINT no_unit CHECK (text NOT LIKE '%кассу 9?%')"))
    await way.start()
    with pytest.raises(OtklikError, match="dead-letters"):
        await way.run(write(tmp_path / "result.json", chat(*messages(10))))


async def test_what_our_own_bot_said_is_left_out_and_leaves_no_hole(way: Road, tmp_path: Path) -> None:
    said = [*messages(9), message(10, "Перезапустите кассу", from_id="user900"), *messages(2, first=11)]
    path = write(tmp_path / "result.json", chat(*said))
    await way.start()
    report = await way.importer(own_bot=900).run(open_export(path), wait=True)
    assert (report.messages, report.stored, report.skipped) == (12, 11, {"own_bot": 1})
    assert await held(way.database) == {SUPPORT: "{[1,13)}"}


async def test_edits_in_a_second_export_replace_what_was_held(way: Road, tmp_path: Path) -> None:
    await way.start()
    await way.run(write(tmp_path / "first.json", chat(*messages(30))))
    edited = [*messages(30), *messages(5, first=31)]
    edited[4] |= {"text": "Совсем другое: где мой возврат?", "edited_unixtime": "1714560000"}
    report = await way.run(write(tmp_path / "second.json", chat(*edited)))
    assert (report.stored, report.duplicates) == (6, 29)
    older = await way.run(tmp_path / "first.json")
    assert (older.stored, older.duplicates) == (0, 30)
    assert await value(way.database, "SELECT text FROM messages WHERE message_id = 5") == edited[4]["text"]
    assert await value(way.database, "SELECT count(*) FROM data_units WHERE text LIKE '%возврат%'") == 1
    assert await value(way.database, "SELECT count(*) FROM data_units WHERE text LIKE '%кассу 5?%'") == 0
    assert await held(way.database) == {SUPPORT: "{[1,36)}"}


@pytest.mark.parametrize("phase", ["checking the file", "masking and publishing", "storing"])
async def test_an_import_that_was_stopped_half_way_goes_on(way: Road, tmp_path: Path, phase: str) -> None:
    path = write(tmp_path / "result.json", chat(*messages(400)))
    reached = asyncio.Event()
    loop = asyncio.get_running_loop()

    class Watch(Silent):
        def begin(self, name: str, total: int | None) -> None:
            super().begin(name, total)
            if name == phase != "masking and publishing":
                loop.call_soon_threadsafe(reached.set)

        def reach(self, done: int) -> None:
            if self.phase == phase and done >= 100:
                loop.call_soon_threadsafe(reached.set)

    await way.start()
    first = asyncio.create_task(way.importer(Watch()).run(open_export(path), wait=True))
    async with asyncio.timeout(100):
        await reached.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    report = await way.run(path)
    assert report.messages == accounted(report) == 400
    await way.until_idle()
    assert await value(way.database, COUNTS) == 400
    assert await value(way.database, UNFINISHED) == 0


async def test_without_waiting_all_is_in_the_streams_and_nothing_is_published_twice(way: Road, tmp_path: Path) -> None:
    report = await way.run(write(tmp_path / "result.json", chat(*messages(50), *messages(50))), wait=False)
    assert (report.messages, report.stored, report.duplicates) == (100, 0, 50)
    assert sum([(await depth(way.redis, stream)).length for stream in (FAST, BATCH)]) == 50
    await way.start()
    await way.until_idle()
    assert await value(way.database, COUNTS) == 50
    assert await value(way.database, UNFINISHED) == 0


async def test_a_whole_account_is_imported_chat_by_chat(way: Road, tmp_path: Path) -> None:
    document = {
        "about": "x",
        "chats": {
            "list": [
                chat(*messages(30), id=11, name="First"),
                chat(*messages(20), id=22, name="Second", type="private_group"),
                chat(message(1, "Здравствуйте, где чек?"), id=555, name="Галина", type="personal_chat"),
                chat(message(1), id=33, type="a_kind_of_tomorrow"),
                chat(id=44, name="Empty"),
            ]
        },
    }
    await way.start()
    report = await way.run(write(tmp_path / "result.json", document))
    assert (report.chats, report.stored, report.skipped) == (4, 51, {"unknown_chat": 1})
    private = PSEUDONYMS.private_chat(555)
    assert {(row["chat_id"], row["title"]) for row in await rows(way.database, "SELECT chat_id, title FROM chats")} == {
        (-1000000000011, "First"),
        (-22, "Second"),
        (private, "Private chat"),
    }
    assert await held(way.database) == {-1000000000011: "{[1,31)}", -22: "{[1,21)}", private: "{[1,2)}"}


async def test_a_broken_file_stores_nothing(way: Road, tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_text(json.dumps(chat(*messages(300)))[:-40], encoding="utf-8")
    await way.start()
    with pytest.raises(UnreadableSource):
        await way.run(path)
    assert await value(way.database, "SELECT count(*) FROM chats") == 0


async def test_what_is_important_is_remembered_from_the_table(way: Road, tmp_path: Path) -> None:
    await way.start()
    alarm = message(1, "Касса выдаёт ошибку", from_id="user51")
    await way.run(write(tmp_path / "first.json", chat(alarm)))
    await way.run(write(tmp_path / "second.json", chat(alarm, message(2, "И у нас", reply_to_message_id=1))))
    lanes = await rows(way.database, "SELECT lane, lane_reasons FROM messages ORDER BY message_id")
    assert [row["lane"] for row in lanes] == ["HIGH", "MEDIUM"]


@pytest.fixture
async def own_valkey(home: Path) -> AsyncIterator[EmbeddedValkey]:
    """A Valkey that a test may stop and start."""
    own = Home(home / "v")
    own.prepare()
    server = EmbeddedValkey(own)
    server.ensure_running()
    yield server
    server.stop()


async def test_a_redis_that_goes_away_for_a_while_loses_nothing(
    database: Database, own_valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    path = write(tmp_path / "result.json", chat(*messages(400)))
    halfway = asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_reach(phase: str, done: int) -> None:
        if phase == "masking and publishing" and done >= 200:
            loop.call_soon(halfway.set)

    async with road(database, own_valkey.url) as way, asyncio.timeout(200):
        await way.start()
        running = asyncio.create_task(way.importer(Silent(on_reach)).run(open_export(path), wait=True))
        await halfway.wait()
        await asyncio.to_thread(own_valkey.stop)
        await asyncio.to_thread(own_valkey.ensure_running)
        report = await running
        assert report.messages == accounted(report) == 400
        await way.until_idle()
    assert await value(database, COUNTS) == 400
    assert await value(database, UNFINISHED) == 0


async def test_a_redis_that_stays_away_is_said_in_one_sentence(
    database: Database, own_valkey: EmbeddedValkey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "PATIENCE_SECONDS", 0.3)
    path = write(tmp_path / "result.json", chat(*messages(5)))
    gone: list[int] = []

    class Watch(Silent):
        def begin(self, name: str, total: int | None) -> None:
            super().begin(name, total)
            if name == "storing" and not gone:
                gone.append(1)
                own_valkey.stop()

    async with road(database, own_valkey.url) as way, asyncio.timeout(100):
        with pytest.raises(Unavailable, match="run the command again"):
            await way.importer(Watch()).run(open_export(path), wait=True)


def samples_of(paths: Sequence[Path]) -> int:
    return sum(len(json.loads(path.read_text())["messages"]) for path in paths)


def test_the_samples_are_there() -> None:
    assert samples_of(SAMPLE_CHATS) > 400
    assert (SAMPLES / "otklik.toml").exists()


async def test_what_was_deleted_or_erased_does_not_come_back_with_an_export(way: Road, tmp_path: Path) -> None:
    path = write(tmp_path / "result.json", chat(*messages(10)))
    await way.start()
    assert (await way.run(path)).stored == 10
    async with way.database.transaction() as session:
        await session.execute(text("DELETE FROM messages WHERE message_id IN (3, 4)"))
        await session.execute(
            text("INSERT INTO deleted_messages SELECT chat_id, n, now() FROM chats, unnest(ARRAY[3, 4]) AS n")
        )
    again = await way.run(path)
    assert (again.stored, again.duplicates, again.skipped) == (0, 8, {"deleted": 2})
    assert await value(way.database, "SELECT count(*) FROM messages") == 8
