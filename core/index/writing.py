"""Writing units: all statements run inside the caller's transaction and work on whole arrays."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.index.records import UnitRecord, metadata_of, vetted_unit_id

# What a vector is made from: where it is the same, the vector is kept.
_SAME = """(data_units.text = excluded.text
            AND data_units.metadata_->>'question' IS NOT DISTINCT FROM excluded.metadata_->>'question')"""

# Rows go in sorted by node_id: two transactions that meet on the same units then wait for each other, not in a circle.
# A row whose new form equals the stored one is not touched at all (no new row version, no index entry).
_REPLACE = text(f"""
    WITH given AS (
        SELECT * FROM unnest(CAST(:ids AS text[]), CAST(:texts AS text[]), CAST(:metadata AS text[]))
            AS given(node_id, text, metadata)
    ), gone AS (
        DELETE FROM data_units
        WHERE chat_id = :chat_id AND thread_id = ANY(CAST(:thread_ids AS bigint[])) AND NOT vetted
            AND NOT EXISTS (SELECT FROM given WHERE given.node_id = data_units.node_id)
        RETURNING 1
    ), put AS (
        INSERT INTO data_units (node_id, text, metadata_)
        SELECT node_id, text, metadata::jsonb FROM given ORDER BY node_id
        ON CONFLICT (node_id) DO UPDATE SET
            text = excluded.text,
            metadata_ = excluded.metadata_,
            embedding = CASE WHEN {_SAME} THEN data_units.embedding END
        WHERE data_units.text IS DISTINCT FROM excluded.text OR data_units.metadata_ IS DISTINCT FROM excluded.metadata_
        RETURNING xmax = 0 AS inserted, embedding IS NULL AS unembedded
    )
    SELECT
        (SELECT count(*) FROM put WHERE inserted) AS inserted,
        (SELECT count(*) FROM put WHERE NOT inserted) AS updated,
        (SELECT count(*) FROM gone) AS deleted,
        (SELECT count(*) FROM put WHERE unembedded) AS to_embed
""")  # noqa: S608 - only the constant above is put in; every value is bound


_DELETE_VETTED = text("DELETE FROM data_units WHERE node_id = :node_id AND vetted")


@dataclass(frozen=True, slots=True)
class Changed:
    """What a replacement did."""

    inserted: int
    updated: int
    deleted: int
    to_embed: int
    """Of those written, how many have no vector now."""


async def replace_thread_units(
    session: AsyncSession, chat_id: int, thread_ids: Collection[int], units: Sequence[UnitRecord]
) -> Changed:
    """Make the stored units of these threads equal to the given ones.

    A unit whose text and question stayed the same keeps its vector, also when it moves to another of the chat's
    threads or gains facts; one whose text changed loses it; one that is not given any more is deleted. Vetted units belong
    to no thread: they are left alone.
    """
    _belong(chat_id, thread_ids, units)
    return await _replace(session, chat_id, thread_ids, units)


async def put_vetted_unit(session: AsyncSession, unit: UnitRecord) -> Changed:
    """Write one vetted unit, anew or in the place of its former self; its vector is kept where its text stayed the same."""
    if unit.vetted is None:
        raise ValueError(f"Unit {unit.unit_id!r} is not vetted: write it with the others of its thread.")
    return await _replace(session, unit.chat_id, [], [unit])


async def delete_vetted_unit(session: AsyncSession, vetted_id: UUID) -> None:
    """Take away the unit of a vetted answer, if there is one."""
    await session.execute(_DELETE_VETTED, {"node_id": vetted_unit_id(vetted_id)})


async def _replace(
    session: AsyncSession, chat_id: int, thread_ids: Collection[int], units: Sequence[UnitRecord]
) -> Changed:
    result = await session.execute(
        _REPLACE,
        {
            "chat_id": chat_id,
            "thread_ids": list(thread_ids),
            "ids": [unit.unit_id for unit in units],
            "texts": [unit.text for unit in units],
            "metadata": [json.dumps(metadata_of(unit), ensure_ascii=False) for unit in units],
        },
    )
    return Changed(**result.mappings().one())


def _belong(chat_id: int, thread_ids: Collection[int], units: Sequence[UnitRecord]) -> None:
    for unit in units:
        if unit.chat_id != chat_id or unit.thread_id not in thread_ids or unit.vetted:
            raise ValueError(f"Unit {unit.unit_id!r} does not belong to the threads that are replaced.")
