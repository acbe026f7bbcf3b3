"""What the tests of questions share: messages of people, and what the tables hold afterwards."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, text

from assistant import messages
from assistant.questions import intake, queue
from assistant.questions.records import Asked, Claim, Ignored, Origin, Refused, Taken
from core.db.models import Answer, Question
from core.db.session import Database
from core.domain.access import Role
from core.privacy.types import MaskedText
from core.rules import BotRules
from tests.ingestion.road import CHAT, NOON, PSEUDONYMS

RULES = BotRules()
BURST = timedelta(seconds=RULES.burst_seconds)


def after(seconds: float) -> datetime:
    """So long after noon."""
    return NOON + timedelta(seconds=seconds)


def asked(message_id: int, words: str = "Не печатается чек", **fields: Any) -> Asked:
    """A message in a group, sent at noon; `who` (a sender id), `seconds` after noon and every field may be given."""
    who, seconds = fields.pop("who", "user1"), fields.pop("seconds", 0)
    values: dict[str, Any] = {
        "chat_id": CHAT,
        "sealed_chat": None,
        "topic_id": None,
        "message_id": message_id,
        "edit_version": 0,
        "sent_at": after(seconds),
        "text": MaskedText(words),
        "asker": PSEUDONYMS.person(who),
        "role": Role.CLIENT,
        "origin": Origin.GROUP,
        "replies_to": None,
    }
    return Asked(**{**values, **fields})


async def take(
    database: Database, message: Asked, *, rules: BotRules = RULES, now: datetime | None = None
) -> Taken | Ignored | Refused:
    """Take a message, delivered when it was sent unless `now` is given."""
    async with database.transaction() as session:
        return await intake.take(session, message, rules, now or message.sent_at)


async def taken(database: Database, message: Asked, **fields: Any) -> Taken:
    """Take a message that is neither ignored nor refused."""
    outcome = await take(database, message, **fields)
    assert isinstance(outcome, Taken)
    return outcome


async def edit(
    database: Database, message: Asked, seconds: float, *, rules: BotRules = RULES
) -> Taken | Ignored | Refused:
    """Take an edition that was made so long after noon."""
    now = after(seconds)
    async with database.transaction() as session:
        edition = replace(message, edit_version=int(now.timestamp()))
        return await intake.edited(session, edition, rules, now)


async def claim(database: Database, seconds: float) -> Claim | None:
    """What a worker gets so long after noon."""
    async with database.transaction() as session:
        return await queue.claim(session, after(seconds))


async def claimed(database: Database, seconds: float) -> Claim:
    """What a worker surely gets."""
    held = await claim(database, seconds)
    assert held is not None
    return held


async def finish(database: Database, held: Claim, seconds: float, answer: str = "Перезагрузите кассу") -> bool:
    """Answer a question, as a worker does; the answer shows as the bot's message 1000 + that of the question."""
    async with database.transaction() as session:
        answer_id = (
            await session.execute(
                insert(Answer)
                .values(
                    question=held.text,
                    answer=answer,
                    refused=False,
                    language="ru",
                    scope={},
                    evidence={},
                    latency_ms={},
                )
                .returning(Answer.answer_id)
            )
        ).scalar_one()
        done = await queue.finish(session, held, answer_id=answer_id, refused=False, now=after(seconds))
        if done:
            shown = await show(session, "answer", held.question_id, held.chat_id)
            await messages.reserved(session, shown, 1000 + held.message_ids[0])
        return done


async def show(session: Any, kind: Any, subject: UUID, chat_id: int, html: str = "Так") -> UUID:
    """A message of the bot."""
    return await messages.put(
        session, kind=kind, subject=subject, chat_id=chat_id, sealed_chat=None, topic_id=None, reply_to=None, html=html
    )


async def question(database: Database, question_id: UUID) -> Question:
    """The row of a question."""
    async with database.reading() as session:
        return await session.get_one(Question, question_id)


async def texts(database: Database) -> Sequence[str]:
    """What stands in the table of messages, in their order."""
    async with database.reading() as session:
        return list(await session.scalars(text("SELECT text FROM question_messages ORDER BY message_id")))


async def questions(database: Database) -> int:
    """How many there are."""
    async with database.reading() as session:
        return len((await session.scalars(select(Question.question_id))).all())
