"""The vectors of units: which are missing, how one is made, and putting it where its text still stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.session import ReadSession
from core.privacy.types import MaskedText

if TYPE_CHECKING:  # importing LlamaIndex takes 1.4 s; `otklik status` counts units without it
    from core.embeddings.base import UnitEmbedding

Vector: TypeAlias = Sequence[float]

QUESTION_SHARE = 0.6
"""Weight of the question's own vector in the unit's; the rest of the text has the other part. Right unit first, by
cosine alone, of 1,239 rephrased questions to 124 Q&A threads, and of 62 questions to 232 units of chats: the whole text
as one vector 0.826 and 41, the question alone 0.851 and 41, both added up 0.901 and 46 (at 0.4), 0.903 and 49
(0.5), 0.901 and 53 (0.6). A long answer drowns the problem; the question alone does not know its solution. It costs
nothing: every word is still embedded once."""

LIVE_SECONDS = 3600

_HASH = "hashtextextended(concat_ws(chr(1), metadata_->>'question', text), 0)"

# What is talked about now comes first: it does not wait behind an import of ten thousand. History comes in its order, so
# that the threads at the edge of what is imported so far, which still grow, are embedded last: embed nothing twice.
_UNEMBEDDED = text(f"""
    SELECT node_id, {_HASH} AS text_hash, text, metadata_->>'question' AS question
    FROM data_units WHERE embedding IS NULL AND chat_id = :chat_id
    ORDER BY last_at < extract(epoch FROM now()) - {LIVE_SECONDS}, id LIMIT :limit
""")  # noqa: S608 - only the constant above is put in

# The text may have changed, or another worker been here, while the vector was computed.
_SET = text(f"""
    UPDATE data_units SET embedding = CAST(made.vector AS halfvec)
    FROM unnest(CAST(:ids AS text[]), CAST(:hashes AS bigint[]), CAST(:vectors AS text[]))
        AS made(node_id, text_hash, vector)
    WHERE data_units.node_id = made.node_id AND embedding IS NULL AND {_HASH} = made.text_hash
    RETURNING 1
""")  # noqa: S608 - only the constant above is put in

_COUNTS = text("SELECT count(*) AS units, count(*) FILTER (WHERE embedding IS NULL) AS unembedded FROM data_units")


@dataclass(frozen=True, slots=True)
class Unembedded:
    """A unit without a vector, and what the vector is to be made from."""

    node_id: str
    text_hash: int
    """Of text and question; `set_embeddings` compares it with what stands there by then."""
    text: MaskedText
    question: MaskedText


@dataclass(frozen=True, slots=True)
class UnitCounts:
    """How many units there are, and how many can be found by their words only."""

    units: int
    unembedded: int


async def unembedded(session: ReadSession, chat_id: int, limit: int) -> list[Unembedded]:
    """Units of a chat that wait for a vector: those of the last hour first, then in their order."""
    rows = await session.execute(_UNEMBEDDED, {"chat_id": chat_id, "limit": limit})
    return [Unembedded(**row) for row in rows.mappings()]


async def unit_vectors(embedder: "UnitEmbedding", pending: Sequence[Unembedded]) -> list[Vector]:
    """The vectors of these units, in order: the question and the rest of the text, each embedded once, added up."""
    parts = [_parts(unit) for unit in pending]
    distinct = list(dict.fromkeys(part for unit_parts in parts for part in unit_parts))
    vectors = await embedder.aget_text_embedding_batch(distinct)
    by_text = dict(zip(distinct, vectors, strict=True))
    return [_blend([by_text[part] for part in unit_parts]) for unit_parts in parts]


async def set_embeddings(session: AsyncSession, made: Iterable[tuple[str, int, Vector]]) -> int:
    """Store `(node_id, text_hash, vector)`; returns how many were put. One whose text changed meanwhile is left out."""
    rows = list(made)
    result = await session.execute(
        _SET,
        {
            "ids": [node_id for node_id, _, _ in rows],
            "hashes": [text_hash for _, text_hash, _ in rows],
            "vectors": [vector_literal(vector) for _, _, vector in rows],
        },
    )
    return len(result.all())


async def count_units(session: ReadSession) -> UnitCounts:
    """For `otklik status` and the metrics."""
    return UnitCounts(**(await session.execute(_COUNTS)).mappings().one())


def vector_literal(vector: Vector) -> str:
    """A vector as pgvector reads it; the driver has no type of its own for it."""
    return "[" + ",".join(f"{number:.7g}" for number in vector) + "]"


def _parts(unit: Unembedded) -> list[str]:
    rest = unit.text.removeprefix(unit.question).strip()
    return [part for part in (unit.question, rest) if part.strip()] or [unit.text]


def _blend(vectors: list[list[float]]) -> Vector:
    if len(vectors) == 1:
        return vectors[0]
    question, rest = (np.asarray(vector) for vector in vectors)
    both = QUESTION_SHARE * question + (1 - QUESTION_SHARE) * rest
    blended: list[float] = (both / max(float(np.linalg.norm(both)), 1e-12)).tolist()
    return blended
