"""The engine and the only place that commits."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, NewType

from asyncpg import PostgresError  # type: ignore[import-untyped]
from sqlalchemy import make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from core.db.reader import READER
from core.errors import SettingsError

ReadSession = NewType("ReadSession", AsyncSession)
"""A session in a read-only transaction: PostgreSQL itself refuses a write through it."""

POOL_SIZE = 10
"""Connections of one process: a store role runs two readers, two claimers, threading and embedding at once."""

READER_SETTINGS: Final = {
    "role": READER,
    # Nobody looks at a page for longer. What is slow shall be mended, and not hold up the consumers meanwhile.
    "statement_timeout": "20s",
    # A plan that is made for any period and any chats is a bad one for the last week of one chat.
    "plan_cache_mode": "force_custom_plan",
    # A year is grouped in memory, and looked up by index where that is better: disks do not seek any more. Compiling a plan
    # takes longer than running one of these.
    "work_mem": "32MB",
    "random_page_cost": "1.1",
    "jit": "off",
}
"""Of each connection of a `Reader`, from its first moment on."""

TRANSIENT = ("08", "40", "53", "55", "57")
"""SQLSTATE classes that pass by themselves: connection lost, serialisation or deadlock, out of resources, lock not
available, operator intervention (a restart)."""

ROLE_MISSING = ("22023", "42501")
"""There is no such role, or we may not become it, or it may not read."""

QUERY_CANCELED = "57014"

DATABASE_ERRORS = (DBAPIError, PostgresError)
"""What PostgreSQL's refusals are raised as. SQLAlchemy wraps those of statements only: what the server says to a new
connection, as "the database system is in recovery mode", comes through as asyncpg's own."""


class Database:
    """PostgreSQL as one process sees it."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """One unit of work: committed when the block ends, rolled back when it raises. Nobody else commits."""
        async with self._sessions() as session, session.begin():
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[ReadSession]:
        """For queries, of which each sees what is committed when it begins; nothing can be written through it."""
        async with self._sessions() as session, session.begin():
            await session.connection(execution_options={"postgresql_readonly": True})
            yield ReadSession(session)

    async def close(self) -> None:
        """Give every connection back."""
        await self.engine.dispose()


class Reader:
    """PostgreSQL as the dashboard sees it: whatever a page does, by mistake or because somebody made it, the role of its
    connections can read and nothing else."""

    def __init__(self, url: str) -> None:
        self._engine = _engine(url, READER_SETTINGS)
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[ReadSession]:
        """For queries, of which each sees what is committed when it begins."""
        async with self._sessions() as session, session.begin():
            await session.connection(execution_options={"postgresql_readonly": True})
            # To the role that the connection began with, whatever was smuggled into the query before: `set_config` can stand
            # in any of them.
            await session.execute(text("RESET ROLE"))
            yield ReadSession(session)

    async def check(self) -> None:
        """Make sure that the role can be used.

        Raises:
            SettingsError: it cannot; the text says what an operator does.
        """
        try:
            async with self.reading() as session:
                await session.execute(text("SELECT FROM chats LIMIT 1"))
        except DATABASE_ERRORS as error:
            if _sqlstate(error) not in ROLE_MISSING:
                raise
            user = make_url(self._engine.url).username or "the user of OTKLIK_DATABASE_URL"
            raise SettingsError(
                f"The dashboard reads as the PostgreSQL role {READER}, which {user} may not become. As an administrator "
                f"of PostgreSQL run CREATE ROLE {READER} NOLOGIN; GRANT {READER} TO {user}; and start Otklik again."
            ) from error

    async def close(self) -> None:
        """Give every connection back."""
        await self._engine.dispose()


def _engine(url: str, settings: Mapping[str, str] | None = None) -> AsyncEngine:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise SettingsError(
            "OTKLIK_DATABASE_URL is not a URL; write it as postgresql://user:password@host/db."
        ) from None
    if parsed.get_backend_name() != "postgresql":
        raise SettingsError("OTKLIK_DATABASE_URL must begin with postgresql://; other databases are not supported.")
    return create_async_engine(
        parsed.set(drivername="postgresql+asyncpg"),
        pool_size=POOL_SIZE,
        pool_pre_ping=True,
        connect_args={
            # Without iterative scan a filter leaves HNSW with too few rows: 2.3 of 10 on average at 5 % selectivity.
            "server_settings": {
                "application_name": "otklik",
                "hnsw.iterative_scan": "relaxed_order",
                **(settings or {}),
            },
            "timeout": 10,
            "command_timeout": 120,
        },
    )


def is_transient(error: BaseException) -> bool:
    """True where PostgreSQL is away or busy and the same statement may succeed later; a bug or bad data is not."""
    if isinstance(error, (ConnectionError, TimeoutError, OSError)):
        return True
    state = _sqlstate(error)
    if state is not None:
        return state.startswith(TRANSIENT)
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or isinstance(error, (OperationalError, InterfaceError))
    return False


def took_too_long(error: BaseException) -> bool:
    """True where PostgreSQL broke off a statement that took longer than its connection may (`READER_SETTINGS`)."""
    return _sqlstate(error) == QUERY_CANCELED


def _sqlstate(error: BaseException) -> str | None:
    state: Any = getattr(error.orig if isinstance(error, DBAPIError) else error, "sqlstate", None)
    return state if isinstance(state, str) else None
