"""Messages from the tables, to be read."""

from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text

from analytics.reading import Reading, Said
from core.db.session import ReadSession
from core.privacy.types import MaskedText

THREAD = 30
"""Messages of a thread that an urgent one is read with: itself and those around it."""

_COLUMNS = """
    m.message_id, m.sender, m.is_staff, m.sent_at, m.reply_to, m.thread_id, m.text,
    EXISTS (SELECT FROM messages a WHERE a.chat_id = m.chat_id AND a.thread_id = m.thread_id
        AND a.message_id > m.message_id AND a.is_staff) AS answered
"""
_WINDOW = text(f"SELECT {_COLUMNS} FROM messages m WHERE m.window_id = :window_id ORDER BY m.message_id")  # noqa: S608
_THREAD = text(f"""
    SELECT * FROM (
        SELECT {_COLUMNS} FROM messages m JOIN messages urgent USING (chat_id)
        WHERE m.chat_id = :chat_id AND urgent.message_id = :message_id
            AND (m.message_id = urgent.message_id OR m.thread_id = urgent.thread_id)
        ORDER BY m.message_id <> urgent.message_id, m.message_id DESC LIMIT {THREAD}
    ) AS latest ORDER BY message_id
""")  # noqa: S608 - only the constants above are put in

_QUESTIONS = text("""
    SELECT metadata_->>'question' FROM data_units WHERE chat_id = :chat_id ORDER BY last_at DESC LIMIT :limit
""")


async def window_reading(session: ReadSession, window_id: UUID) -> Reading:
    """The messages of a window."""
    return await _reading(session, _WINDOW, {"window_id": window_id})


async def thread_reading(session: ReadSession, chat_id: int, message_id: int) -> Reading:
    """A message with its thread, its latest messages where that is long. Empty where the message is gone."""
    return await _reading(session, _THREAD, {"chat_id": chat_id, "message_id": message_id})


async def recent_questions(session: ReadSession, chat_id: int, limit: int) -> list[MaskedText]:
    """What was asked in a chat lately."""
    found = await session.scalars(_QUESTIONS, {"chat_id": chat_id, "limit": limit})
    return [MaskedText(question) for question in found if question]


async def _reading(session: ReadSession, statement: TextClause, values: dict[str, Any]) -> Reading:
    return Reading([Said(**row) for row in (await session.execute(statement, values)).mappings()])
