"""Whether what an answer was made of is still there: else the answer must not be kept."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.locks import KEEPING

_GONE = text("""
    WITH named AS (SELECT name, split_part(name, ':', 1) AS chat, split_part(name, ':', 2) AS id
        FROM unnest(CAST(:names AS text[])) AS name)
    SELECT EXISTS (
        SELECT FROM named JOIN deleted_messages d
            ON d.chat_id = CAST(named.chat AS bigint) AND d.message_id = CAST(named.id AS bigint)
        WHERE chat <> 'vetted'
    ) OR EXISTS (
        SELECT FROM named WHERE chat = 'vetted' AND NOT EXISTS (SELECT FROM data_units u WHERE u.node_id = named.name)
    )
""")


async def is_whole(session: AsyncSession, rests_on: Sequence[str]) -> bool:
    """Whether none of these was deleted. Whoever deletes waits until this transaction ends, and then takes what was kept."""
    await session.execute(KEEPING)
    return not await session.scalar(_GONE, {"names": list(rests_on)})
