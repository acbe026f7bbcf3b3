"""Asking Telegram for updates, one batch after the other.

An update is confirmed by asking for the next ones, so each is handled to its end before: aiogram's own loop can do that too
(`handle_as_tasks=False`), but goes on for ever with an update that it cannot read, and leaves its task behind when cancelled.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import structlog
from aiogram import Bot, Dispatcher
from aiogram.exceptions import ClientDecodeError, TelegramAPIError, TelegramRetryAfter
from aiogram.types import Update
from pydantic import ValidationError

log = structlog.get_logger(__name__)

POLL_SECONDS: Final = 20
"""How long Telegram lets a question for updates wait, where there are none."""
ANSWER_SECONDS: Final = 20
"""Beyond that, until the connection counts as broken."""
PAUSE_SECONDS: Final = 1.0


async def poll(bot: Bot, dispatcher: Dispatcher) -> None:
    """Take updates, serially, until cancelled. What was being handled then is brought again."""
    offset: int | None = None
    while True:
        for update_id, update in await _fetch(bot, offset, dispatcher.resolve_used_update_types()):
            if update is not None:
                await dispatcher.feed_update(bot, update)
            offset = update_id + 1


async def _fetch(bot: Bot, offset: int | None, kinds: list[str]) -> Sequence[tuple[int, Update | None]]:
    """The next updates; none where Telegram is away. One that cannot be read is a number only."""
    try:
        updates = await bot.get_updates(
            offset=offset, timeout=POLL_SECONDS, allowed_updates=kinds, request_timeout=POLL_SECONDS + ANSWER_SECONDS
        )
    except ClientDecodeError as error:
        if isinstance(error.data, dict) and isinstance(error.data.get("result"), list):
            return [_read(bot, update) for update in error.data["result"]]
        await _pause(error, PAUSE_SECONDS)
    except TelegramRetryAfter as error:
        await _pause(error, error.retry_after)
    except TelegramAPIError as error:
        await _pause(error, PAUSE_SECONDS)
    else:
        return [(update.update_id, update) for update in updates]
    return []


def _read(bot: Bot, raw: dict[str, Any]) -> tuple[int, Update | None]:
    try:
        return int(raw["update_id"]), Update.model_validate(raw, context={"bot": bot})
    except ValidationError as error:
        log.error("an update cannot be read and is left out", problems=error.error_count())  # noqa: TRY400 - no content
        return int(raw["update_id"]), None


async def _pause(error: Exception, seconds: float) -> None:
    log.warning("telegram gives no updates, trying again", error=type(error).__name__)
    await asyncio.sleep(seconds)
