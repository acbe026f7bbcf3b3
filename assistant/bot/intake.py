"""Around every update: it is taken only when it is stored. What comes meanwhile waits at Telegram."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiogram import BaseMiddleware
from aiogram.types import TelegramObject, Update
from aiogram.types.update import UpdateTypeLookupError

from assistant.bot.outages import waiting_out
from core.metrics import BOT_UPDATES, BOT_UPDATES_FAILED

log = structlog.get_logger(__name__)


class Durable(BaseMiddleware):
    """Waits out what passes by itself, and leaves out an update that is none of ours to mend: it must not come for ever."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        """Handle one update; its handler begins anew after an outage, so it does everything in one transaction."""
        assert isinstance(event, Update)
        try:
            kind = event.event_type
        except UpdateTypeLookupError:
            # Of a newer Bot API. Raised on, it would end polling, and the webhook would be brought it again and again.
            BOT_UPDATES_FAILED.inc()
            log.error("an update is of no known kind and is left out")  # noqa: TRY400 - there is nothing more to say
            return None
        try:
            handled = await waiting_out(lambda: handler(event, dict(data)))
        except Exception:
            BOT_UPDATES_FAILED.inc()
            log.exception("an update could not be handled and is left out", kind=kind)
            return None
        BOT_UPDATES.labels(kind).inc()
        return handled
