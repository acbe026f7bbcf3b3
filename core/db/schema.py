"""Bringing a database to the schema that this code expects."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from asyncpg import PostgresError  # type: ignore[import-untyped]
from sqlalchemy import Connection, text

from core.db.reader import prepare_reader
from core.db.session import DATABASE_ERRORS, Database, is_transient
from core.errors import OtklikError, Unavailable

MIGRATION_LOCK = 6_845_201
"""Advisory lock: of several roles that start at once, one migrates and the others wait for it."""


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration for one open connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


async def migrate(database: Database) -> None:
    """Apply every migration that is missing, and let the role that only reads see what there is.

    Raises:
        Unavailable: PostgreSQL does not answer, or refuses the connection.
        OtklikError: the server lacks pgvector, or the database is newer than this code.
    """
    try:
        async with database.engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
            await connection.run_sync(_upgrade)
            await prepare_reader(connection)
    except (*DATABASE_ERRORS, OSError) as error:
        if is_transient(error):
            raise Unavailable(
                "PostgreSQL does not answer; check that it runs and that OTKLIK_DATABASE_URL is right."
            ) from error
        if isinstance(error, PostgresError):
            raise Unavailable(f"PostgreSQL refuses the connection: {error}; check OTKLIK_DATABASE_URL.") from error
        if "vector" in str(error):
            raise OtklikError(
                "PostgreSQL has no pgvector; install it (0.7 or newer) or use the image pgvector/pgvector:pg16."
            ) from error
        raise


def _upgrade(connection: Connection) -> None:
    config = alembic_config(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if connection.dialect.has_table(connection, "alembic_version"):
        current = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if current is not None and current not in known:
            raise OtklikError(
                f"The database was migrated by a newer Otklik (schema {current}); update this installation."
            )
    command.upgrade(config, "head")
