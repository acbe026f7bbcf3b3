"""Topics that last: a name that means one that the chat already has becomes that one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.models import Topic
from core.embeddings.base import UnitEmbedding
from core.index.vectors import Vector
from core.privacy.types import MaskedText

SAME = 0.93
"""The cosine from which two names mean one topic. See `evals/datasets/topics.jsonl`."""
OFFERED = 30
"""Names that the model is shown: it chooses better among few, and each window pays for all of them."""

LOCK = text("SELECT pg_advisory_xact_lock(7, hashint8(:chat_id))")
"""Two windows of a chat that are stored at once would make the same topic twice under two names."""


@dataclass(frozen=True, slots=True)
class Known:
    """A topic of the chat, or a former name of one."""

    topic_id: UUID
    """The topic that is meant."""
    name: MaskedText
    vector: Vector
    current: bool
    """False for a former name."""


class ChatTopics:
    """The topics of one chat, to find the one that a name means."""

    def __init__(self, known: Sequence[Known]) -> None:
        self._known = known
        self._by_name = {_folded(topic.name): topic for topic in known}
        self._vectors = np.asarray([topic.vector for topic in known], dtype=np.float32)

    def meant(self, name: str, vector: Vector, same: float = SAME) -> UUID | None:
        """The topic that a name means; None where the chat has none of the kind yet."""
        if found := self._by_name.get(_folded(name)):
            return found.topic_id
        nearest = self._nearest(vector, 1)
        return nearest[0][0].topic_id if nearest and nearest[0][1] >= same else None

    @property
    def names(self) -> Sequence[MaskedText]:
        """All of them, the oldest first."""
        return [topic.name for topic in self._known if topic.current]

    def nearest_names(self, vector: Vector) -> Sequence[MaskedText]:
        """Those nearest to what is talked about, as many as are offered."""
        return [topic.name for topic, _ in self._nearest(vector, len(self._known)) if topic.current][:OFFERED]

    def _nearest(self, vector: Vector, count: int) -> list[tuple[Known, float]]:
        if not self._known:
            return []
        cosines = self._vectors @ np.asarray(vector, dtype=np.float32)
        return [(self._known[at], float(cosines[at])) for at in np.argsort(-cosines)[:count]]


async def known_topics(session: AsyncSession, chat_id: int) -> ChatTopics:
    """The chat's topics as they stand now."""
    rows = await session.scalars(select(Topic).where(Topic.chat_id == chat_id).order_by(Topic.made_at, Topic.name))
    return ChatTopics(
        [
            Known(row.stands_for or row.topic_id, MaskedText(row.name), row.embedding, row.stands_for is None)
            for row in rows
        ]
    )


async def settled(
    session: AsyncSession, chat_id: int, names: Mapping[MaskedText, Vector], same: float = SAME
) -> dict[MaskedText, UUID]:
    """The topic of each name: one that the chat has, or a new one. Holds the chat's topics until the transaction ends."""
    await session.execute(LOCK, {"chat_id": chat_id})
    found: dict[MaskedText, UUID] = {}
    for name, vector in names.items():
        # Read again for each: two new names of one window may mean the same.
        topic = (await known_topics(session, chat_id)).meant(name, vector, same)
        found[name] = topic or await _make(session, chat_id, name, vector)
    return found


async def vectors_of(embedder: UnitEmbedding, names: Sequence[MaskedText]) -> dict[MaskedText, Vector]:
    """The vectors of names, with which they are compared."""
    distinct = list(dict.fromkeys(names))
    made = await embedder.aget_text_embedding_batch(list(distinct))
    return dict(zip(distinct, made, strict=True))


async def _make(session: AsyncSession, chat_id: int, name: MaskedText, vector: Vector) -> UUID:
    made = insert(Topic).values(chat_id=chat_id, name=name, embedding=list(vector)).returning(Topic.topic_id)
    return (await session.scalars(made)).one()


def _folded(name: str) -> str:
    return " ".join(name.casefold().replace("ё", "е").split())
