"""A throw-away embedded PostgreSQL with the product's own schema."""

import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import SecretStr

from core.db.schema import migrate
from core.db.session import Database
from core.embedded.servers import servers
from core.embeddings.base import UnitEmbedding
from core.index.records import UnitRecord
from core.index.vectors import set_embeddings, unembedded, unit_vectors
from core.index.writing import replace_thread_units
from core.settings import Settings

PAGE = 256


@asynccontextmanager
async def throw_away_database() -> AsyncIterator[Database]:
    """Migrated and empty; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="otklik-bench-") as home:
        settings = Settings(home=Path(home), redis_url=SecretStr("redis://unused"))
        async with servers(settings) as running:
            database = Database(running.database_url)
            try:
                await migrate(database)
                yield database
            finally:
                await database.close()


async def fill(database: Database, units: Sequence[UnitRecord]) -> None:
    """Write the units of one chat, without vectors."""
    async with database.transaction() as session:
        await replace_thread_units(session, units[0].chat_id, {unit.thread_id for unit in units}, units)


async def embed_all(database: Database, chat_id: int, embedder: UnitEmbedding) -> None:
    """The way of the store role: page by page, until none is left."""
    while True:
        async with database.reading() as session:
            pending = await unembedded(session, chat_id, PAGE)
        if not pending:
            return
        vectors = await unit_vectors(embedder, pending)
        made = [(unit.node_id, unit.text_hash, vector) for unit, vector in zip(pending, vectors, strict=True)]
        async with database.transaction() as session:
            await set_embeddings(session, made)
