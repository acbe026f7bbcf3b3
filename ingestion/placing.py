"""Second station: stored messages get their place in the threads, and the touched threads are cut into units and summed up.

What is still to be done is read from the tables (`messages.threaded`), and a link depends only on the messages before it
(`ingestion.threading`). So the outcome is the same in whatever order messages arrived, and however often this runs.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import takewhile

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.contracts.messages import ChatChanged, UnitsChanged
from core.contracts.streams import UNITS
from core.db.models import Message
from core.db.session import Database
from core.domain.threads import Link, ThreadMessage
from core.index.records import UnitRecord, unit_id_of
from core.index.writing import replace_thread_units
from core.privacy.types import MaskedText
from core.streams.publisher import Publisher
from ingestion.rollups import put_threads, recount_hours
from ingestion.threading import WINDOW, link, prepare
from ingestion.units import Unit, UnitMessage, cut

STEP = 500
"""Unthreaded messages placed in one transaction."""

PLACER_LOCK = text("SELECT pg_advisory_xact_lock(1, hashint8(:chat_id))")
"""One placer at a time per chat: two would read each other's windows half-written."""

# An edition that was stored while the links were made keeps its `threaded = false` and comes with the next step.
_PUT_LINKS = text("""
    UPDATE messages SET threaded = true, parent_id = r.parent_id, thread_id = r.thread_id, link_how = r.how,
        link_evidence = r.evidence
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(message_id bigint, edit_version bigint, parent_id bigint,
        thread_id bigint, how text, evidence jsonb)
    WHERE messages.chat_id = :chat_id AND messages.message_id = r.message_id
        AND messages.edit_version = r.edit_version
""")

# A message that moved to another thread takes along all that hangs on it, however far behind.
_MOVE_DESCENDANTS = text("""
    WITH RECURSIVE down AS (
        SELECT child.message_id, child.thread_id AS was, parent.thread_id
        FROM messages parent JOIN messages child
            ON child.chat_id = parent.chat_id AND child.parent_id = parent.message_id
        WHERE parent.chat_id = :chat_id AND parent.message_id = ANY(CAST(:placed AS bigint[]))
            AND child.threaded AND child.thread_id IS DISTINCT FROM parent.thread_id
        UNION
        SELECT child.message_id, child.thread_id, down.thread_id
        FROM down JOIN messages child ON child.chat_id = :chat_id AND child.parent_id = down.message_id
        WHERE child.threaded
    )
    UPDATE messages SET thread_id = down.thread_id FROM down
    WHERE messages.chat_id = :chat_id AND messages.message_id = down.message_id
    RETURNING down.was, down.thread_id
""")

_UNEMBEDDED_LEFT = text("SELECT EXISTS (SELECT FROM data_units WHERE chat_id = :chat_id AND embedding IS NULL)")


class Placing:
    """The handler of the stream of changed chats."""

    def __init__(self, database: Database, publisher: Publisher) -> None:
        self._database = database
        self._publisher = publisher

    async def __call__(self, changes: Sequence[ChatChanged]) -> None:
        """Place whatever waits in these chats; then tell that their units have changed."""
        for chat_id in sorted({change.chat_id for change in changes}):
            while True:
                async with self._database.transaction() as session:
                    placed = await place(session, chat_id)
                    to_embed = await session.scalar(_UNEMBEDDED_LEFT, {"chat_id": chat_id})
                if to_embed:
                    await self._publisher.publish(UNITS, [UnitsChanged(chat_id=chat_id)])
                if not placed:
                    break


async def place(session: AsyncSession, chat_id: int) -> int:
    """Give a place to the first `STEP` messages of a chat that have none, and to those whose window they change.

    Returns how many had none. Links, threads and units change in the caller's transaction, together.
    """
    await session.execute(PLACER_LOCK, {"chat_id": chat_id})
    rows = await _to_link(session, chat_id)
    if not rows:
        return 0
    unplaced = {row.message_id for row in rows if not row.threaded}
    was_in = {row.message_id: row.thread_id for row in rows}
    before = await _before(session, chat_id, rows[0].message_id)
    links = _linked(before, rows)
    threads = await _threads(session, chat_id, before, links)
    put = [_link_row(row, links[row.message_id], threads[row.message_id]) for row in rows]
    await session.execute(_PUT_LINKS, {"chat_id": chat_id, "rows": json.dumps(put)})
    moved = await session.execute(_MOVE_DESCENDANTS, {"chat_id": chat_id, "placed": list(links)})
    touched = {thread for pair in moved for thread in pair}
    for message_id, was in was_in.items():
        if message_id in unplaced or was != threads[message_id]:
            touched |= {was, threads[message_id]}
    await recut(session, chat_id, {thread for thread in touched if thread is not None})
    await recount_hours(session, chat_id, [row.sent_at for row in rows if row.message_id in unplaced])
    return len(unplaced)


async def _to_link(session: AsyncSession, chat_id: int) -> Sequence[Message]:
    """From the first unthreaded message, at most `STEP` up to another unthreaded one, and the threaded ones of the window
    behind it. A window ends before a message that waits: that one comes with the next step, and its own window with it."""
    unthreaded = select(Message.message_id).where(Message.chat_id == chat_id, ~Message.threaded)
    first = await session.scalar(unthreaded.order_by(Message.message_id).limit(1))
    if first is None:
        return []
    following = select(Message).where(Message.chat_id == chat_id, Message.message_id >= first)
    rows = (await session.scalars(following.order_by(Message.message_id).limit(STEP + WINDOW))).all()
    last = max(at for at, row in enumerate(rows[:STEP]) if not row.threaded)
    behind = takewhile(lambda row: row.threaded, rows[last + 1 : last + 1 + WINDOW])
    return [*rows[: last + 1], *behind]


async def _before(session: AsyncSession, chat_id: int, first: int) -> Sequence[Message]:
    window = select(Message).where(Message.chat_id == chat_id, Message.message_id < first)
    rows = (await session.scalars(window.order_by(Message.message_id.desc()).limit(WINDOW))).all()
    return rows[::-1]


def _linked(before: Sequence[Message], rows: Sequence[Message]) -> dict[int, Link]:
    window = [prepare(_thread_message(row)) for row in before]
    links = {}
    for row in rows:
        prepared = prepare(_thread_message(row))
        links[row.message_id] = link(prepared, window[-WINDOW:])
        window.append(prepared)
    return links


async def _threads(
    session: AsyncSession, chat_id: int, before: Sequence[Message], links: Mapping[int, Link]
) -> dict[int, int]:
    """The thread of every linked message: its parent's, its own where it has none, the absent parent's id otherwise."""
    threads = {row.message_id: row.thread_id for row in before if row.thread_id is not None}
    far = {one.parent for one in links.values() if one.parent is not None} - threads.keys() - links.keys()
    known = select(Message.message_id, Message.thread_id).where(Message.chat_id == chat_id, Message.message_id.in_(far))
    threads |= {message_id: thread for message_id, thread in await session.execute(known) if thread is not None}
    for message_id, one in links.items():
        threads[message_id] = message_id if one.parent is None else threads.get(one.parent, one.parent)
    return threads


async def recut(session: AsyncSession, chat_id: int, thread_ids: set[int]) -> None:
    """Cut the touched threads anew, and sum them up; the index keeps the vectors of units whose text stayed the same."""
    if not thread_ids:
        return
    by_thread: dict[int, list[UnitMessage]] = defaultdict(list)
    # Columns, not objects: a long thread is read again with each of its new messages.
    for thread, *said in await session.execute(
        select(
            Message.thread_id, Message.message_id, Message.is_staff, Message.sender, Message.sent_at, Message.text
        ).where(Message.chat_id == chat_id, Message.thread_id.in_(thread_ids))
    ):
        by_thread[thread].append(UnitMessage(*said))
    units = [_record(chat_id, thread, unit) for thread, held in by_thread.items() for unit in cut(held)]
    await replace_thread_units(session, chat_id, thread_ids, units)
    await put_threads(session, chat_id, thread_ids, by_thread)


def _thread_message(row: Message) -> ThreadMessage:
    return ThreadMessage(
        message_id=row.message_id,
        sender=row.sender,
        is_staff=row.is_staff,
        sent_at=row.sent_at,
        text=MaskedText(row.text),
        # A reply to oneself or to the future, which only a broken export has, would make a thread without a beginning.
        reply_to=row.reply_to if row.reply_to is not None and row.reply_to < row.message_id else None,
        topic_id=row.topic_id,
        mentions=tuple(row.mentions),
    )


def _record(chat_id: int, thread_id: int, unit: Unit) -> UnitRecord:
    return UnitRecord(
        unit_id=unit_id_of(chat_id, unit.first_id),
        chat_id=chat_id,
        thread_id=thread_id,
        message_ids=unit.messages,
        text=unit.text,
        question=unit.question,
        answer=unit.answer,
        asked_at=unit.asked_at,
        last_at=unit.last_at,
        staff_answered=unit.staff_answered,
    )


def _link_row(row: Message, link_: Link, thread_id: int) -> dict[str, object]:
    return {
        "message_id": row.message_id,
        "edit_version": row.edit_version,
        "parent_id": link_.parent,
        "thread_id": thread_id,
        "how": link_.how.value,
        "evidence": [{"name": one.name, "weight": round(one.weight, 3)} for one in link_.evidence],
    }
