"""Updates that Telegram brings by itself, as an alternative to asking for them."""

import hmac
from typing import Final

import structlog
from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import Update
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.errors import SettingsError

log = structlog.get_logger(__name__)

PATH: Final = "/telegram"
SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
LARGEST_BODY: Final = 1_000_000
"""Bytes. An update has some kilobytes."""
AT_ONCE: Final = 10
"""Updates that Telegram may bring at the same time."""


async def announce(bot: Bot, address: str, secret: str, kinds: list[str]) -> None:
    """Tell Telegram where to bring updates of these kinds.

    Raises:
        SettingsError: Telegram does not take the address.
    """
    try:
        await bot.set_webhook(
            address.rstrip("/") + PATH, secret_token=secret, allowed_updates=kinds, max_connections=AT_ONCE
        )
    except TelegramBadRequest as error:
        raise SettingsError(f"Telegram does not take OTKLIK_BOT_WEBHOOK_URL: {error.message}.") from error


def route(bot: Bot, dispatcher: Dispatcher, secret: str) -> Route:
    """Takes an update; answers 200 once it is stored, so that Telegram brings again what was not."""

    async def take(request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            return Response(status_code=403)
        if dispatcher.get("desk") is None:  # the role has only just begun
            return Response(status_code=503)
        body = await _body(request)
        if body is None:
            return Response(status_code=413)
        try:
            update = Update.model_validate_json(body, context={"bot": bot})
        except ValidationError as error:
            # It would come again and again: of a newer Bot API than this aiogram knows, or not from Telegram.
            log.error("what was brought is no update", problems=error.error_count())  # noqa: TRY400 - it has no content
            return Response(status_code=200)
        await dispatcher.feed_update(bot, update)
        return Response(status_code=200)

    return Route(PATH, take, methods=["POST"])


async def _body(request: Request) -> bytes | None:
    """The body, or None where it is too large; no more of it than that is ever held."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)
