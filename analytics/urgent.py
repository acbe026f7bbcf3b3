"""Urgent messages: noticed once, and told to staff once their urgency is confirmed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.contracts.messages import SHORT, ResponseNeeded
from core.db.models import Appraisal
from core.db.session import ReadSession
from core.privacy.types import MaskedText

STORED_WITHIN = timedelta(hours=1)
"""After an outage of the analysis of more than that, the windows have what was urgent then."""
SENT_WITHIN = timedelta(days=1)
"""An import and a backfill store old messages now; nobody wants to be alarmed by last year."""
PLACED_WITHIN = timedelta(seconds=10)
"""A message is read with its thread, which it has a moment after it is stored. It does not wait longer for that."""
TOLD_AT_ONCE = 100

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

_UNTOLD = text("""
    SELECT a.chat_id, a.message_id, m.topic_id, m.text, a.summary FROM appraisals a
    JOIN messages m USING (chat_id, message_id) WHERE a.untold ORDER BY a.made_at LIMIT :limit
""")


async def notice(session: AsyncSession, now: datetime) -> int:
    """Queue the urgent messages of clients that nobody has looked at; returns how many."""
    since = {"stored_since": now - STORED_WITHIN, "sent_since": now - SENT_WITHIN, "placed_since": now - PLACED_WITHIN}
    return len((await session.execute(_NOTICE, since)).all())


async def untold(session: ReadSession) -> Sequence[ResponseNeeded]:
    """What staff has still to be told."""
    return [
        ResponseNeeded(
            chat_id=row.chat_id,
            message_id=row.message_id,
            topic_id=row.topic_id,
            question=MaskedText(row.text[:SHORT]),
            summary=MaskedText(row.summary[:SHORT]),
            urgent=True,
        )
        for row in await session.execute(_UNTOLD, {"limit": TOLD_AT_ONCE})
    ]


async def told(session: AsyncSession, alarms: Sequence[ResponseNeeded]) -> None:
    """They are in the stream."""
    keys = [(alarm.chat_id, alarm.message_id) for alarm in alarms]
    its_own = tuple_(Appraisal.chat_id, Appraisal.message_id).in_(keys)
    await session.execute(update(Appraisal).where(its_own).values(untold=False))
