"""Erasing one person: their messages, what they asked the bot, and everything that was made from them.

The person's id is given, the pseudonym is computed anew, and nothing of the id is kept. All tables change in one
transaction: threads are placed and cut anew in it, so there is no moment in which a unit still quotes an erased message.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from redis.asyncio import Redis
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.contracts.streams import BATCH, DELETED, FAST, RESPONSES
from core.db.eval_tables import withdraw_cases
from core.db.locks import DELETING
from core.db.session import Database
from core.streams.broker import purge
from ingestion.bot_tables.erasing import erase_asked
from ingestion.bot_tables.retracting import retract_answers
from ingestion.placing import PLACER_LOCK, place, recut
from ingestion.reopening import Gone, withdraw_erased
from ingestion.rollups import recount_hours

PASSES = 2
"""An entry that a consumer held while the tables were cleaned is stored right after; the second pass erases that."""

# What rested on the person's messages: answers with the questions that led to them. Found before the messages go.
_RESTED = text("""
    WITH theirs AS (
        SELECT chat_id, array_agg(message_id) AS ids FROM messages
        WHERE sender = :person OR chat_id = :private_chat GROUP BY chat_id
    )
    SELECT DISTINCT answer_id FROM citations JOIN theirs USING (chat_id) WHERE citations.message_ids && theirs.ids
""")
_ANSWERS = text("DELETE FROM answers WHERE answer_id = ANY(CAST(:answers AS uuid[]))")
_UNITS = text("""
    DELETE FROM data_units USING messages
    WHERE (messages.sender = :person OR messages.chat_id = :private_chat)
        AND data_units.chat_id = messages.chat_id AND data_units.thread_id = messages.thread_id
        AND data_units.metadata_->'message_ids' @> to_jsonb(messages.message_id)
    RETURNING data_units.node_id
""")
_MENTIONS = text("""
    UPDATE messages SET mentions = array_remove(mentions, :person), threaded = false
    WHERE :person = ANY(mentions) RETURNING chat_id
""")
# What hung on an erased message, or stood in a thread with one, is to be placed again.
_NEIGHBOURS = text("""
    UPDATE messages SET threaded = false
    FROM (SELECT DISTINCT chat_id, thread_id FROM messages WHERE sender = :person) AS touched
    WHERE messages.chat_id = touched.chat_id AND messages.thread_id = touched.thread_id
    RETURNING messages.chat_id
""")
# Their ids are kept as deleted: the listener's next look at the chat, or an old export, must not bring them back.
_MESSAGES = text("""
    WITH gone AS (
        DELETE FROM messages WHERE sender = :person OR chat_id = :private_chat
        RETURNING chat_id, message_id, window_id, thread_id, sent_at
    ), kept AS (
        INSERT INTO deleted_messages (chat_id, message_id, deleted_at) SELECT chat_id, message_id, now() FROM gone
        ON CONFLICT DO NOTHING
    )
    SELECT chat_id, message_id, window_id, thread_id, sent_at FROM gone
""")
_COVERAGE = text("DELETE FROM coverage WHERE chat_id = :private_chat")
_UNMASKED = text("DELETE FROM unmasked WHERE chat_id = :private_chat")
_MODEL_CALLS = text("UPDATE model_calls SET chat_id = NULL WHERE chat_id = :private_chat")
_CHATS = text("DELETE FROM chats WHERE chat_id = :private_chat RETURNING chat_id")
_DEAD_LETTERS = text("""
    DELETE FROM dead_letters WHERE position(convert_to(:person, 'UTF8') IN body) > 0
        OR position(convert_to(:private_chat, 'UTF8') IN body) > 0
    RETURNING id
""")


@dataclass(slots=True)
class Erased:
    """What was removed; the fields of `otklik forget --json`. All zero when there was nothing (any more)."""

    messages: int = 0
    windows: int = 0
    """Pieces of chats that are analysed anew without them."""
    units: int = 0
    answers: int = 0
    questions: int = 0
    """Asked of the bot."""
    votes: int = 0
    vetted: int = 0
    """Vetted answers to questions of theirs, or in their words."""
    suggestions: int = 0
    mentions: int = 0
    chats: int = 0
    dead_letters: int = 0
    stream_entries: int = 0

    def add(self, other: "Erased") -> None:
        """Count another pass."""
        for name, count in asdict(other).items():
            setattr(self, name, getattr(self, name) + count)


async def forget(database: Database, redis: Redis, person: str, private_chat: int) -> Erased:
    """Erase a person, by pseudonym, and their private chat. Safe to repeat."""
    total = Erased()
    marks = [person.encode(), str(private_chat).encode()]
    for _ in range(PASSES):
        for stream in (FAST, BATCH, DELETED, RESPONSES):
            total.stream_entries += await purge(redis, stream, marks)
        async with database.transaction() as session:
            total.add(await _forget(session, {"person": person, "private_chat": private_chat}))
    return total


async def _forget(session: AsyncSession, who: Mapping[str, str | int]) -> Erased:
    await session.execute(DELETING)
    asked = await erase_asked(session, who)
    doomed = list({*asked.answers, *await session.scalars(_RESTED, who)})
    await retract_answers(session, doomed)
    await session.execute(_ANSWERS, {"answers": doomed})
    units = await _returned(session, _UNITS, who)
    person = {"person": who["person"]}
    mentions = await _returned(session, _MENTIONS, person)
    neighbours = await _returned(session, _NEIGHBOURS, person)
    messages = [Gone(*row) for row in await session.execute(_MESSAGES, who)]
    windows = await withdraw_erased(session, messages)
    await withdraw_cases(session, [f"{one.chat_id}:{one.message_id}" for one in messages])
    to_place = {*mentions, *neighbours}
    for chat_id in sorted({*to_place, *(one.chat_id for one in messages)}):
        while chat_id in to_place and await place(session, chat_id):
            pass
        await _sum_up(session, chat_id, [one for one in messages if one.chat_id == chat_id])
    private_chat = {"private_chat": who["private_chat"]}
    for statement in (_COVERAGE, _UNMASKED, _MODEL_CALLS):
        await session.execute(statement, private_chat)
    return Erased(
        messages=len(messages),
        windows=windows,
        units=len(units) + asked.units,
        answers=len(doomed),
        questions=asked.questions,
        votes=asked.votes,
        vetted=asked.vetted,
        suggestions=asked.suggestions,
        mentions=len(mentions),
        chats=len(await _returned(session, _CHATS, private_chat)),
        dead_letters=len(await _returned(session, _DEAD_LETTERS, {name: str(mark) for name, mark in who.items()})),
    )


async def _sum_up(session: AsyncSession, chat_id: int, gone: Sequence[Gone]) -> None:
    """The threads that they were in, of which nothing may be left to be placed, and the hours."""
    await session.execute(PLACER_LOCK, {"chat_id": chat_id})
    await recut(session, chat_id, {one.thread_id for one in gone if one.thread_id is not None})
    await recount_hours(session, chat_id, [one.sent_at for one in gone])


async def _returned(session: AsyncSession, statement: TextClause, values: Mapping[str, str | int]) -> Sequence[int]:
    """What a statement returns of each row that it changed: ids, or the chats."""
    return (await session.scalars(statement, values)).all()
