"""The role that only reads: what it may, what it may not, and how it comes to be."""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.db.models import Base
from core.db.schema import migrate
from core.db.session import Database, Reader
from core.embedded.servers import Servers, servers
from core.errors import SettingsError
from core.settings import Settings

WRITES = (
    "INSERT INTO chats (chat_id, kind, title) VALUES (1, 'group', 'x')",
    "DELETE FROM messages",
    "WITH gone AS (DELETE FROM messages RETURNING 1) SELECT * FROM gone",
    "CREATE TABLE mine (id int)",
    "COPY chats TO PROGRAM 'cat'",
    "SELECT pg_read_file('/etc/passwd')",
)
ROOT = Path(__file__).parents[3]
MIGRATE = """
import asyncio, sys
from core.db.schema import migrate
from core.db.session import Database

asyncio.run(migrate(Database(sys.argv[1])))
"""
SMUGGLED = "SELECT set_config('role', 'none', false), set_config('default_transaction_read_only', 'off', false)"
"""What an injection can do within one SELECT: PostgreSQL takes one statement at a time from the driver."""


@pytest.fixture
async def reader(database: Database, database_url: str) -> AsyncIterator[Reader]:
    async with database.transaction() as session:
        await session.execute(text("INSERT INTO chats (chat_id, kind, title) VALUES (7, 'group', 'x')"))
    opened = Reader(database_url)
    yield opened
    await opened.close()


async def role(reader: Reader) -> object:
    async with reader.reading() as session:
        return await session.scalar(text("SELECT current_user"))


async def test_it_reads_every_table(reader: Reader) -> None:
    await reader.check()
    assert await role(reader) == "otklik_reader"
    async with reader.reading() as session:
        for table in Base.metadata.sorted_tables:
            await session.execute(table.select().limit(1))
        assert await session.scalar(text("SELECT title FROM chats WHERE chat_id = 7")) == "x"


@pytest.mark.parametrize("statement", WRITES)
async def test_it_writes_nothing_even_where_the_transaction_may(reader: Reader, statement: str) -> None:
    """Refused for want of the right, so also in a transaction that somebody has made writable."""
    async with reader._sessions() as session:
        await session.execute(text("SET TRANSACTION READ WRITE"))
        with pytest.raises(DBAPIError, match=r"permission denied|must be superuser|cannot execute"):
            await session.execute(text(statement))


@pytest.mark.parametrize("statement", ["DELETE FROM chats", "CREATE TEMP TABLE mine (id int)", "SELECT lo_create(0)"])
async def test_a_transaction_of_its_own_is_read_only_whatever_the_role(reader: Reader, statement: str) -> None:
    async with reader.reading() as session:
        await session.execute(text(SMUGGLED))
        with pytest.raises(DBAPIError, match="read-only transaction"):
            await session.execute(text(statement))


async def test_what_was_smuggled_into_one_query_does_not_reach_the_next_page(reader: Reader) -> None:
    async with reader.reading() as session:
        backend = await session.scalar(text("SELECT pg_backend_pid()"))
        await session.execute(text(SMUGGLED))
    async with reader.reading() as session:
        assert await session.scalar(text("SELECT pg_backend_pid()")) == backend
        assert await session.scalar(text("SELECT current_user")) == "otklik_reader"
        with pytest.raises(DBAPIError, match=r"read-only transaction|permission denied"):
            await session.execute(text("DELETE FROM chats"))


async def test_a_table_that_came_later_is_readable_at_the_next_start(
    database: Database, database_url: str, reader: Reader
) -> None:
    async with database.transaction() as session:
        await session.execute(text("CREATE TABLE later (id int)"))
    async with reader.reading() as session:
        with pytest.raises(DBAPIError, match="permission denied"):
            await session.execute(text("SELECT * FROM later"))
    await migrate(database)
    async with reader.reading() as session:
        await session.execute(text("SELECT * FROM later"))


@pytest.fixture
async def cluster() -> AsyncIterator[Servers]:
    """A cluster that has never seen the role."""
    home = Path(tempfile.mkdtemp(prefix="otklik-"))
    async with servers(Settings(home=home)) as found:
        yield found
    shutil.rmtree(home, ignore_errors=True)


def in_database(found: Servers, name: str, user: str = "postgres") -> str:
    return found.database_url.replace("/otklik?", f"/{name}?").replace("postgres@", f"{user}@")


async def execute(url: str, *statements: str) -> None:
    database = Database(url)
    async with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await database.close()


async def migrated(url: str) -> None:
    """In a process of its own, as roles do it: Alembic knows one migration at a time in a process."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", MIGRATE, url, cwd=ROOT)
    assert await process.wait() == 0


async def test_databases_of_one_cluster_may_be_migrated_at_once_and_by_users_with_few_rights(cluster: Servers) -> None:
    names = [f"db{number}" for number in range(4)]
    await execute(in_database(cluster, "postgres"), *(f"CREATE DATABASE {name}" for name in names))
    await asyncio.gather(*(migrated(in_database(cluster, name)) for name in names))
    for name in names:
        reader = Reader(in_database(cluster, name))
        await reader.check()
        assert await role(reader) == "otklik_reader"
        await reader.close()

    # One who may make roles becomes the reader without being a superuser.
    await execute(in_database(cluster, "postgres"), "DROP DATABASE db0 WITH (FORCE)", *_without_role(names[1:]))
    await execute(
        in_database(cluster, "postgres"), "CREATE ROLE maker LOGIN CREATEROLE", "CREATE DATABASE made OWNER maker"
    )
    await execute(in_database(cluster, "made"), "CREATE EXTENSION vector")
    await migrated(in_database(cluster, "made", "maker"))
    reader = Reader(in_database(cluster, "made", "maker"))
    await reader.check()
    with pytest.raises(DBAPIError, match="permission denied"):
        async with reader._sessions() as session:
            await session.execute(text("DELETE FROM chats"))
    await reader.close()

    # One who may not is told what to have done, and then it works.
    await execute(in_database(cluster, "postgres"), "DROP DATABASE made WITH (FORCE)", "DROP ROLE otklik_reader")
    await execute(in_database(cluster, "postgres"), "CREATE ROLE plain LOGIN", "CREATE DATABASE managed OWNER plain")
    await execute(in_database(cluster, "managed"), "CREATE EXTENSION vector")
    await migrated(in_database(cluster, "managed", "plain"))
    reader = Reader(in_database(cluster, "managed", "plain"))
    with pytest.raises(SettingsError, match="CREATE ROLE otklik_reader NOLOGIN; GRANT otklik_reader TO plain;"):
        await reader.check()
    await execute(in_database(cluster, "postgres"), "CREATE ROLE otklik_reader NOLOGIN")
    with pytest.raises(SettingsError, match="GRANT otklik_reader TO plain"):
        await reader.check()
    await execute(in_database(cluster, "postgres"), "GRANT otklik_reader TO plain")
    await migrated(in_database(cluster, "managed", "plain"))
    await reader.check()
    await reader.close()


def _without_role(names: list[str]) -> list[str]:
    return [*(f"DROP DATABASE {name} WITH (FORCE)" for name in names), "DROP ROLE otklik_reader"]
