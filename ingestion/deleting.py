"""A deletion takes away the message and all that was made of it. It wins whatever the order of arrival.

What goes with it: the row, its part of the unit and the unit's vector (the thread is cut anew), its part of the sums
(`ingestion.rollups`), its citations, and what the bot had made of it (`ingestion.bot_tables`); the messages after it look
for their threads again, answers that rested on it are flagged, and what was analysed with it is analysed anew without it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.contracts.messages import ChatChanged, MessagesDeleted, UnitsChanged
from core.contracts.streams import CHATS, UNITS
from core.db.eval_tables import named, withdraw_cases
from core.db.locks import DELETING
from core.db.models.deleted_message import SHARED
from core.db.session import Database
from core.streams.publisher import Publisher
from ingestion.bot_tables.retracting import retract_answers, retract_messages
from ingestion.placing import PLACER_LOCK, recut
from ingestion.reopening import withdraw
from ingestion.rollups import recount_hours

T = TypeVar("T")

_WHERE = text("""
    SELECT m.chat_id, m.message_id FROM messages m JOIN listened_chats l ON l.chat_id = m.chat_id AND l.shared
    WHERE m.message_id = ANY(CAST(:ids AS bigint[]))
""")

_BURY = text("""
    INSERT INTO deleted_messages (chat_id, message_id, deleted_at)
    SELECT :chat_id, id, :seen_at FROM unnest(CAST(:ids AS bigint[])) AS id ORDER BY id
    ON CONFLICT DO NOTHING
""")

_DELETE = text("""
    DELETE FROM messages WHERE chat_id = :chat_id AND message_id = ANY(CAST(:ids AS bigint[]))
    RETURNING message_id, thread_id, window_id, sent_at
""")

# A link depends on the messages before it, so the first one after each that went looks again, and `place` takes along
# the window behind it; so do the replies, however far behind.
_LOOK_AGAIN = text("""
    UPDATE messages SET threaded = false WHERE chat_id = :chat_id AND threaded AND (
        parent_id = ANY(CAST(:ids AS bigint[])) OR message_id IN (
            SELECT (SELECT min(m.message_id) FROM messages m WHERE m.chat_id = :chat_id AND m.message_id > gone)
            FROM unnest(CAST(:ids AS bigint[])) AS gone))
""")

# An answer without a model is a quotation: its text is the deleted one.
_FLAG_ANSWERS = text("""
    WITH gone AS (
        DELETE FROM citations WHERE chat_id = :chat_id AND message_ids && CAST(:ids AS bigint[]) RETURNING answer_id
    )
    UPDATE answers SET source_deleted_at = coalesce(source_deleted_at, :seen_at),
        answer = CASE WHEN model IS NULL THEN '' ELSE answer END
    WHERE answer_id IN (SELECT answer_id FROM gone)
    RETURNING answer_id, model IS NULL AS is_quotation
""")


class Deleting:
    """The handler of the stream of deletions."""

    def __init__(self, database: Database, publisher: Publisher) -> None:
        self._database = database
        self._publisher = publisher

    async def __call__(self, deletions: Sequence[MessagesDeleted]) -> None:
        """Apply a batch in one transaction, then tell that its chats have changed."""
        async with self._database.transaction() as session:
            touched = await delete(session, deletions)
        await self._publisher.publish(CHATS, [ChatChanged(chat_id=chat_id) for chat_id in touched])
        await self._publisher.publish(UNITS, [UnitsChanged(chat_id=chat_id) for chat_id in touched])


async def delete(session: AsyncSession, deletions: Sequence[MessagesDeleted]) -> Sequence[int]:
    """Take the messages away. Returns the chats they may have been in: also those where nothing was left to do, since a
    batch that comes again after a crash still has to tell."""
    await session.execute(DELETING)
    ids: dict[int, set[int]] = defaultdict(set)
    seen_at = max(deletion.seen_at for deletion in deletions)
    for deletion in deletions:
        ids[SHARED if deletion.chat_id is None else deletion.chat_id].update(deletion.message_ids)
    for chat_id, gone in ids.items():
        await session.execute(_BURY, {"chat_id": chat_id, "ids": sorted(gone), "seen_at": seen_at})
    for chat_id, message_id in (await session.execute(_WHERE, {"ids": sorted(ids.pop(SHARED, ()))})).all():
        ids[chat_id].add(message_id)
    for chat_id in sorted(ids):
        await _delete_in(session, chat_id, sorted(ids[chat_id]), seen_at)
    return sorted(ids)


async def _delete_in(session: AsyncSession, chat_id: int, ids: Sequence[int], seen_at: datetime) -> None:
    await session.execute(PLACER_LOCK, {"chat_id": chat_id})
    asked = await retract_messages(session, chat_id, ids, seen_at)  # the bot may have heard what is not held
    await withdraw_cases(session, named(chat_id, ids), asked)
    gone = (await session.execute(_DELETE, {"chat_id": chat_id, "ids": ids})).all()
    if not gone:
        return
    held = [row.message_id for row in gone]
    await session.execute(_LOOK_AGAIN, {"chat_id": chat_id, "ids": held})
    flagged = (await session.execute(_FLAG_ANSWERS, {"chat_id": chat_id, "ids": held, "seen_at": seen_at})).all()
    await retract_answers(session, [row.answer_id for row in flagged if row.is_quotation])
    await withdraw(session, chat_id, held, list(_present(row.window_id for row in gone)))
    await recut(session, chat_id, _present(row.thread_id for row in gone))
    await recount_hours(session, chat_id, [row.sent_at for row in gone])


def _present(found: Iterable[T | None]) -> set[T]:
    return {one for one in found if one is not None}
