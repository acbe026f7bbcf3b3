"""Which embedding model the stored vectors belong to."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import IndexMismatch, SettingsError

MAX_DIMENSION = 4_000
"""The most that pgvector's HNSW index takes of half-precision vectors."""

_REMEMBER = text("""
    INSERT INTO index_info (model, dimension) VALUES (:model, :dimension) ON CONFLICT DO NOTHING RETURNING model
""")
_REMEMBERED = text("SELECT model, dimension FROM index_info")
_FORGET = text("DELETE FROM index_info")
_COLUMN = text("""
    SELECT atttypmod FROM pg_attribute WHERE attrelid = 'data_units'::regclass AND attname = 'embedding'
""")
_COUNT = text("SELECT count(*) FROM data_units")


async def check_index(session: AsyncSession, model: str, dimension: int) -> None:
    """Remember the model at its first use; afterwards make sure that it is still the same.

    Raises:
        IndexMismatch: the stored vectors were made by another model.
    """
    if (await session.execute(_REMEMBER, {"model": model, "dimension": dimension})).first():
        if (await session.execute(_COLUMN)).scalar_one() != dimension:
            await _clear(session, dimension)
        return
    stored = (await session.execute(_REMEMBERED)).one()
    if (stored.model, stored.dimension) != (model, dimension):
        raise IndexMismatch(
            f"The index was built by {stored.model!r} ({stored.dimension} dimensions), but {model!r}"
            f" ({dimension}) is set: run `otklik reindex` to build it anew, or set the former model again."
        )


async def reindex(session: AsyncSession, model: str, dimension: int) -> int:
    """Drop every vector, make room for this model's, and remember it; returns how many units are to be embedded.

    Until they are, units are found by their words.
    """
    await _clear(session, dimension)
    await session.execute(_FORGET)
    await session.execute(_REMEMBER, {"model": model, "dimension": dimension})
    return int((await session.execute(_COUNT)).scalar_one())


async def _clear(session: AsyncSession, dimension: int) -> None:
    if not 0 < dimension <= MAX_DIMENSION:
        raise SettingsError(f"The embedding model has {dimension} dimensions; the index takes at most {MAX_DIMENSION}.")
    # Rewrites the table and leaves an empty HNSW index; an UPDATE would leave 50,000 dead rows and dead graph nodes.
    await session.execute(text(f"ALTER TABLE data_units ALTER COLUMN embedding TYPE halfvec({dimension:d}) USING NULL"))
