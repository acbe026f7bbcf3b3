"""What staff is told: which clients wait for an answer. It is noted in the transaction that finds it out, and taken back once
it is in the stream: whatever dies in between, nobody is forgotten, and the stream's reader shows one card for a message."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.contracts.messages import SHORT, ResponseNeeded
from core.db.models import AnalysisWindow, Appraisal, Message
from core.db.session import ReadSession
from core.privacy.types import MaskedText

SENT_WITHIN = timedelta(days=1)
"""Nobody waits for the answer to last week's question any more."""
TOLD_AT_ONCE = 100

# Only what is news (`is_news`). Of a message that the fast lane has found not to be urgent nobody was told yet; of one that it
# still looks at, or has found urgent, it tells itself.
_MARK = text("""
    UPDATE appraisals AS a SET untold = true FROM messages AS m
    WHERE a.chat_id = :chat_id AND a.message_id = ANY(CAST(:message_ids AS bigint[]))
        AND a.state = 'done' AND (a.window_id = :window_id OR (a.window_id IS NULL AND NOT a.urgent AND a.requires_response))
        AND (m.chat_id, m.message_id) = (a.chat_id, a.message_id) AND m.seen > 0 AND m.sent_at > :since
""")
_UNTOLD = text("""
    SELECT a.chat_id, a.message_id, m.topic_id, m.text, a.summary, a.urgent FROM appraisals a
    JOIN messages m USING (chat_id, message_id) WHERE a.untold ORDER BY a.urgent DESC, a.made_at LIMIT :limit
""")


def to_tell(waiting: Sequence[int], earlier: Mapping[int, bool], cards: int) -> Sequence[int]:
    """Of whose messages staff is to be told, of those that wait in a window, the most pressing first. Pure.

    `earlier`: those that the analysis before has found in the same window, and whether staff has still to be told of each.
    They count: a window that is read again because of an edit does not send as many cards again.

    >>> to_tell([7, 5, 9], {}, 2), to_tell([7, 5, 9], {7: False, 5: True}, 2), to_tell([7, 9], {7: False}, 2)
    ([7, 5], [5], [9])
    """
    pending = [one for one in waiting if earlier.get(one)]
    new = [one for one in waiting if one not in earlier]
    return [*pending, *new[: max(cards - len(earlier), 0)]]


async def mark_untold(session: AsyncSession, held: AnalysisWindow, message_ids: Sequence[int], now: datetime) -> None:
    """Note that staff has to be told of these messages of a window, as far as a card would be any good: a bot can answer
    in groups only."""
    if held.live and held.chat_id < 0 and message_ids:
        its_own = {"chat_id": held.chat_id, "window_id": held.window_id, "message_ids": list(message_ids)}
        await session.execute(_MARK, {**its_own, "since": now - SENT_WITHIN})


async def is_news(session: AsyncSession, held: Appraisal) -> bool:
    """Whether a message came from Telegram itself, and not out of a file, where nobody can see what was answered since."""
    seen = select(Message.seen > 0).where(Message.chat_id == held.chat_id, Message.message_id == held.message_id)
    return bool(await session.scalar(seen))


async def untold(session: ReadSession) -> Sequence[ResponseNeeded]:
    """What staff has still to be told, the urgent first."""
    return [
        ResponseNeeded(
            chat_id=row.chat_id,
            message_id=row.message_id,
            topic_id=row.topic_id,
            question=MaskedText((row.text if row.text.strip() else row.summary)[:SHORT]),
            summary=MaskedText(row.summary[:SHORT]),
            urgent=row.urgent,
        )
        for row in await session.execute(_UNTOLD, {"limit": TOLD_AT_ONCE})
    ]


async def told(session: AsyncSession, needed: Sequence[ResponseNeeded]) -> None:
    """They are in the stream."""
    keys = [(one.chat_id, one.message_id) for one in needed]
    its_own = tuple_(Appraisal.chat_id, Appraisal.message_id).in_(keys)
    await session.execute(update(Appraisal).where(its_own).values(untold=False))
