"""Urgent messages: noticed once."""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

STORED_WITHIN = timedelta(hours=1)
"""After an outage of the analysis of more than that, the windows have what was urgent then."""
SENT_WITHIN = timedelta(days=1)
"""An import and a backfill store old messages now; nobody wants to be alarmed by last year."""
PLACED_WITHIN = timedelta(seconds=10)
"""A message is read with its thread, which it has a moment after it is stored. It does not wait longer for that."""

# A message that a window has found already, and whose edit made it urgent, is taken over.
_NOTICE = text("""
    INSERT INTO appraisals (chat_id, message_id)
    SELECT chat_id, message_id FROM messages
    WHERE lane = 'HIGH' AND NOT is_staff AND stored_at > :stored_since AND sent_at > :sent_since
        AND (threaded OR stored_at < :placed_since)
        AND NOT EXISTS (SELECT FROM appraisals a WHERE a.chat_id = messages.chat_id
            AND a.message_id = messages.message_id AND a.window_id IS NULL)
    ORDER BY chat_id, message_id
    ON CONFLICT (chat_id, message_id) DO UPDATE SET window_id = NULL, state = 'ready', due_at = now(), tries = 0,
        revision = appraisals.revision + 1
    RETURNING message_id
""")


async def notice(session: AsyncSession, now: datetime) -> int:
    """Queue the urgent messages of clients that nobody has looked at; returns how many."""
    since = {"stored_since": now - STORED_WITHIN, "sent_since": now - SENT_WITHIN, "placed_since": now - PLACED_WITHIN}
    return len((await session.execute(_NOTICE, since)).all())
