"""Third station: units get their vectors, in batches, off the event loop."""

from collections.abc import Sequence

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.contracts.messages import UnitsChanged
from core.db.models import Unit
from core.db.session import Database, ReadSession
from core.embeddings.base import UnitEmbedding
from core.index.vectors import set_embeddings, unembedded, unit_vectors

BATCH = 32
"""Units embedded and committed together: some 1-2 s of work, which is what a kill can cost."""

_LOCK = text("SELECT pg_advisory_xact_lock(2, hashint8(:chat_id))")
"""One batch of a chat at a time: `otklik import` beside `otklik store` would embed every unit twice, on the same cores."""


class Embedding:
    """The handler of the stream of changed units."""

    def __init__(self, database: Database, embedder: UnitEmbedding) -> None:
        self._database = database
        self._embedder = embedder

    async def __call__(self, changes: Sequence[UnitsChanged]) -> None:
        """Embed whatever has no vector in these chats. A unit that changes meanwhile is left for the next round."""
        for chat_id in sorted({change.chat_id for change in changes}):
            while await self._step(chat_id):
                pass

    async def _step(self, chat_id: int) -> bool:
        async with self._database.transaction() as session:
            await session.execute(_LOCK, {"chat_id": chat_id})
            pending = await unembedded(ReadSession(session), chat_id, BATCH)
            if not pending:
                return False
            # The transaction holds only its lock meanwhile, no row and no snapshot.
            vectors = await unit_vectors(self._embedder, pending)
            made = [(unit.node_id, unit.text_hash, vector) for unit, vector in zip(pending, vectors, strict=True)]
            await set_embeddings(session, made)
        return True


async def unembedded_chats(session: AsyncSession) -> Sequence[int]:
    """The chats with units that have no vector yet."""
    found = await session.scalars(select(Unit.chat_id).where(Unit.embedding.is_(None)).distinct())
    return [chat_id for chat_id in found if chat_id is not None]
