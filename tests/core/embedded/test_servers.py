"""The embedded servers: one set for all processes of a home, stopped by the last, whatever was killed."""

import asyncio
import ctypes
import os
import shutil
import signal
import stat
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest
import redis
from sqlalchemy import text

from core.db.session import Database
from core.embedded.home import Home
from core.embedded.postgres import EmbeddedPostgres
from core.embedded.servers import Servers, servers
from core.embedded.valkey import EmbeddedValkey
from core.errors import OtklikError
from core.settings import Settings
from tests.e2e.processes import until

PR_SET_CHILD_SUBREAPER = 36
ROOT = Path(__file__).parents[3]
USER = """
import asyncio, sys
from pathlib import Path
from core.embedded.servers import servers
from core.settings import Settings

async def use():
    async with servers(Settings(home=Path(sys.argv[1]))):
        print("up", flush=True)
        await asyncio.to_thread(sys.stdin.readline)

asyncio.run(use())
"""


@pytest.fixture(scope="module")
def own() -> Iterator[Path]:
    """A home of these tests' own; initdb takes seconds, so they share it. Every test leaves its servers stopped."""
    path = Path(tempfile.mkdtemp(prefix="otklik-"))
    yield path
    for server in (EmbeddedPostgres(Home(path)), EmbeddedValkey(Home(path))):
        server.stop()
    shutil.rmtree(path)


class Process:
    """Another process that uses the home, until it is told to end."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, home: Path) -> "Process":
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable, "-c", USER, str(home), cwd=ROOT,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            )
        )  # fmt: skip

    async def up(self) -> None:
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if line != b"up\n":
            assert self._process.stderr is not None
            raise AssertionError((await self._process.stderr.read()).decode())

    async def leave(self) -> None:
        await self._process.communicate(b"\n")
        assert self._process.returncode == 0

    async def kill(self) -> None:
        self._process.kill()
        await self._process.communicate()


@pytest.fixture
async def processes() -> AsyncIterator[list[Process]]:
    started: list[Process] = []
    yield started
    for process in started:
        if process._process.returncode is None:
            await process.kill()


def valkey_answers(home: Path) -> bool:
    with redis.Redis.from_url(EmbeddedValkey(Home(home)).url) as client:
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False


async def postgres_answers(home: Path) -> bool:
    database = Database(EmbeddedPostgres(Home(home)).url)
    try:
        async with database.reading() as session:
            return bool(await session.scalar(text("SELECT true")))
    except OSError:
        return False
    finally:
        await database.close()


async def both(home: Path) -> tuple[bool, bool]:
    return await postgres_answers(home), await asyncio.to_thread(valkey_answers, home)


def pid_of_postgres(home: Path) -> int:
    return int((home / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def pid_of_valkey(home: Path) -> int:
    with redis.Redis.from_url(EmbeddedValkey(Home(home)).url) as client:
        return int(client.info("server")["process_id"])


async def test_two_processes_that_start_at_once_share_the_servers_and_the_last_stops_them(
    own: Path, processes: list[Process]
) -> None:
    async with asyncio.timeout(200):
        processes += [await Process.start(own) for _ in range(2)]
        first, last = processes
        await asyncio.gather(first.up(), last.up())
        pids = pid_of_postgres(own), await asyncio.to_thread(pid_of_valkey, own)
        await first.leave()
        assert await both(own) == (True, True)
        assert (pid_of_postgres(own), await asyncio.to_thread(pid_of_valkey, own)) == pids
        await last.leave()
        assert await both(own) == (False, False)


async def test_a_killed_user_leaves_no_hold(own: Path, processes: list[Process]) -> None:
    async with asyncio.timeout(200):
        processes.append(killed := await Process.start(own))
        await killed.up()
        async with servers(Settings(home=own)):
            await killed.kill()
            assert await both(own) == (True, True)
        assert await both(own) == (False, False)


async def test_servers_that_nobody_stopped_are_taken_over(own: Path, processes: list[Process]) -> None:
    async with asyncio.timeout(200):
        processes.append(killed := await Process.start(own))
        await killed.up()
        await killed.kill()
        assert await both(own) == (True, True), "servers outlive the process that started them"
        pid = pid_of_postgres(own)
        async with servers(Settings(home=own)):
            assert pid_of_postgres(own) == pid
        assert await both(own) == (False, False)


@pytest.fixture
def adopting() -> Iterator[None]:
    """Orphans become this process's children, so that it can bury them: not every container's PID 1 does."""
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    yield
    libc.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
async def test_killed_servers_start_again_over_what_they_left(own: Path, adopting: None) -> None:
    async with asyncio.timeout(200), servers(Settings(home=own)) as running:
        await write(running, "before")
        for pid in (pid_of_postgres(own), await asyncio.to_thread(pid_of_valkey, own)):
            os.kill(pid, signal.SIGKILL)
            await asyncio.to_thread(os.waitpid, pid, 0)
        assert (own / "postgres" / "postmaster.pid").exists()
        assert (own / "valkey" / "valkey.sock").exists()
        await running.ensure_running()
        assert await both(own) == (True, True)
        assert await read(running) == "before"


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
async def test_a_killed_postgresql_starts_again_beside_its_ghost_and_its_orphans(own: Path, adopting: None) -> None:
    async with asyncio.timeout(200), servers(Settings(home=own)) as running:
        await write(running, "before")
        async with busy_backend(running):
            ghost = pid_of_postgres(own)
            os.kill(ghost, signal.SIGKILL)  # and nobody reaps it: its pid stays taken
            await running.ensure_running()
            assert await both(own) == (True, True)
            assert await read(running) == "before"
        await asyncio.to_thread(os.waitpid, ghost, 0)


async def test_a_killed_backend_is_recovered_from(own: Path) -> None:
    async with asyncio.timeout(200), servers(Settings(home=own)) as running:
        server = pid_of_postgres(own)
        async with busy_backend(running) as backend:
            os.kill(backend, signal.SIGKILL)
            await running.ensure_running()
            assert await both(own) == (True, True)
        assert pid_of_postgres(own) == server


async def test_what_was_written_is_there_after_a_stop(own: Path) -> None:
    async with servers(Settings(home=own)) as running:
        await write(running, "kept")
        with redis.Redis.from_url(running.redis_url) as client:
            client.xadd("a-stream", {"a": "1"})
    async with servers(Settings(home=own)) as running:
        assert await read(running) == "kept"
        with redis.Redis.from_url(running.redis_url) as client:
            assert client.xlen("a-stream") == 1


async def test_only_the_owner_can_enter_and_no_port_is_open(own: Path) -> None:
    async with servers(Settings(home=own)) as running:
        for folder in (own, *(own / name for name in ("keys", "valkey", "run", "postgres"))):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder
        with redis.Redis.from_url(running.redis_url) as client:
            assert client.config_get("port") == {"port": "0"}
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
            assert client.config_get("appendonly") == {"appendonly": "yes"}
        database = Database(running.database_url)
        async with database.reading() as session:
            assert await session.scalar(text("SHOW listen_addresses")) == ""
        await database.close()


async def test_servers_that_are_set_are_not_started(tmp_path: Path) -> None:
    given = Settings(home=tmp_path / "h", database_url="postgresql://x/y", redis_url="redis://z")
    async with servers(given) as found:
        assert (found.database_url, found.redis_url, found.embedded) == ("postgresql://x/y", "redis://z", ())
        await found.ensure_running()
    assert not (tmp_path / "h" / "postgres").exists()


async def test_a_home_that_cannot_be_used_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OtklikError, match="OTKLIK_HOME"):
        Home(tmp_path / "file").prepare()


async def test_a_home_with_a_long_path_has_its_sockets_elsewhere(tmp_path: Path) -> None:
    home = Home(tmp_path / ("long" * 30))
    home.prepare()
    valkey = EmbeddedValkey(home)
    valkey.ensure_running()
    try:
        assert valkey_answers(home.path)
        assert valkey.url == EmbeddedValkey(Home(home.path)).url, "every process finds the same place"
    finally:
        valkey.stop()
    folder = Path(valkey.url.removeprefix("unix://")).parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@asynccontextmanager
async def busy_backend(running: Servers) -> AsyncIterator[int]:
    """The pid of a backend that computes for a second, and does not notice meanwhile that its server is dead."""
    connection = await asyncpg.connect(running.database_url)
    backend = connection.get_server_pid()
    work = "DO $$ DECLARE n float8 := 0; BEGIN FOR i IN 1..20000000 LOOP n := n + i; END LOOP; END $$"
    computing = asyncio.create_task(connection.execute(work))

    async def computes() -> bool:
        return bool(await one(running, f"SELECT query LIKE 'DO %' FROM pg_stat_activity WHERE pid = {backend}"))

    await until(computes)
    yield backend
    await asyncio.gather(computing, return_exceptions=True)  # a killed backend fails, an orphan may still answer


async def one(running: Servers, query: str) -> object:
    database = Database(running.database_url)
    async with database.reading() as session:
        found: object = await session.scalar(text(query))
    await database.close()
    return found


async def write(running: Servers, value: str) -> None:
    database = Database(running.database_url)
    async with database.transaction() as session:
        await session.execute(text("CREATE TABLE IF NOT EXISTS kept (value text)"))
        await session.execute(text("DELETE FROM kept"))
        await session.execute(text("INSERT INTO kept VALUES (:value)"), {"value": value})
    await database.close()


async def read(running: Servers) -> str:
    return str(await one(running, "SELECT value FROM kept"))
