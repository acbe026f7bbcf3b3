"""What the bot shows: said in a row, claimed in order, shown once, kept through trouble."""

import asyncio
from collections.abc import Sequence
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from assistant import messages
from core.db.models import BotMessage
from core.db.session import Database
from tests.ingestion.road import CHAT

SUBJECT, OTHER = uuid4(), uuid4()
BUTTONS = [[("👍", "a:up:1"), ("👎", "a:down:1")], [("Источники", "https://t.me/c/1/2")]]


async def put(session: AsyncSession, html: str = "Да", *, subject: UUID = SUBJECT, chat_id: int = CHAT) -> UUID:
    """An answer with two buttons under it."""
    return await messages.put(
        session,
        kind="answer",
        subject=subject,
        chat_id=chat_id,
        sealed_chat=b"seal",
        topic_id=7,
        reply_to=5,
        html=html,
        buttons=BUTTONS,
    )


async def said(database: Database, html: str = "Да", *, subject: UUID = SUBJECT, chat_id: int = CHAT) -> UUID:
    """The same, committed."""
    async with database.transaction() as session:
        return await put(session, html, subject=subject, chat_id=chat_id)


async def put_bare(database: Database) -> None:
    """The same words without the buttons, by somebody who does not know the real chat."""
    async with database.transaction() as session:
        await messages.put(
            session, kind="answer", subject=SUBJECT, chat_id=CHAT, sealed_chat=None, topic_id=7, reply_to=5, html="Да"
        )


async def claim(database: Database, limit: int = 100) -> Sequence[BotMessage]:
    """What a messenger gets."""
    async with database.transaction() as session:
        return await messages.claim(session, limit)


async def let_leases_pass(database: Database) -> None:
    """As if a messenger had died long ago."""
    async with database.transaction() as session:
        await session.execute(text("UPDATE bot_messages SET due_at = due_at - interval '1 hour'"))


async def show(database: Database, message: BotMessage, message_id: int = 100) -> None:
    """Telegram takes it."""
    async with database.transaction() as session:
        await messages.reserved(session, message.bot_message_id, message_id)
        await messages.shown(session, message.bot_message_id, message.wanted)


async def row(database: Database, bot_message_id: UUID) -> BotMessage:
    """As it stands."""
    async with database.reading() as session:
        return await session.get_one(BotMessage, bot_message_id)


async def next_due(database: Database) -> float | None:
    """Seconds from now."""
    async with database.transaction() as session:
        return await messages.next_due(session)


async def test_what_is_said_is_claimed_shown_and_found(database: Database) -> None:
    bot_message_id = await said(database)
    (message,) = await claim(database)
    assert (message.bot_message_id, message.html, message.message_id) == (bot_message_id, "Да", None)
    assert (message.topic_id, message.reply_to, message.sealed_chat) == (7, 5, b"seal")
    assert message.buttons == [[["👍", "a:up:1"], ["👎", "a:down:1"]], [["Источники", "https://t.me/c/1/2"]]]
    await show(database, message)
    assert await claim(database) == []
    async with database.reading() as session:
        found = await messages.find(session, CHAT, 100)
        assert found is not None
        assert (found.bot_message_id, found.sealed_chat, found.shown, found.tries) == (bot_message_id, None, 1, 0)
        assert await messages.find(session, CHAT, 101) is None


async def test_said_again_it_is_the_same_message_and_the_same_words_are_nothing(database: Database) -> None:
    first = await said(database)
    await show(database, (await claim(database))[0])
    assert await said(database) == first
    assert await claim(database) == []
    assert await said(database, "Нет") == first
    (message,) = await claim(database)
    assert (message.html, message.wanted, message.message_id, message.sealed_chat) == ("Нет", 2, 100, b"seal")


async def test_other_buttons_are_a_change_too(database: Database) -> None:
    bot_message_id = await said(database)
    await show(database, (await claim(database))[0])
    await put_bare(database)
    (message,) = await claim(database)
    assert (message.bot_message_id, message.buttons) == (bot_message_id, [])


async def test_who_changes_a_message_does_not_need_its_seal_until_it_is_shown(database: Database) -> None:
    await said(database)
    await put_bare(database)
    (message,) = await claim(database)
    assert (message.sealed_chat, message.buttons) == (b"seal", [])


async def test_what_changes_on_its_way_is_shown_afterwards_and_never_twice_at_once(database: Database) -> None:
    await said(database)
    (message,) = await claim(database)
    await said(database, "Нет")
    assert await claim(database) == []  # a second placeholder would be sent
    await show(database, message)
    (again,) = await claim(database)
    assert (again.html, again.shown, again.wanted, again.sealed_chat) == ("Нет", 1, 2, b"seal")
    await show(database, again)
    assert await claim(database) == []


async def test_a_dead_messengers_messages_are_claimed_again(database: Database) -> None:
    await said(database)
    await claim(database)
    assert await claim(database) == []
    await let_leases_pass(database)
    (message,) = await claim(database)
    assert message.tries == 2


async def test_a_late_report_does_not_take_back_what_was_shown_since(database: Database) -> None:
    bot_message_id = await said(database)
    (slow,) = await claim(database)
    await said(database, "Нет")
    await let_leases_pass(database)
    (quick,) = await claim(database)
    await show(database, quick)
    async with database.transaction() as session:
        await messages.shown(session, bot_message_id, slow.wanted)
    assert (await row(database, bot_message_id)).shown == 2


async def test_a_chat_reads_in_order_and_waits_as_a_whole(database: Database) -> None:
    await said(database, "первое")
    await said(database, "второе", subject=OTHER)
    await said(database, "чужое", subject=uuid4(), chat_id=-5)
    claimed = await claim(database)
    assert {message.html for message in claimed} == {"первое", "чужое"}
    first = next(message for message in claimed if message.html == "первое")
    async with database.transaction() as session:
        await messages.later(session, first.bot_message_id, 3600)
    assert await claim(database) == []
    await said(database, "первое, иначе")  # Telegram's patience is not won by saying more
    assert await claim(database) == []
    await let_leases_pass(database)
    (message,) = [message for message in await claim(database) if message.chat_id == CHAT]
    assert message.html == "первое, иначе"
    await show(database, message)
    assert [message.html for message in await claim(database)] == ["второе"]


async def test_one_that_can_never_be_shown_lets_the_next_pass(database: Database) -> None:
    bot_message_id = await said(database)
    await said(database, "второе", subject=OTHER)
    await claim(database)
    async with database.transaction() as session:
        await messages.failed(session, bot_message_id, "Forbidden: bot was blocked by the user" * 100)
    assert [message.html for message in await claim(database)] == ["второе"]
    lost = await row(database, bot_message_id)
    assert (lost.sealed_chat, len(lost.failed or "")) == (None, messages.REASON_LENGTH)
    await said(database, "снова")
    assert (await row(database, bot_message_id)).failed is None


async def test_two_messengers_never_have_the_same(database: Database) -> None:
    for number in range(30):
        await said(database, subject=uuid4(), chat_id=-number - 1)
    claims = await asyncio.gather(*(claim(database, 10) for _ in range(6)))
    ids = [message.bot_message_id for claimed in claims for message in claimed]
    assert len(ids) == len(set(ids))
    assert all(len(claimed) <= 10 for claimed in claims)


async def test_the_messenger_learns_how_long_it_may_sleep(database: Database) -> None:
    assert await next_due(database) is None
    bot_message_id = await said(database)
    seconds = await next_due(database)
    assert seconds is not None
    assert seconds <= 0
    await claim(database)
    async with database.transaction() as session:
        await messages.later(session, bot_message_id, 3600)
    seconds = await next_due(database)
    assert seconds is not None
    assert 0 < seconds <= 3600
