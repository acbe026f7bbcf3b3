"""What was found out about a message follows it: an edit has it analysed anew, a deletion takes it away.

All in the transaction that changes the messages. `analytics` compares the revision when it stores: an analysis that was
under way meanwhile is thrown away.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.eval_tables import reopen_cases
from core.db.verdicts import renew_verdicts_in

SETTLING_SECONDS = 60
"""An edit is seldom alone, and each time costs a call to the model. Urgent messages do not wait."""

# Every stored message of the batch is locked, in order, and not only those that change: so two batches that meet on the
# same messages wait for each other and never in a circle, and no window is cut around an edit that is not there yet.
_EDITED = text(f"""
    WITH held AS (
        SELECT m.chat_id, m.message_id, m.window_id,
            (r.edit_version, r.seen) > (m.edit_version, m.seen)
                AND (m.text, m.is_staff) IS DISTINCT FROM (r.text, r.is_staff) AS changes,
            (r.edit_version, r.seen) > (m.edit_version, m.seen) AND m.sent_at <> r.sent_at AS moves, m.sent_at AS was_sent_at
        FROM messages m JOIN jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(chat_id bigint, message_id bigint,
            edit_version bigint, seen bigint, is_staff boolean, sent_at timestamptz, text text) USING (chat_id, message_id)
        ORDER BY m.chat_id, m.message_id FOR NO KEY UPDATE OF m
    ), windows AS (
        UPDATE analysis_windows SET state = 'ready', revision = revision + 1, tries = 0, leased_until = NULL,
            batch_id = NULL, due_at = now() + interval '{SETTLING_SECONDS} seconds'
        WHERE window_id IN (SELECT window_id FROM held WHERE changes)
    ), hours AS (
        UPDATE chat_hours h SET moved = moved + 1 FROM held
        WHERE held.moves AND h.chat_id = held.chat_id AND h.hour = date_trunc('hour', held.was_sent_at, 'UTC')
    ), urgent AS (
        UPDATE appraisals a SET state = 'ready', revision = revision + 1, tries = 0, leased_until = NULL, due_at = now()
        FROM held
        WHERE held.changes AND a.chat_id = held.chat_id AND a.message_id = held.message_id AND a.window_id IS NULL
    )
    SELECT chat_id || ':' || message_id FROM held WHERE changes
""")  # noqa: S608 - only the constant above is put in

_APPRAISALS = text(
    "DELETE FROM appraisals WHERE chat_id = :chat_id AND message_id = ANY(CAST(:message_ids AS bigint[]))"
)
_DRAFTS = text("""
    UPDATE appraisals SET suggestion = NULL, sources = '{}'
    WHERE chat_id = :chat_id AND sources && CAST(:message_ids AS bigint[])
""")
# What was made of a window with the message in it tells of the message: it goes at once, not when it is made anew.
_WINDOW_TOPICS = text("DELETE FROM window_topics WHERE window_id = ANY(CAST(:windows AS uuid[]))")
_WINDOW_APPRAISALS = text("DELETE FROM appraisals WHERE window_id = ANY(CAST(:windows AS uuid[]))")
_EMPTY_WINDOWS = text("""
    DELETE FROM analysis_windows w WHERE window_id = ANY(CAST(:windows AS uuid[]))
        AND NOT EXISTS (SELECT FROM messages m WHERE m.window_id = w.window_id)
""")
_WINDOWS = text("""
    UPDATE analysis_windows SET state = 'ready', revision = revision + 1, tries = 0, leased_until = NULL, batch_id = NULL,
        due_at = now(), analysed_at = NULL, analysed_by = NULL, call_id = NULL, summary = NULL, sentiment = NULL, error = NULL
    WHERE window_id = ANY(CAST(:windows AS uuid[]))
""")
# A topic that nothing rests on any more may have got its name from the person's words.
_TOPICS = text("""
    DELETE FROM topics t WHERE chat_id = ANY(CAST(:chats AS bigint[])) AND stands_for IS NULL
        AND NOT EXISTS (SELECT FROM window_topics w WHERE w.topic_id = t.topic_id)
""")


@dataclass(frozen=True, slots=True)
class Gone:
    """A message that was erased, and where it had its place."""

    chat_id: int
    message_id: int
    window_id: UUID | None
    thread_id: int | None
    sent_at: datetime


async def reopen_edited(session: AsyncSession, rows: str) -> None:
    """Have analysed anew what later editions are about to change, and counted anew what they move to another hour (two
    sources may disagree about a time). Call before they are stored, with the same rows."""
    edited = (await session.scalars(_EDITED, {"rows": rows})).all()
    if edited:
        await reopen_cases(session, edited)


async def withdraw(session: AsyncSession, chat_id: int, message_ids: Sequence[int], window_ids: Sequence[UUID]) -> None:
    """Take away what was found out from messages that are gone, and have the rest of their windows analysed anew."""
    if window_ids:
        # The windows first, as who stores an analysis does: in another order the two could wait for each other.
        for statement in (_WINDOWS, _WINDOW_TOPICS, _WINDOW_APPRAISALS, _EMPTY_WINDOWS):
            await session.execute(statement, {"windows": list(window_ids)})
        await renew_verdicts_in(session, chat_id, window_ids)
    for statement in (_APPRAISALS, _DRAFTS):
        await session.execute(statement, {"chat_id": chat_id, "message_ids": list(message_ids)})


async def withdraw_erased(session: AsyncSession, gone: Sequence[Gone]) -> int:
    """The same for the messages of an erased person, with the names of topics; returns from how many windows."""
    chats: dict[int, list[Gone]] = defaultdict(list)
    for one in gone:
        chats[one.chat_id].append(one)
    windows: set[UUID] = set()
    for chat_id in sorted(chats):
        touched = {one.window_id for one in chats[chat_id] if one.window_id is not None}
        await withdraw(session, chat_id, [one.message_id for one in chats[chat_id]], sorted(touched))
        windows |= touched
    await session.execute(_TOPICS, {"chats": sorted(chats)})
    return len(windows)
