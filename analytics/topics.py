"""Topics that last: the same matter has the same name next week.

Whoever names a topic is shown the chat's own names, the nearest by embedding, and takes one where it means the same. What
nobody chose becomes a topic of its own, unless it has the same words. An embedding alone cannot tell: of the labelled pairs
of `evals/datasets/topics.jsonl` a cosine of 0.94 finds 15 of 36 that are the same, and takes 13 of 32 for the same that
are not ("открытие смены" and "закрытие смены" have 0.99). By their words none is taken wrongly, and 3 are found. A wrong
merge hides a problem inside another one; two topics instead of one are put together with `otklik topics merge`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from analytics.analysis.naming import TELLING, name_stems
from core.db.models import Topic
from core.embeddings.base import UnitEmbedding
from core.index.vectors import Vector
from core.privacy.types import MaskedText

OFFERED = 30
"""Names that the model is shown: it chooses better among few, and each window pays for all of them. Of
the labelled pairs 33 of 36 are among the nearest 30 of 85 names, 30 of them among the nearest ten."""
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
        self._vectors = np.asarray([topic.vector for topic in known], dtype=np.float32)

    def meant(self, name: str) -> UUID | None:
        """The topic that a name means; None where the chat has none of the kind yet."""
        alike = [topic for topic in self._known if same_words(topic.name, name)]
        exactly = [topic for topic in alike if topic.name == name]
        return next((topic.topic_id for topic in (*exactly, *alike)), None)

    @property
    def names(self) -> Sequence[MaskedText]:
        """All of them, the oldest first."""
        return [topic.name for topic in self._known if topic.current]

    @property
    def all_names(self) -> Sequence[MaskedText]:
        """The former ones too."""
        return [topic.name for topic in self._known]

    def nearest_names(self, vector: Vector) -> Sequence[MaskedText]:
        """Those nearest to what is talked about, as many as are offered."""
        cosines = self._vectors @ np.asarray(vector, dtype=np.float32)
        nearest = [self._known[at] for at in np.argsort(-cosines)]
        return [topic.name for topic in nearest if topic.current][:OFFERED]


def same_words(one: str, other: str) -> bool:
    """Whether two names are of the same words, in whatever form and order, or one of them only says more.

    >>> same_words("возврат по чеку", "Возвраты чеков"), same_words("открытие смены", "закрытие смены")
    (True, False)
    """
    fewer, more = sorted((name_stems(one), name_stems(other)), key=len)
    return bool(fewer) and (fewer == more or (len(fewer) >= TELLING and fewer <= more))


async def known_topics(session: AsyncSession, chat_id: int) -> ChatTopics:
    """The chat's topics as they stand now."""
    rows = await session.scalars(select(Topic).where(Topic.chat_id == chat_id).order_by(Topic.made_at, Topic.name))
    return ChatTopics(
        [
            Known(row.stands_for or row.topic_id, MaskedText(row.name), row.embedding, row.stands_for is None)
            for row in rows
        ]
    )


async def settled(session: AsyncSession, chat_id: int, names: Mapping[MaskedText, Vector]) -> dict[MaskedText, UUID]:
    """The topic of each name: one that the chat has, or a new one. Holds the chat's topics until the transaction ends."""
    await session.execute(LOCK, {"chat_id": chat_id})
    found: dict[MaskedText, UUID] = {}
    for name, vector in names.items():
        # Read again for each: two new names of one window may mean the same.
        topic = (await known_topics(session, chat_id)).meant(name)
        found[name] = topic or await _make(session, chat_id, name, vector)
    return found


async def vectors_of(embedder: UnitEmbedding, names: Sequence[MaskedText]) -> dict[MaskedText, Vector]:
    """The vectors of names, by which they are offered."""
    distinct = list(dict.fromkeys(names))
    made = await embedder.aget_text_embedding_batch(list(distinct))
    return dict(zip(distinct, made, strict=True))


async def _make(session: AsyncSession, chat_id: int, name: MaskedText, vector: Vector) -> UUID:
    made = insert(Topic).values(chat_id=chat_id, name=name, embedding=list(vector)).returning(Topic.topic_id)
    return (await session.scalars(made)).one()
