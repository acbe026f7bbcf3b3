"""An unmodified aiogram bot among people: in private, in groups, in topics, and in a process of its own."""

import asyncio
import sys

import pytest
from aiogram import Bot, Dispatcher, F
from aiogram.exceptions import TelegramConflictError, TelegramUnauthorizedError
from aiogram.filters import Command
from aiogram.types import CallbackQuery, MessageReactionUpdated, ReactionTypeEmoji
from aiogram.types import Message as BotMessage

from tests.fakes.botapi import BotApiServer
from tests.fakes.botapi.testing import keyboard, polling


async def test_a_conversation_in_private(server: BotApiServer) -> None:
    dispatcher, seen = Dispatcher(), list[str]()

    @dispatcher.message(F.text)
    async def answer(message: BotMessage) -> None:
        await message.bot.send_chat_action(message.chat.id, "typing")  # type: ignore[union-attr]
        await message.reply(f"<b>You said</b>: {message.text}", parse_mode="HTML", reply_markup=keyboard({"👍": "up"}))

    @dispatcher.callback_query()
    async def vote(query: CallbackQuery) -> None:
        assert isinstance(query.message, BotMessage)
        await query.message.edit_text("Noted")
        await query.answer("Thank you", show_alert=True)

    @dispatcher.message_reaction()
    async def react(reaction: MessageReactionUpdated) -> None:
        seen.extend(found.emoji for found in reaction.new_reaction if isinstance(found, ReactionTypeEmoji))

    anna = server.world.add_person("Anna", language="ru")
    async with polling(server, dispatcher):
        question = anna.says(anna.private, "Where is my invoice?")
        answered = await server.until(lambda: anna.sees(anna.private)[1])
        assert answered.text == "You said: Where is my invoice?"
        assert answered.reply_to is question
        assert [(entity.type, entity.offset, entity.length) for entity in answered.entities] == [("bold", 0, 8)]
        assert answered.keyboard == [["👍"]]
        assert anna.private.actions == ["typing"]
        press = anna.presses(answered, "👍")
        await server.until(lambda: press.answered)
        assert (press.text, press.alert) == ("Thank you", True)
        assert (answered.text, answered.keyboard, answered.earlier) == ("Noted", [], ["You said: Where is my invoice?"])
        anna.reacts(answered, "👎")
        assert await server.until(lambda: seen) == ["👎"]
        await server.all_taken()
    assert server.sent == [answered]
    assert server.refused == []


async def test_several_people_in_a_topic(server: BotApiServer) -> None:
    dispatcher = Dispatcher()

    @dispatcher.message(Command("ask"))
    async def answer(message: BotMessage) -> None:
        assert message.is_topic_message
        assert message.from_user is not None
        await message.answer(f"{message.from_user.first_name}, wait")

    world = server.world
    anna, boris = world.add_person("Anna"), world.add_person("Boris")
    support = world.add_supergroup("Support", [boris, anna], forum=True)
    billing, other = world.add_topic(support, "Billing"), world.add_topic(support, "Other")
    async with polling(server, dispatcher):
        anna.says(support, "/ask where?", topic=billing)
        boris.says(support, "/ask@otklik_bot when?", topic=other)
        await server.until(lambda: len(server.sent) == 2)
    assert [message.text for message in anna.sees(support, billing)] == ["/ask where?", "Anna, wait"]
    assert [message.text for message in anna.sees(support, other)] == ["/ask@otklik_bot when?", "Boris, wait"]


async def test_updates_are_kept_until_they_are_confirmed(server: BotApiServer, bot: Bot) -> None:
    anna = server.world.add_person("Anna")
    for number in range(3):
        anna.says(anna.private, f"{number}")
    first = await bot.get_updates()
    assert [update.message.text for update in first if update.message] == ["0", "1", "2"]
    assert [update.update_id for update in first] == list(range(first[0].update_id, first[0].update_id + 3))
    assert await bot.get_updates(limit=1) == first[:1]
    assert await bot.get_updates(offset=first[1].update_id) == first[1:]
    assert await bot.get_updates(offset=-1) == first[2:]
    assert await bot.get_updates(offset=first[2].update_id + 1) == []
    assert server.world.updates.pending == []


async def test_a_long_poll_ends_with_the_first_update(server: BotApiServer, bot: Bot) -> None:
    anna = server.world.add_person("Anna")
    poll = asyncio.create_task(bot.get_updates(timeout=50))
    await server.until(lambda: server.calls()["getUpdates"])
    anna.says(anna.private, "hello")
    (update,) = await poll
    assert update.message is not None
    assert update.message.text == "hello"


async def test_of_two_pollers_the_first_is_told(server: BotApiServer, bot: Bot) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=50))
    await server.until(lambda: server.calls()["getUpdates"])
    second = asyncio.create_task(bot.get_updates(timeout=50))
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates request"):
        await first
    server.world.add_person("Anna").starts()
    assert len(await second) == 1


async def test_kinds_that_were_not_asked_for_are_not_kept(server: BotApiServer, bot: Bot) -> None:
    anna = server.world.add_person("Anna")
    message = anna.starts()
    anna.reacts(message, "👍")  # comes on request only
    (update,) = await bot.get_updates(allowed_updates=["message_reaction"])
    anna.says(anna.private, "unheard")
    anna.reacts(message, "👎")
    (reaction,) = await bot.get_updates(offset=update.update_id + 1)
    assert reaction.message_reaction is not None
    assert reaction.message_reaction.old_reaction[0].model_dump()["emoji"] == "👍"
    await bot.get_updates(allowed_updates=[], offset=reaction.update_id + 1)
    anna.reacts(message)
    anna.says(anna.private, "heard")
    (heard,) = await bot.get_updates()
    assert heard.message is not None


async def test_another_token_is_nobody(server: BotApiServer, bot: Bot) -> None:
    async with Bot("43:WRONG", session=bot.session) as stranger:
        with pytest.raises(TelegramUnauthorizedError):
            await stranger.get_me()


async def test_a_failure_tells_what_happened(server: BotApiServer) -> None:
    anna = server.world.add_person("Anna")
    anna.starts()
    with pytest.raises(AssertionError, match=r"(?s)Anna: /start.*Updates not confirmed"):
        await server.until(lambda: server.sent, seconds=0)


BOT = """
import asyncio, sys
from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

async def main():
    bot = Bot("42:TEST", session=AiohttpSession(api=TelegramAPIServer.from_base(sys.argv[1])))
    dispatcher = Dispatcher()

    @dispatcher.message()
    async def echo(message):
        await message.answer(message.text)

    await dispatcher.start_polling(bot)

asyncio.run(main())
"""


async def test_a_bot_in_a_process_of_its_own_is_killed_and_another_goes_on(server: BotApiServer) -> None:
    anna = server.world.add_person("Anna")
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", BOT, server.url)
    anna.says(anna.private, "to the first")
    await server.until(lambda: server.sent)
    await server.all_taken()
    process.kill()
    await process.wait()
    anna.says(anna.private, "to nobody yet")
    dispatcher = Dispatcher()

    @dispatcher.message()
    async def echo(message: BotMessage) -> None:
        await message.answer(f"{message.text}")

    async with polling(server, dispatcher):
        await server.until(lambda: len(server.sent) == 2)
        await server.all_taken()
    assert [message.text for message in server.sent] == ["to the first", "to nobody yet"]
