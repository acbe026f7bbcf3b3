"""Real parts for every test: one embedded PostgreSQL and Valkey a run, one database a test, cloned from a template."""

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import hypothesis
import pytest
import redis
import structlog
from sqlalchemy import text

from core.db.schema import migrate
from core.db.session import Database
from core.embedded.servers import Servers, servers
from core.settings import Settings
from otklik.cli import THREADS

hypothesis.settings.register_profile("slow", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("slow")  # without it an example that takes 0.2 s fails

TEMPLATE = "otklik"
# Read before the doors are closed.
FULL_SOAK = os.environ.get("OTKLIK_SOAK") == "full"
FULL_ISOLATION = os.environ.get("OTKLIK_ISOLATION") == "full"
WRITE_DOCS = os.environ.get("OTKLIK_WRITE_DOCS") == "1"
_numbers = itertools.count()


@pytest.fixture(autouse=True, scope="session")
def _closed_doors() -> None:
    """No setting of the person's shell reaches a test."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OTKLIK_", "ANTHROPIC_"))}
    os.environ.clear()
    # One thread for each embedder: the workers share the cores, and two that wait for each other cost a third more.
    os.environ.update({**THREADS, "OMP_NUM_THREADS": "1", **kept})


@pytest.fixture(autouse=True, scope="session")
def _plain_tracebacks() -> None:
    """structlog's own draw each variable of each frame, which takes 8 s of a core for one that went through SQLAlchemy."""
    *before, _ = structlog.get_config()["processors"]
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*before, plain])


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """A home for the whole run. Short, because a unix socket's path has at most 107 bytes."""
    path = Path(tempfile.mkdtemp(prefix="otklik-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def running_servers(home: Path, _closed_doors: None) -> Iterator[Servers]:
    """The embedded servers, up for the whole run, with a migrated template database."""
    with asyncio.Runner() as runner:
        context = servers(Settings(home=home))
        found = runner.run(context.__aenter__())
        try:
            template = Database(found.database_url)
            runner.run(migrate(template))
            runner.run(_careless(template))
            runner.run(template.close())
            yield found
        finally:
            runner.run(context.__aexit__(None, None, None))


async def _careless(database: Database) -> None:
    """What nobody keeps need not survive a power cut. On a busy machine a database that is made and dropped takes 0.05 s in
    place of 1.5 s, of which most is waiting for the disk; what a killed process leaves behind is no different."""
    async with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        for statement in (
            "ALTER SYSTEM SET fsync = off",
            "ALTER SYSTEM SET full_page_writes = off",
            "SELECT pg_reload_conf()",
        ):
            await connection.execute(text(statement))


@asynccontextmanager
async def fresh_database(found: Servers, template: str = TEMPLATE) -> AsyncIterator[str]:
    """A database with every table and no rows, or as another one that nobody is connected to: a copy of its files, which
    takes some 30 ms."""
    name = f"test_{next(_numbers)}"
    admin = Database(found.database_url.replace("/otklik?", "/postgres?"))
    async with admin.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"))
        yield found.database_url.replace("/otklik?", f"/{name}?")
        await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    await admin.close()


def emptied_valkey(found: Servers) -> str:
    """The address of Valkey, without what others have left there."""
    with redis.Redis.from_url(found.redis_url) as client:
        client.flushall()
    return found.redis_url


@pytest.fixture
async def database_url(running_servers: Servers) -> AsyncIterator[str]:
    """A fresh database."""
    async with fresh_database(running_servers) as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The fresh database, opened."""
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def redis_url(running_servers: Servers) -> str:
    """An empty Valkey."""
    return emptied_valkey(running_servers)
