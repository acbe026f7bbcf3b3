"""Cutting the chats into windows. A window and the mark on each of its messages are one transaction: whatever dies in the
middle, every message is in one window or in none yet."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from analytics.cutting import Limits, Piece, Uncut, cut
from core.db.models import AnalysisWindow, Message
from core.db.session import Database, ReadSession
from core.rules import BatchRules

STEP = 2_000
"""Messages of a chat that are cut in one transaction: an import of a million is no transaction of a million."""

PLACED_WITHIN = timedelta(minutes=10)
"""A window is read with the threads of its messages. Behind a large import they take minutes; one that never gets its
place is not kept back for ever."""

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(6, hashint8(:chat_id))")
"""Two processes that cut one chat at once would make windows of every other message."""

_DUE = text("""
    SELECT chat_id FROM messages WHERE window_id IS NULL AND (threaded OR stored_at < :placed_since) GROUP BY chat_id
    HAVING count(*) >= :messages OR min(stored_at) <= :waited_since
    ORDER BY chat_id
""")


async def cut_due(database: Database, rules: BatchRules, now: datetime) -> int:
    """Cut whatever is due in any chat; returns how many windows that were."""
    async with database.reading() as session:
        chats = await _due_chats(session, rules, now)
    made = 0
    for chat_id in chats:
        while True:
            async with database.transaction() as session:
                cut_now = await _cut_chat(session, chat_id, _limits(rules), now)
            made += len(cut_now)
            if sum(len(piece.messages) for piece in cut_now) < STEP - rules.messages:
                break
    return made


async def _due_chats(session: ReadSession, rules: BatchRules, now: datetime) -> Sequence[int]:
    due = {
        "messages": rules.messages,
        "waited_since": now - timedelta(minutes=rules.minutes),
        "placed_since": now - PLACED_WITHIN,
    }
    return (await session.scalars(_DUE, due)).all()


def _limits(rules: BatchRules) -> Limits:
    return Limits(rules.messages, timedelta(minutes=rules.minutes), timedelta(days=rules.history_days))


async def _cut_chat(session: AsyncSession, chat_id: int, limits: Limits, now: datetime) -> Sequence[Piece]:
    await session.execute(_ONE_AT_A_TIME, {"chat_id": chat_id})
    # In the order of their ids, in which a chat sends its messages and the index has them. One that is being edited right
    # now is locked, and comes with the next window.
    unwindowed = select(Message.message_id, Message.sent_at, Message.stored_at).where(
        Message.chat_id == chat_id,
        Message.window_id.is_(None),
        or_(Message.threaded, Message.stored_at < now - PLACED_WITHIN),
    )
    first = unwindowed.order_by(Message.message_id).limit(STEP).with_for_update(skip_locked=True, key_share=True)
    pieces = list(cut([Uncut(*row) for row in await session.execute(first)], limits, now))
    for piece in pieces:
        await _put(session, chat_id, piece, uuid4())
    return pieces


async def _put(session: AsyncSession, chat_id: int, piece: Piece, window_id: UUID) -> None:
    sent = [message.sent_at for message in piece.messages]
    window = {
        "window_id": window_id,
        "chat_id": chat_id,
        "first_at": min(sent),
        "last_at": max(sent),
        "live": piece.live,
    }
    await session.execute(insert(AnalysisWindow).values(**window))
    ids = [message.message_id for message in piece.messages]
    marked = update(Message).where(Message.chat_id == chat_id, Message.message_id.in_(ids))
    await session.execute(marked.values(window_id=window_id))
