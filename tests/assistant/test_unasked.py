"""Clients' questions that nobody answers: found after their time, once, and only where the bot may speak."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from assistant.unasked import _UNANSWERED, News, scan
from core.contracts.messages import ResponseNeeded
from core.db.session import Database
from core.rules import Rules
from tests.ingestion.bot_tables import seeding
from tests.ingestion.road import CHAT, NOON, PSEUDONYMS, observed, place_all, put, rows, value

GREETING, ASKED = "Здравствуйте!", "Не печатается чек, что делать?"


def rules(mode: str = "suggest", wait: int = 10, staff_chat: int = seeding.STAFF_CHAT) -> Rules:
    chats = {str(CHAT): {"reply_mode": mode, "wait_minutes": wait}}
    return Rules.model_validate({"access": {"staff_chat": staff_chat}, "chats": chats})


async def look(database: Database, minutes: float, given: Rules | None = None) -> Sequence[ResponseNeeded]:
    """Scan so long after noon."""
    async with database.transaction() as session:
        return await scan(session, given or rules(), NOON + timedelta(minutes=minutes))


@pytest.fixture
async def speaking(database: Database) -> Database:
    """A chat in which the bot may speak since an hour before noon."""
    await put(database, [observed(1, "Добро пожаловать", who="staff1", minutes=-2000)])
    await place_all(database)
    for mode in ("suggest", "auto"):
        await look(database, -60, rules(mode))
    return database


async def said(database: Database, *messages: Any) -> None:
    await put(database, list(messages))
    await place_all(database)


async def test_a_question_is_suggested_once_its_time_has_come(speaking: Database) -> None:
    await said(speaking, observed(2, GREETING, minutes=0), observed(3, ASKED, minutes=0.5, reply_to=2))
    assert await look(speaking, 10) == []
    (one,) = await look(speaking, 10.5)
    assert (one.chat_id, one.message_id, one.question) == (CHAT, 3, f"{GREETING}\n{ASKED}")
    assert len(await look(speaking, 11)) == 1  # until its suggestion is there
    async with speaking.transaction() as session:
        await seeding.suggestion(session, 3)
    assert await look(speaking, 12) == []


@pytest.mark.parametrize(
    "thread",
    [
        [observed(2, ASKED, minutes=0), observed(3, "Перезапустите кассу", who="staff1", minutes=5, reply_to=2)],
        [observed(2, "Всё заработало, спасибо!", minutes=0)],
        [observed(2, ASKED, who="staff1", minutes=0)],
        [observed(2, ASKED, minutes=-61)],  # before the bot might speak
    ],
    ids=["answered", "no question", "staff", "before"],
)
async def test_what_is_left_alone(speaking: Database, thread: list[Any]) -> None:
    await said(speaking, *thread)
    assert await look(speaking, 30) == []


async def test_a_thread_is_one_question_whoever_joins_in(speaking: Database) -> None:
    await said(speaking, observed(2, ASKED, minutes=0), observed(3, "И у меня?", minutes=1, reply_to=2, who="user2"))
    assert [(one.message_id, one.question) for one in await look(speaking, 30)] == [(2, ASKED)]


async def test_nothing_after_a_day_nothing_where_it_is_off_and_nothing_without_a_staff_chat(speaking: Database) -> None:
    await said(speaking, observed(2, ASKED, minutes=0))
    assert await look(speaking, 30, rules(staff_chat=0)) == []
    assert len(await look(speaking, 30)) == 1
    assert await look(speaking, 24 * 60 + 1) == []
    assert await look(speaking, 30, rules("off")) == []
    assert await look(speaking, 31) == []  # switched on again: what was asked before stays people's


async def test_by_itself_it_becomes_a_question_to_the_bot_once(speaking: Database) -> None:
    await said(speaking, observed(2, GREETING, minutes=0), observed(3, ASKED, minutes=0.5, reply_to=2, topic_id=None))
    for _ in range(2):
        assert await look(speaking, 15, rules("auto")) == []
    (question,) = await rows(speaking, "SELECT asker, role, origin, state, chat_id, sealed_chat FROM questions")
    asker = PSEUDONYMS.person("user1")
    assert tuple(question.values()) == (asker, "client", "unasked", "waiting", CHAT, None)
    parts = await rows(speaking, "SELECT message_id, text FROM question_messages ORDER BY message_id")
    assert [tuple(part.values()) for part in parts] == [(2, GREETING), (3, ASKED)]


async def test_what_was_published_is_not_published_with_every_look(speaking: Database) -> None:
    await said(speaking, observed(2, ASKED, minutes=0))
    news = News()
    assert [one.message_id for one in news.among(await look(speaking, 20))] == [2]
    assert news.among(await look(speaking, 21)) == []
    await said(speaking, observed(30, "А возврат как сделать?", who="user5", minutes=300))
    assert [one.message_id for one in news.among(await look(speaking, 310))] == [30]
    assert [one.message_id for one in News().among(await look(speaking, 310))] == [2, 30]


async def test_a_day_is_found_by_an_index_whatever_is_held_besides(speaking: Database) -> None:
    """The plan, on 50,000 messages of which fifty are of the last day."""
    async with speaking.transaction() as session:
        await session.execute(
            text("""
                INSERT INTO messages (chat_id, message_id, sender, is_staff, sent_at, mentions, text, lane, lane_score,
                    lane_reasons, threaded, thread_id)
                SELECT :chat, 1000 + n, 'p', false, CAST(:now AS timestamptz) - n * interval '30 minutes', '{}', 'x', 'LOW',
                    0, '[]', true, 1000 + n FROM generate_series(1, 50000) AS n
            """),
            {"chat": CHAT, "now": NOON},
        )
    async with speaking.transaction() as session:
        await session.execute(text("ANALYZE messages"))
    async with speaking.reading() as session:
        explained = text(f"EXPLAIN (FORMAT JSON) {_UNANSWERED.text}")
        plan = (await session.execute(explained, {"chats": [CHAT], "since": NOON - timedelta(days=1)})).scalar_one()
    assert "ix_messages_chat_id_sent_at" in json.dumps(plan)
    assert not _scanned(plan, "messages")


def _scanned(node: Any, table: str) -> bool:
    """Whether the plan reads the whole table."""
    if isinstance(node, list):
        return any(_scanned(one, table) for one in node)
    if not isinstance(node, dict):
        return False
    whole = node.get("Node Type") == "Seq Scan" and node.get("Relation Name") == table
    return whole or any(_scanned(one, table) for one in node.values())


async def test_messages_of_the_bot_in_another_mode_do_not_stand_in_the_way(speaking: Database) -> None:
    await said(
        speaking, observed(2, ASKED, minutes=0), observed(30, "А возврат как сделать?", who="user5", minutes=300)
    )
    async with speaking.transaction() as session:
        await seeding.question(session, 2)
    assert [one.message_id for one in await look(speaking, 400)] == [30]
    assert await value(speaking, "SELECT count(*) FROM questions") == 1
