"""What passes by itself: a PostgreSQL that is away, and a Telegram that is."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import structlog
from aiogram.exceptions import ClientDecodeError, TelegramNetworkError, TelegramRetryAfter, TelegramServerError
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from core.db.session import is_transient
from core.metrics import BOT_OUTAGE_RETRIES
from core.streams.broker import PAUSES

log = structlog.get_logger(__name__)

T = TypeVar("T")

TELEGRAM_AWAY: Final = (TelegramNetworkError, TelegramServerError, ClientDecodeError)
"""A connection that breaks, a 5xx, and the HTML page of a proxy whose Telegram does not answer."""


async def waiting_out(work: Callable[[], Awaitable[T]]) -> T:
    """Do it, and again from its beginning for as long as PostgreSQL or Telegram is away. Other errors are the caller's."""
    attempts = AsyncRetrying(retry=retry_if_exception(_passes), wait=PAUSES, before_sleep=_waiting, reraise=True)
    async for attempt in attempts:
        with attempt:
            return await work()
    raise AssertionError("it is tried until it succeeds or fails for good")


def _passes(error: BaseException) -> bool:
    return isinstance(error, (TelegramRetryAfter, *TELEGRAM_AWAY)) or is_transient(error)


def _waiting(state: RetryCallState) -> None:
    BOT_OUTAGE_RETRIES.inc()
    error = state.outcome.exception() if state.outcome else None
    log.warning("a service is away, waiting", attempt=state.attempt_number, error=type(error).__name__)
