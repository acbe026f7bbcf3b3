"""Updates brought to aiogram's own webhook handler."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiogram import Bot, Dispatcher
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramConflictError,
)
from aiogram.methods import SendMessage
from aiogram.types import Message as BotMessage
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web

from tests.fakes.botapi import BotApiServer
from tests.fakes.botapi.testing import connected


@asynccontextmanager
async def hooked(
    server: BotApiServer, dispatcher: Dispatcher, secret: str, told: str | None = None
) -> AsyncIterator[Bot]:
    """A bot behind aiogram's own webhook handler. It tells Telegram the secret, or another one."""
    async with connected(server) as bot:
        app = web.Application()
        SimpleRequestHandler(dispatcher, bot, handle_in_background=False, secret_token=secret).register(
            app, path="/hook"
        )
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        await bot.set_webhook(f"http://127.0.0.1:{port}/hook", secret_token=told or secret)
        try:
            yield bot
        finally:
            await bot.delete_webhook()
            await runner.cleanup()


async def test_a_webhook_and_a_method_in_its_reply(server: BotApiServer) -> None:
    dispatcher = Dispatcher()

    @dispatcher.message()
    async def answer(message: BotMessage) -> SendMessage:
        return message.answer(f"You said {message.text}")

    anna = server.world.add_person("Anna")
    async with hooked(server, dispatcher, "s3cret") as bot:
        anna.says(anna.private, "hello")
        await server.until(lambda: server.sent)
        await server.all_taken()
        assert [message.text for message in server.sent] == ["You said hello"]
        assert (await bot.get_webhook_info()).pending_update_count == 0
        with pytest.raises(TelegramConflictError, match="can't use getUpdates method while webhook is active"):
            await bot.get_updates()


async def test_a_webhook_that_fails_is_tried_again(server: BotApiServer) -> None:
    dispatcher, texts = Dispatcher(), list[str | None]()

    @dispatcher.message()
    async def fail_once(message: BotMessage) -> None:
        texts.append(message.text)
        if len(texts) == 1:
            raise RuntimeError("not now")

    anna = server.world.add_person("Anna")
    async with hooked(server, dispatcher, "s3cret"):
        anna.says(anna.private, "one")
        anna.says(anna.private, "two")
        await server.all_taken()
    assert texts == ["one", "one", "two"]


async def test_a_wrong_secret_is_turned_away(server: BotApiServer) -> None:
    dispatcher = Dispatcher()
    anna = server.world.add_person("Anna")
    async with hooked(server, dispatcher, "s3cret", told="another") as bot:
        anna.says(anna.private, "hello")
        await server.until(lambda: server.webhook.last_error)
        info = await bot.get_webhook_info()
        assert info.last_error_message == "Wrong response from the webhook: 401 Unauthorized"
        assert info.pending_update_count == 1


async def test_webhooks_that_are_refused(bot: Bot) -> None:
    for url, secret, description in (
        ("http://example.com/hook", None, "bad webhook: An HTTPS URL must be provided for webhook"),
        ("https://example.com/hook", "no spaces", "secret token contains unallowed characters"),
        ("https://example.com/hook", "a" * 257, "secret token is too long"),
    ):
        with pytest.raises(TelegramBadRequest, match=description):
            await bot.set_webhook(url, secret_token=secret)
