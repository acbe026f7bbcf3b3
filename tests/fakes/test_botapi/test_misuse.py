"""What the bot says of itself, and bots that do not know the API."""

import aiohttp
import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramNotFound,
)
from aiogram.methods import SendMessage
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeChatMember,
    ReplyParameters,
)

from tests.fakes.botapi import BotApiServer, BotBrokeRules, Person
from tests.fakes.botapi.testing import connected


async def test_a_misspelt_parameter_fails_the_test(server: BotApiServer, bot: Bot, anna: Person) -> None:
    with pytest.raises(TelegramBadRequest, match="sendMessage knows no replay_markup"):
        await bot(SendMessage(chat_id=anna.id, text="x", replay_markup=[1]))
    nested = ReplyParameters(message_id=1, allow_without=True)
    with pytest.raises(TelegramBadRequest, match=r"sendMessage knows no reply_parameters\.allow_without"):
        await bot.send_message(anna.id, "x", reply_parameters=nested)
    assert len(server.forgive()) == 2
    assert server.sent == []


async def test_unknown_methods_and_wrong_types_fail_the_test(server: BotApiServer, anna: Person) -> None:
    async with aiohttp.ClientSession(f"{server.url}/bot{server.token}/") as session:
        for method, body, status in (
            ("sendMesage", {"chat_id": anna.id, "text": "x"}, 404),
            ("sendMessage", {"text": "x"}, 400),
            ("sendMessage", {"chat_id": anna.id, "text": "x", "disable_notification": "maybe"}, 400),
            ("sendMessage", {"chat_id": anna.id, "text": ["x"]}, 400),
            ("getUpdates", {"allowed_updates": ["mesage"]}, 400),
        ):
            async with session.post(method, json=body) as reply:
                answer = await reply.json()
                assert (reply.status, answer["ok"], answer["error_code"]) == (status, False, status)
        assert len(server.forgive()) == 5
        async with session.get("SENDMESSAGE", params={"chat_id": anna.id, "text": "any case, any way"}) as reply:
            assert (await reply.json())["ok"]


async def test_a_method_that_is_not_modelled_fails_the_test() -> None:
    server = BotApiServer().start()
    async with connected(server) as bot:
        with pytest.raises(TelegramNotFound):
            await bot.send_dice(1)
    with pytest.raises(BotBrokeRules, match="sendDice is not modelled"):
        server.stop()


async def test_an_unescaped_ampersand_fails_the_test(server: BotApiServer, bot: Bot, anna: Person) -> None:
    await bot.send_message(anna.id, "you & me", parse_mode="HTML")
    assert server.sent[0].text == "you & me"
    assert server.forgive() == ["an unescaped \"&\" in HTML: '& me'"]


async def test_commands_by_scope_and_language(server: BotApiServer, bot: Bot, anna: Person) -> None:
    support = server.world.add_supergroup("Support", [anna])
    ask, spend = BotCommand(command="ask", description="Спросить"), BotCommand(command="spend", description="Расход")
    await bot.set_my_commands([ask], BotCommandScopeAllPrivateChats(), language_code="ru")
    await bot.set_my_commands([ask, spend], BotCommandScopeChat(chat_id=support.id))
    await bot.set_my_commands([spend], BotCommandScopeChatMember(chat_id=support.id, user_id=anna.id))
    assert set(server.profile.commands) == {
        ("all_private_chats", "ru"),
        (f"chat:{support.id}", ""),
        (f"chat_member:{support.id}:{anna.id}", ""),
    }
    kept = await bot.get_my_commands(BotCommandScopeChat(chat_id=support.id))
    assert [(command.command, command.description) for command in kept] == [("ask", "Спросить"), ("spend", "Расход")]
    assert await bot.get_my_commands() == []
    await bot.delete_my_commands(BotCommandScopeChat(chat_id=support.id))
    assert await bot.get_my_commands(BotCommandScopeChat(chat_id=support.id)) == []
    for wrong in (BotCommand(command="Ask", description="x"), BotCommand(command="ask", description="")):
        with pytest.raises(TelegramBadRequest, match="BOT_COMMAND"):
            await bot.set_my_commands([wrong])
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.set_my_commands([ask], BotCommandScopeChat(chat_id=-5))
    await bot.set_my_short_description("Отвечаю", language_code="ru")
    assert server.profile.short_descriptions == {"ru": "Отвечаю"}
