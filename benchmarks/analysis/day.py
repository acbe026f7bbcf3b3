"""A day of 1,000 messages, made of the sample chats, and how it passes: minute by minute, as it would come in.

The samples tell their conversations over eight months. Here each conversation begins at a moment of its own, drawn from one
working stretch, and keeps its pauses: so a chat is as busy, and as tangled, as one with so many messages a day is.
"""

import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from analytics.windows import cut_due
from benchmarks.road.stage import Stage
from core.contracts.messages import MessageObserved
from core.db.session import Database
from core.rules import BatchRules
from ingestion.placing import place
from ingestion.storing import store

A_DAY = 1_000
"""Messages."""
SEED = 20_261_128
BEGINS = datetime(2026, 11, 26, 5, tzinfo=UTC)
LONGEST_PAUSE = timedelta(minutes=30)
"""Between two messages of a conversation: who answers after a week has begun another."""
MINUTE = timedelta(minutes=1)

Read = Callable[[], Awaitable[None]]
"""Reads the windows that have just been cut."""

_THREADS = text("SELECT chat_id, message_id, thread_id FROM messages")
_CAME = text("UPDATE messages SET stored_at = sent_at, threaded = true WHERE NOT threaded")
"""As if it had been stored when it was sent. Its place in the threads costs no money."""


async def spread(found: Stage, chats: Sequence[Sequence[MessageObserved]]) -> Sequence[MessageObserved]:
    """The messages of all chats in the order of their new times, numbered anew in each chat."""
    for chat in chats:
        async with found.database.transaction() as session:
            await store(session, chat)
        await _place(found.database, chat[0].chat.chat_id)
    async with found.database.reading() as session:
        threads = {(row.chat_id, row.message_id): row.thread_id for row in await session.execute(_THREADS)}
    await found.clear()
    rng = random.Random(SEED)
    span = timedelta(days=sum(len(chat) for chat in chats) / A_DAY)
    moved = [one for chat in chats for one in _spread(chat, threads, span, rng)]
    return sorted(moved, key=lambda one: one.sent_at)


async def pass_day(database: Database, messages: Sequence[MessageObserved], rules: BatchRules, read: Read) -> None:
    """Let the messages come in, cut and read what is due every minute, until nothing is left."""
    waiting = list(messages)
    now = BEGINS
    until = messages[-1].sent_at + timedelta(minutes=rules.minutes) + MINUTE
    while now <= until:
        now += MINUTE
        came = [one for one in waiting if one.sent_at <= now]
        waiting = waiting[len(came) :]
        if came:
            await _put(database, came)
        if await cut_due(database, rules, now):
            await read()


def _spread(
    chat: Sequence[MessageObserved], threads: dict[tuple[int, int], int], span: timedelta, rng: random.Random
) -> Iterator[MessageObserved]:
    begins: dict[int, tuple[datetime, datetime]] = {}
    """Of each thread: when its latest message was sent, in the sample and now."""
    timed = []
    for message in chat:
        thread = threads[message.chat.chat_id, message.message_id]
        then, at = begins.get(thread, (message.sent_at, BEGINS + span * rng.random()))
        at += min(message.sent_at - then, LONGEST_PAUSE)
        begins[thread] = (message.sent_at, at)
        timed.append((at, message))
    timed.sort(key=lambda pair: pair[0])
    numbers = {message.message_id: number for number, (_, message) in enumerate(timed, start=1)}
    for at, message in timed:
        reply_to = None if message.reply_to is None else numbers.get(message.reply_to)
        new = {"message_id": numbers[message.message_id], "sent_at": at, "reply_to": reply_to}
        yield message.model_copy(update=new)


async def _put(database: Database, messages: Sequence[MessageObserved]) -> None:
    async with database.transaction() as session:
        await store(session, messages)
        await session.execute(_CAME)


async def _place(database: Database, chat_id: int) -> None:
    while True:
        async with database.transaction() as session:
            if not await place(session, chat_id):
                return
