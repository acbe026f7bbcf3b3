"""Models and migrations tell the same story."""

import asyncpg  # type: ignore[import-untyped]
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from core.db.models import Base
from core.db.schema import migrate
from core.db.session import Database, is_transient
from core.errors import OtklikError, SettingsError, Unavailable


async def test_models_and_migrations_agree(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_migrating_again_changes_nothing(database: Database) -> None:
    await migrate(database)


async def test_a_database_of_a_newer_otklik_is_left_alone(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(OtklikError, match="newer Otklik"):
        await migrate(database)


async def test_a_read_session_cannot_write(database: Database) -> None:
    async with database.reading() as session:
        with pytest.raises(DBAPIError, match="read-only transaction"):
            await session.execute(text("DELETE FROM messages"))


async def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    async def failing() -> None:
        async with database.transaction() as session:
            await session.execute(text("INSERT INTO chats (chat_id, kind, title) VALUES (1, 'group', 'x')"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await failing()
    async with database.reading() as session:
        assert (await session.execute(text("SELECT count(*) FROM chats"))).scalar() == 0


async def test_what_the_server_says_to_a_new_connection_is_understood(database_url: str) -> None:
    assert is_transient(asyncpg.CannotConnectNowError("the database system is in recovery mode"))
    other = Database(database_url.replace("/test_", "/absent_"))
    with pytest.raises(Unavailable, match=r"refuses the connection: .* does not exist; check OTKLIK_DATABASE_URL"):
        await migrate(other)
    with pytest.raises(asyncpg.InvalidCatalogNameError) as caught:
        async with other.reading():
            pass
    assert not is_transient(caught.value)


async def test_an_absent_server_is_transient_and_bad_data_is_not(database: Database) -> None:
    absent = Database("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(Unavailable, match="OTKLIK_DATABASE_URL"):
        await migrate(absent)
    async with database.reading() as session:
        with pytest.raises(DBAPIError) as caught:
            await session.execute(text("SELECT 1/0"))
    assert not is_transient(caught.value)


@pytest.mark.parametrize("url", ["mysql://x/y", "not a url"])
def test_a_foreign_url_says_what_to_write(url: str) -> None:
    with pytest.raises(SettingsError, match="postgresql://"):
        Database(url)
