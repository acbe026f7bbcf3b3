"""Whether a client's message still waits for somebody to answer it."""

from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# What staff says later in the same thread answers it, and so does a reply to it that has no thread yet.
_FACTS = text("""
    SELECT EXISTS (
            SELECT FROM messages AS s WHERE s.chat_id = m.chat_id AND s.thread_id = m.thread_id AND s.is_staff
                AND (s.sent_at, s.message_id) > (m.sent_at, m.message_id))
        OR EXISTS (
            SELECT FROM messages AS s WHERE s.chat_id = m.chat_id AND NOT s.threaded AND s.is_staff
                AND s.reply_to = m.message_id) AS answered,
        EXISTS (
            SELECT FROM question_messages AS q WHERE q.chat_id = m.chat_id AND q.message_id = m.message_id) AS asked_bot
    FROM messages AS m WHERE m.chat_id = :chat_id AND m.message_id = :message_id
""")


class Settled(StrEnum):
    """Why nobody needs to answer it any more."""

    GONE = "gone"
    """It was deleted, or its author was erased."""
    ANSWERED = "answered"
    """By staff."""
    ASKED_BOT = "asked_bot"
    """It is a question to the bot, which has its own way."""


async def settled(session: AsyncSession, chat_id: int, message_id: int) -> Settled | None:
    """Why a message does not wait; None where it does."""
    facts = (await session.execute(_FACTS, {"chat_id": chat_id, "message_id": message_id})).one_or_none()
    if facts is None:
        return Settled.GONE
    if facts.answered:
        return Settled.ANSWERED
    return Settled.ASKED_BOT if facts.asked_bot else None
