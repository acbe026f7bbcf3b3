"""The weekly report comes to the staff chat once, as a document, whatever Telegram does and whoever is killed."""

import asyncio
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from assistant import messages
from assistant.reports import WEEKDAYS, Document, Wanted
from core.domain.access import AccessScope
from tests.assistant.bot.running import Otklik
from tests.fakes.botapi import Break, Chat, Message, Person

STAFF = -1_002_000_000_001
MOSCOW = ZoneInfo("Europe/Moscow")
CAPTION = "A week.\nNothing happened."


@pytest.fixture
def agent(otklik: Otklik) -> Person:
    return otklik.world.add_person("Anna", language="ru")


@pytest.fixture
def staff_chat(otklik: Otklik, agent: Person) -> Chat:
    """One in which a report is due."""
    today = WEEKDAYS[datetime.now(MOSCOW).weekday()]
    otklik.rules(f"[access]\nstaff_chat = {STAFF}\nagent_chats = [-5]\n", report=today)
    return otklik.world.add_supergroup("Поддержка", [agent], chat_id=STAFF)


def reports(chat: Chat) -> list[Message]:
    return [message for message in chat.messages if message.document is not None]


async def come(otklik: Otklik, chat: Chat) -> Message:
    """Wait for the report, and until its row knows."""
    (report,) = await otklik.server.until(lambda: reports(chat))
    await otklik.until(lambda: settled(otklik))
    return report


async def settled(otklik: Otklik) -> bool:
    async with otklik.database.reading() as session:
        return bool(await session.scalar(text("SELECT bool_and(shown = wanted) FROM bot_messages")))


async def card(otklik: Otklik, words: str) -> None:
    """Something else that the staff chat shall be shown."""
    async with otklik.database.transaction() as session:
        (subject,) = await session.scalars(text("SELECT gen_random_uuid()"))
        await messages.put(
            session, kind="card", subject=subject, chat_id=STAFF, sealed_chat=None, topic_id=None, reply_to=None, html=words
        )  # fmt: skip


async def test_it_is_one_document_with_two_lines_however_often_the_bot_begins(otklik: Otklik, staff_chat: Chat) -> None:
    async with otklik.answering():
        report = await come(otklik, staff_chat)
    async with otklik.answering():
        await card(otklik, "Кто-то ждёт")
        await otklik.server.until(lambda: staff_chat.messages[-1].text == "Кто-то ждёт")
    assert otklik.world.sent[:-1] == [report]
    assert report.text == CAPTION
    assert report.document is not None
    midnight = datetime.combine(datetime.now(MOSCOW).date(), datetime.min.time(), MOSCOW)
    (wanted,) = otklik.wanted
    assert (wanted.since, wanted.until) == (midnight - timedelta(days=7), midnight)
    assert wanted.scope == AccessScope(every_chat=False, chat_ids=frozenset({-5}), public=True)
    assert report.document.name == f"otklik-{wanted.since:%Y-%m-%d}-{midnight - timedelta(days=1):%Y-%m-%d}.docx"


async def test_of_lost_replies_at_most_a_placeholder_is_left(otklik: Otklik, staff_chat: Chat) -> None:
    for method in ("sendMessage", "editMessageMedia"):
        otklik.server.faults.drop(method, 1, cut=Break.AFTER)
    async with otklik.answering():
        report = await come(otklik, staff_chat)
    assert [message.text for message in otklik.world.sent] == ["⏳", CAPTION]
    assert report.earlier == ["⏳", CAPTION]  # brought twice, to the same place


async def test_killed_between_bringing_and_noting_it_is_brought_again_to_the_same_place(
    otklik: Otklik, staff_chat: Chat
) -> None:
    with otklik.server.faults.during(otklik.server.faults.drop("editMessageMedia", None, cut=Break.AFTER)):
        async with otklik.answering():
            await otklik.server.until(lambda: reports(staff_chat))
    assert not await settled(otklik)
    async with otklik.database.transaction() as session:
        await session.execute(text("UPDATE bot_messages SET due_at = now()"))  # its lease has run out
    async with otklik.answering():
        report = await come(otklik, staff_chat)
    assert otklik.world.sent == [report]


async def test_while_telegram_lets_it_wait_cards_come(otklik: Otklik, staff_chat: Chat) -> None:
    otklik.server.faults.flood("editMessageMedia", 3_600)
    async with otklik.answering():
        await otklik.server.until(lambda: otklik.server.refused)
        await card(otklik, "Кто-то ждёт")
        await otklik.server.until(lambda: staff_chat.messages[-1].text == "Кто-то ждёт")
    assert not reports(staff_chat)
    assert [message.text for message in otklik.world.sent] == ["⏳", "Кто-то ждёт"]


async def test_one_that_cannot_be_made_leaves_no_trace_and_holds_up_nothing(
    otklik: Otklik, staff_chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = asyncio.Event()

    async def broken(_: Wanted) -> Document:
        tried.set()
        raise ZeroDivisionError

    monkeypatch.setattr(otklik, "report", broken)
    async with otklik.answering():
        await tried.wait()
        await card(otklik, "Кто-то ждёт")
        await otklik.server.until(lambda: staff_chat.messages and staff_chat.messages[-1].text == "Кто-то ждёт")
    assert len(otklik.world.sent) == 1
    assert not await settled(otklik)  # it will be tried again


async def test_a_reply_to_it_is_a_question_like_others(otklik: Otklik, agent: Person, staff_chat: Chat) -> None:
    async with otklik.answering():
        report = await come(otklik, staff_chat)
        asked = agent.says(staff_chat, "Почему так долго?", reply_to=report)
        await otklik.server.until(lambda: otklik.after(agent, asked))
    assert reports(staff_chat) == [report]
