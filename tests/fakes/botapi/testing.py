"""What a test of the fake, or against it, mostly needs: an unmodified aiogram bot, and one that polls."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

import pytest
from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, Update

from tests.fakes.botapi.server import BotApiServer


@asynccontextmanager
async def connected(server: BotApiServer) -> AsyncIterator[Bot]:
    """A bot that can ask, and does not poll."""
    bot = Bot(server.token, session=AiohttpSession(api=server.api))
    try:
        yield bot
    finally:
        await bot.session.close()


@asynccontextmanager
async def polling(server: BotApiServer, dispatcher: Dispatcher, allowed: list[str] | None = None) -> AsyncIterator[Bot]:
    """A bot that polls; by default for the kinds of updates that it has handlers of."""
    async with connected(server) as bot:
        kinds = allowed or dispatcher.resolve_used_update_types()
        run = dispatcher.start_polling(bot, handle_signals=False, close_bot_session=False, allowed_updates=kinds)
        task = asyncio.create_task(run)
        await server.until(lambda: server.calls()["getUpdates"])
        try:
            yield bot
        finally:
            await dispatcher.stop_polling()
            await task


async def heard(bot: Bot) -> list[Update]:
    """What came since the last time, confirmed."""
    updates = await bot.get_updates()
    if updates:
        await bot.get_updates(offset=updates[-1].update_id + 1)
    return updates


async def refused(call: Awaitable[object], description: str, kind: type[TelegramAPIError] = TelegramBadRequest) -> None:
    """The call must be answered with an error of exactly this description ("Bad Request: " left out)."""
    with pytest.raises(kind) as error:
        await call
    assert error.value.message.removeprefix("Bad Request: ") == description


def keyboard(*rows: dict[str, str]) -> InlineKeyboardMarkup:
    """Buttons: rows of label and data."""
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [InlineKeyboardButton(text=text, callback_data=data) for text, data in row.items()] for row in rows
        ]
    )
