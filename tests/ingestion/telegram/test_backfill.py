"""History on demand: `otklik backfill` asks, the listener reads, and goes on where it was stopped."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import ingestion.telegram.history
from core.db.session import Database
from ingestion.telegram.ledger import EVERYTHING, Ledger, ask_history
from tests.fakes.mtproto import MTProtoServer
from tests.fakes.mtproto.model import Place
from tests.ingestion.road import value
from tests.ingestion.telegram.listening import Ear, listening, until

ROOT = Path(__file__).resolve().parents[3]
LOWEST = "SELECT lower(held) FROM coverage WHERE chat_id = :chat_id"


@pytest.fixture
def shallow(tmp_path: Path) -> Path:
    """Rules by which a chat's newest hundred messages are read."""
    path = tmp_path / "otklik.toml"
    path.write_text("[listen]\nbackfill = 100\nwindow = 0\n")
    return path


async def ask(database: Database, chat_id: int, depth: int) -> bool:
    async with database.transaction() as session:
        return await ask_history(session, chat_id, depth)


async def holds(ear: Ear, place: Place, count: int) -> bool:
    return len(await ear.held(place)) == count


async def test_a_running_listener_reads_what_is_asked_for(
    server: MTProtoServer, database: Database, redis_url: str, tmp_path: Path, quick: None, shallow: Path
) -> None:
    world = server.world
    alice, support = world.add_user("Alice"), world.add_supergroup("Support")
    other = world.add_supergroup("Other")
    for place in (support, other):
        for number in range(550):
            world.post(place, alice, f"ok {number}")
    async with listening(server, database, redis_url, tmp_path, shallow) as ear:
        await until(lambda: holds(ear, support, 100))
        await until(lambda: holds(ear, other, 100))
        assert await ask(database, support.marked_id, 300)
        await until(lambda: holds(ear, support, 300))
        assert min(await ear.held(support)) == 251
        assert await ask(database, support.marked_id, EVERYTHING)
        await ear.until_agrees(support)
        assert await holds(ear, other, 100)
        assert not await ask(database, -5, EVERYTHING)


async def test_a_listener_that_is_stopped_goes_on_from_there(
    server: MTProtoServer, database: Database, redis_url: str, tmp_path: Path, quick: None, shallow: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    world = server.world
    alice, support = world.add_user("Alice"), world.add_supergroup("Support")
    for number in range(3_000):
        world.post(support, alice, f"ok {number}")
    monkeypatch.setattr(ingestion.telegram.history, "PAUSE_SECONDS", 0.1)

    async def lowest() -> int:
        found = await value(database, f"SELECT coalesce(({LOWEST}), 9999)", chat_id=support.marked_id)
        assert isinstance(found, int)
        return found

    async def is_half_way() -> bool:
        return await lowest() <= 1_500

    async with listening(server, database, redis_url, tmp_path, shallow) as ear:
        await until(lambda: holds(ear, support, 100))
        await ask(database, support.marked_id, EVERYTHING)
        await until(is_half_way)
    assert not await holds(ear, support, 3_000)
    left, asked = await lowest(), server.calls()["messages.getHistory"]
    async with listening(server, database, redis_url, tmp_path, shallow) as ear:
        await ear.until_agrees(support)
    assert server.calls()["messages.getHistory"] - asked <= left // 100 + 1


async def test_the_command_says_what_it_asked_for(
    server: MTProtoServer, database: Database, redis_url: str, tmp_path: Path, quick: None, shallow: Path
) -> None:
    world = server.world
    alice, support = world.add_user("Alice"), world.add_supergroup("Support")
    for number in range(250):
        world.post(support, alice, f"ok {number}")
    async with listening(server, database, redis_url, tmp_path, shallow) as ear:
        await until(lambda: holds(ear, support, 100))
    url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)

    def otklik(*arguments: str) -> subprocess.CompletedProcess[str]:
        with tempfile.TemporaryDirectory(prefix="otklik-") as home:
            environment = {
                "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "OTKLIK_HOME": home,
                "OTKLIK_DATABASE_URL": url, "OTKLIK_REDIS_URL": redis_url,
            }  # fmt: skip
            return subprocess.run(
                [sys.executable, "-m", "otklik", "backfill", *arguments],
                capture_output=True, text=True, timeout=200, cwd=home, check=False, env=environment,
            )  # fmt: skip

    asked = otklik("--chat", str(support.marked_id), "--all")
    assert asked.stdout.startswith(f"All messages of chat {support.marked_id} are asked for."), asked.stderr
    asked = otklik("--chat", str(support.marked_id), "--depth", "200", "--json")
    assert json.loads(asked.stdout) == {"chat_id": support.marked_id, "depth": 200}
    unknown = otklik("--chat", "5")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert f"No chat 5 is held. There are: {support.marked_id} Support" in unknown.stderr
    async with listening(server, database, redis_url, tmp_path, shallow) as ear:
        await until(lambda: holds(ear, support, 200))


async def test_of_a_chat_without_a_message_nothing_is_unknown(database: Database) -> None:
    assert await Ledger(database).unknown(-5, (1, 0)) == []
    assert await Ledger(database).unknown(-5, (1, 1)) == [(1, 1)]


async def test_a_gap_is_closed_before_a_long_history_goes_on(
    server: MTProtoServer, database: Database, redis_url: str, tmp_path: Path, quick: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    world = server.world
    alice = world.add_user("Alice")
    long, other = world.add_supergroup("Long", [alice]), world.add_supergroup("Other", [alice])
    for number in range(6_000):
        world.post(long, alice, f"ok {number}")
    world.post(other, alice, "first")
    rules = tmp_path / "otklik.toml"
    rules.write_text("[listen]\nbackfill = 6000\nwindow = 20\n")
    monkeypatch.setattr(ingestion.telegram.history, "PAUSE_SECONDS", 0.3)
    server.limits.channel_difference_too_long = 20

    async def has_begun() -> bool:
        return pages_of(server).count(long.id) >= 3 and other.id in pages_of(server)

    async def goes_on_after_the_gap() -> bool:
        pages = pages_of(server, asked)
        return pages.count(other.id) >= 3 and pages[-1] == long.id

    async with listening(server, database, redis_url, tmp_path, rules):
        await until(has_begun)
        with server.refusing():
            asked = len(server.asked)
            for number in range(300):
                world.post(other, alice, f"missed {number}")
        await until(goes_on_after_the_gap)
    pages = pages_of(server, asked)
    first = pages.index(other.id)
    assert pages[first : first + 3] == [other.id] * 3, pages


def pages_of(server: MTProtoServer, since: int = 0) -> list[int]:
    """The channels of which a page of history was asked for, in order."""
    asked = [one.request for one in server.asked[since:] if one.method == "messages.getHistory"]
    return [request.peer.channel_id for request in asked]
