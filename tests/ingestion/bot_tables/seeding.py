"""Rows as the bot makes them, for the tests of what becomes of them."""

from typing import Any
from uuid import UUID

from sqlalchemy import Insert, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.models import (
    Answer,
    Base,
    BotMessage,
    Citation,
    Feedback,
    Handover,
    Question,
    QuestionMessage,
    Suggestion,
    Unit,
    VettedAnswer,
)
from tests.ingestion.road import CHAT, PSEUDONYMS

ASKER, STAFF = PSEUDONYMS.person("user7"), PSEUDONYMS.person("staff1")
STAFF_CHAT = -1009


async def made(session: AsyncSession, table: type[Base], key: str, **values: Any) -> UUID:
    """Insert a row; returns its key."""
    statement = insert(table).values(**values).returning(getattr(table, key))
    found: UUID = (await session.execute(statement)).scalar_one()
    return found


async def answer(session: AsyncSession, *cited: int, question: str = "Касса молчит", **fields: Any) -> UUID:
    """A quotation that rests on these messages of the chat."""
    values = {"answer": "Перезапустите кассу", "refused": False, "language": "ru", "model": None}
    columns = {"scope": {}, "evidence": {"reason": "strong", "searched": question}, "latency_ms": {}}
    answer_id = await made(session, Answer, "answer_id", question=question, **{**values, **columns, **fields})
    if cited:
        await session.execute(citation(answer_id, message_ids=list(cited)))
    return answer_id


def citation(answer_id: UUID, **fields: Any) -> Insert:
    """A source of an answer."""
    values = {"rank": 1, "unit_id": "u", "chat_id": CHAT, "score": 1.0, **fields}
    return insert(Citation).values(answer_id=answer_id, **values)


async def question(session: AsyncSession, *message_ids: int, words: str = "Касса молчит", **fields: Any) -> UUID:
    """An answered question of a client in the chat, unless told otherwise, with these messages."""
    values = {"asker": ASKER, "role": "client", "chat_id": CHAT, "origin": "group", "state": "answered", **fields}
    question_id = await made(session, Question, "question_id", **values)
    if "answer_id" in values:
        await answers(session, question_id, values["answer_id"])
    for message_id in message_ids:
        row = {"chat_id": values["chat_id"], "message_id": message_id, "edit_version": 0, "text": words}
        await session.execute(insert(QuestionMessage).values(question_id=question_id, **row))
    return question_id


async def answers(session: AsyncSession, question_id: UUID, answer_id: UUID) -> None:
    """An answer to a question, perhaps to an earlier revision of it."""
    await session.execute(update(Answer).where(Answer.answer_id == answer_id).values(question_id=question_id))


async def shown(session: AsyncSession, kind: str, subject: UUID, **fields: Any) -> UUID:
    """A message of the bot that Telegram shows."""
    values = {"chat_id": CHAT, "html": f"Касса молчит: {kind}", "buttons": [[["👍", "a:up:1"]]], "shown": 1, **fields}
    return await made(session, BotMessage, "bot_message_id", kind=kind, subject=subject, **values)


async def handover(session: AsyncSession, question_id: UUID, **fields: Any) -> UUID:
    """A hand-over with its card."""
    values = {"question_id": question_id, "why": "asked", "candidates": [], **fields}
    handover_id = await made(session, Handover, "handover_id", **values)
    await shown(session, "card", handover_id, chat_id=STAFF_CHAT)
    return handover_id


async def suggestion(session: AsyncSession, message_id: int, **fields: Any) -> UUID:
    """A suggestion with its card."""
    values = {"chat_id": CHAT, "message_id": message_id, "summary": "Касса молчит", "urgent": False, **fields}
    suggestion_id = await made(session, Suggestion, "suggestion_id", **values)
    await shown(session, "suggestion", suggestion_id, chat_id=STAFF_CHAT)
    return suggestion_id


async def vetted(session: AsyncSession, source: UUID, **fields: Any) -> UUID:
    """A vetted answer with its unit."""
    values = {"question": "Касса молчит", "answer": "Звоните", "chat_id": CHAT, "asker": ASKER, "vetted_by": STAFF}
    row = {**values, "origin": "handover", "source": source, **fields}
    vetted_id = await made(session, VettedAnswer, "vetted_id", **row)
    facts = {"chat_id": row["chat_id"], "thread_id": 0, "vetted": "private", "_node_content": f"{{{row['chat_id']}}}"}
    unit = insert(Unit).values(node_id=f"vetted:{vetted_id}", text="Касса молчит\nЗвоните", metadata_=facts)
    await session.execute(unit)
    return vetted_id


async def vote(session: AsyncSession, answer_id: UUID, voter: str = ASKER, **fields: Any) -> None:
    """A vote against an answer."""
    values = {"role": "client", "vote": -1, "by": "button", **fields}
    await session.execute(insert(Feedback).values(answer_id=answer_id, voter=voter, **values))
