"""Rows that the pages show, as the consumers, the bot and the ledger leave them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import insert, text, update

from core.db.models import (
    AnalysisWindow,
    Answer,
    Appraisal,
    Base,
    BudgetAlarm,
    Citation,
    Coverage,
    DeadLetter,
    Feedback,
    Handover,
    IndexInfo,
    Message,
    ModelCall,
    Question,
    QuestionMessage,
    Suggestion,
    Topic,
    Unit,
    Unmasked,
    WindowTopic,
)
from core.db.session import Database
from core.db.verdicts import renew_verdicts_in
from tests.ingestion.road import CHAT, NOON, observed, place_all, put

SPACE = UUID(int=7)
DIMENSION = 384
ASKS, TELLS, THANKS = "Не печатается чек, что делать?", "Перезагрузите кассу", "Спасибо, помогло"


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def key(*parts: object) -> UUID:
    """The same UUID for the same parts."""
    return uuid5(SPACE, "/".join(map(str, parts)))


def vector(direction: int) -> list[float]:
    return [float(place == direction) for place in range(DIMENSION)]


async def add(database: Database, table: type[Base], **values: Any) -> None:
    """One row."""
    async with database.transaction() as session:
        await session.execute(insert(table).values(**values))


async def said(database: Database, *messages: Any, chat_id: int = CHAT) -> None:
    """Messages, each `(id, minute, who, words)` and perhaps fields, with their places in the threads."""
    rows = [
        observed(number, words, who=who, minutes=minute, chat_id=chat_id, title=f"Chat {chat_id}", **dict(*fields))
        for number, minute, who, words, *fields in messages
    ]
    await put(database, rows)
    await place_all(database, chat_id)


async def window(
    database: Database,
    message_ids: Sequence[int],
    minute: float,
    *,
    topics: dict[str, dict[str, Any]] | None = None,
    chat_id: int = CHAT,
    sentiment: float | None = -0.5,
    state: str = "done",
) -> UUID:
    """A window that ended in this minute, with findings of topics by name; `messages` of one are all unless told."""
    window_id = key("window", chat_id, minute)
    async with database.transaction() as session:
        row = {"window_id": window_id, "chat_id": chat_id, "first_at": at(minute), "last_at": at(minute), "live": True}
        await session.execute(insert(AnalysisWindow).values(**row, sentiment=sentiment, state=state))
        marked = update(Message).where(Message.chat_id == chat_id, Message.message_id.in_(message_ids))
        await session.execute(marked.values(window_id=window_id))
        for name, found in (topics or {}).items():
            topic_id = key("topic", chat_id, name)
            if await session.get(Topic, topic_id) is None:
                await session.execute(
                    insert(Topic).values(topic_id=topic_id, chat_id=chat_id, name=name, embedding=[1.0])
                )
            about = {"message_ids": list(found.get("messages", message_ids)), "sentiment": found.get("sentiment", 0.0)}
            finding = {"window_id": window_id, "topic_id": topic_id, "problem": found.get("problem"), **about}
            await session.execute(insert(WindowTopic).values(**finding, resolved=found.get("resolved")))
        await renew_verdicts_in(session, chat_id, [window_id])
    return window_id


async def appraisal(database: Database, message_id: int, *, chat_id: int = CHAT, **fields: Any) -> None:
    """What is known of one message; of the fast lane unless a window is given."""
    values = {"state": "done", "made_at": at(message_id), "analysed_by": "model", "category": "problem", "urgent": True}
    found = {"sentiment": -0.5, "requires_response": True, "summary": "Касса не печатает"}
    await add(database, Appraisal, chat_id=chat_id, message_id=message_id, **{**values, **found, **fields})


async def answered(database: Database, number: int, minute: float, *, chat_id: int = CHAT, **fields: Any) -> UUID:
    """An answer that was searched for in one chat, as the recorder leaves it."""
    answer_id = key("answer", chat_id, number)
    scope = {"channel": "bot", "every_chat": False, "chats": [chat_id], "public": True}
    values = {
        "asked_at": at(minute),
        "question": f"Вопрос {number}",
        "answer": "Так.",
        "refused": False,
        "language": "ru",
    }
    how = {
        "scope": scope,
        "evidence": {"reason": "strong"},
        "prompt": "answer@1",
        "model": "m",
        "latency_ms": {"total": 9},
    }
    await add(database, Answer, answer_id=answer_id, **{**values, **how, **fields})
    return answer_id


async def asked(database: Database, answer_id: UUID, minute: float, *, chat_id: int = CHAT, **fields: Any) -> UUID:
    """The question to the bot that this is the latest answer to."""
    question_id = key("question", answer_id)
    values = {"asker": "a", "role": "client", "chat_id": chat_id, "origin": "group", "state": "answered"}
    times = {"asked_at": at(minute), "last_at": at(minute), "answer_id": answer_id}
    await add(database, Question, question_id=question_id, **{**values, **times, **fields})
    async with database.transaction() as session:
        await session.execute(update(Answer).where(Answer.answer_id == answer_id).values(question_id=question_id))
    return question_id


async def call(database: Database, number: int, minute: float, price: str | None, **fields: Any) -> None:
    """A row of the ledger."""
    settled = {"settled_at": at(minute), "outcome": "ok"} if price is not None else {}
    values = {"call_id": key("call", number), "purpose": "answer", "model": "claude-haiku-4-5", "opened_at": at(minute)}
    cost = {"price": None if price is None else Decimal(price), "reserved": Decimal("0.5")}
    await add(database, ModelCall, **{"chat_id": CHAT, **values, **cost, **settled, **fields})


async def unit(
    database: Database, first: int, answer: str | None, direction: int | None, *, chat_id: int = CHAT
) -> None:
    """A unit with its vector."""
    facts = {
        "chat_id": chat_id,
        "thread_id": first,
        "message_ids": [first],
        "last_at": 0.0,
        "question": "?",
        "answer": answer,
    }
    made = {
        "node_id": f"{chat_id}:{first}",
        "text": f"? {answer}",
        "metadata_": {**facts, "staff_answered": answer is not None},
    }
    await add(database, Unit, **made, embedding=None if direction is None else vector(direction))


async def index(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(text("DELETE FROM index_info"))
        await session.execute(insert(IndexInfo).values(model="quick", dimension=DIMENSION))


async def everything(database: Database, chat_id: int) -> None:
    """Something of all that there is, about one chat."""
    chat = {"chat_id": chat_id}
    await said(database, (1, 1, "user1", ASKS), (2, 5, "staff1", TELLS), (3, 9, "user1", THANKS), **chat)
    await said(database, (4, 700, "user2", ASKS), (5, 1400, "user3", "Касса опять стоит."), **chat)
    topics = {"касса": {"resolved": True, "problem": "касса стоит"}, "чек": {"messages": [4], "resolved": False}}
    found_by = await window(database, [1, 2, 3, 4, 5], 1401, topics=topics, chat_id=chat_id)
    await window(database, [], 1402, state="set_aside", chat_id=chat_id)
    await appraisal(database, 4, **chat)
    await appraisal(database, 5, window_id=found_by, urgent=False, **chat)
    good = await answered(database, 1, 100, **chat)
    await add(database, Citation, answer_id=good, rank=1, unit_id="u", message_ids=[2], score=1.0, **chat)
    for voter, vote in (("v", 1), ("w", -1)):
        await add(
            database, Feedback, answer_id=good, voter=voter, role="client", vote=vote, by="button", voted_at=at(110)
        )
    refused = await answered(database, 2, 200, refused=True, question_vector=vector(3), **chat)
    question_id = await asked(database, refused, 200, state="refused", **chat)
    await add(database, QuestionMessage, message_id=90, question_id=question_id, edit_version=0, text="Вопрос", **chat)
    handed = {"handover_id": key("handover", chat_id), "candidates": [], "opened_at": at(201)}
    await add(database, Handover, question_id=question_id, why="asked", **handed)
    await add(
        database, Suggestion, message_id=4, summary="кратко", urgent=False, draft="черновик", made_at=at(300), **chat
    )
    await call(database, chat_id, 100, "0.01", cache_read_tokens=1000, api="batches", **chat)
    await add(database, Coverage, held=text("'{[1,5),[9,12)}'"), **chat)
    await add(database, Unmasked, message_id=77, error="too long", **chat)
    await unit(database, 60, "Так.", 3, **chat)
    await unit(database, 70, "Иначе.", None, **chat)


async def everywhere(database: Database) -> None:
    """What belongs to no chat, or to all."""
    letter = {"stream": "s", "entry_id": "1-0", "body": b"secret", "error": "ValueError: no", "failed_at": at(5)}
    await add(database, DeadLetter, **letter)
    await add(database, BudgetAlarm, period="day", begins=at(5).date(), budget="total", percent=80, raised_at=at(5))
    scope = {"channel": "cli", "every_chat": True, "chats": [], "public": False}
    await answered(database, 99, 50, scope=scope, refused=True, chat_id=0)
    await answered(database, 98, 50, scope={}, chat_id=0)
    await call(database, 99, 50, "0.5", chat_id=None)
