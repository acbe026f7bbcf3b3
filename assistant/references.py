"""Where units stand, for people to look there."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from assistant.texts.cards import Reference
from core.domain.chats import message_link

_UNITS = text("""
    SELECT chat_id, (metadata_->'message_ids'->>0)::bigint AS message_id, (metadata_->>'asked_at')::float8 AS asked_at, vetted
    FROM unnest(CAST(:ids AS text[])) WITH ORDINALITY AS wanted(node_id, place) JOIN data_units USING (node_id)
    ORDER BY place
""")


async def references_to(session: AsyncSession, unit_ids: Sequence[str]) -> Sequence[Reference]:
    """Links to these units, in their order, as far as they are still there."""
    rows = (await session.execute(_UNITS, {"ids": unit_ids})).all()
    return [
        Reference(
            link=message_link(row.chat_id, row.message_id) if row.message_id is not None else None,
            said_at=datetime.fromtimestamp(row.asked_at, UTC),
            vetted=row.vetted,
        )
        for row in rows
    ]
