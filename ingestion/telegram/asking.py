"""Asking Telegram: a request is repeated until it is answered, waits are obeyed and counted."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import structlog
from telethon import errors
from telethon.errors.common import AuthKeyNotFound

from core.errors import EndedForGood
from core.metrics import FLOOD_SECONDS, FLOOD_WAITS
from ingestion.telegram.guard import ReadingClient

log = structlog.get_logger(__name__)

RETRY_SECONDS = 1.0
LONG_WAIT_SECONDS = 300
LOST = (errors.UnauthorizedError, errors.AuthKeyError, errors.UserDeactivatedError, AuthKeyNotFound)
PASSING = (
    OSError,
    asyncio.IncompleteReadError,
    errors.ServerError,
    errors.TimedOutError,
    errors.RpcCallFailError,
    errors.RpcMcgetFailError,
)
GONE = (
    errors.ChannelPrivateError,
    errors.ChannelInvalidError,
    errors.ChatIdInvalidError,
    errors.PeerIdInvalidError,
    errors.ChatForbiddenError,
)
"""The account is not in that chat any more."""


class SessionLost(EndedForGood):
    """Telegram does not know the session any more."""


def session_lost() -> SessionLost:
    """What the operator is told."""
    return SessionLost(
        "Telegram has ended the listener's session (it was revoked, or used from two places at once); "
        "run `otklik login` again. Nothing is heard until then; the other roles go on."
    )


class Asker:
    """The way to ask. One chat's wait does not hold up what other chats are pushing."""

    def __init__(self, client: ReadingClient) -> None:
        self._client = client
        self.waiting_until: float = 0.0
        """Monotonic time until which Telegram told us to wait, for the longest wait at hand."""

    async def ask(self, request: Any) -> Any:
        """The answer, however long it takes.

        Raises:
            SessionLost: the session is gone.
            RPCError: Telegram refuses this request for good.
        """
        return await self.call(partial(self._client.__call__, request), type(request).__name__)

    async def call(self, work: Callable[[], Awaitable[Any]], name: str = "") -> Any:
        """The same for one of Telethon's own methods."""
        while True:
            try:
                return await work()
            except LOST as error:
                raise session_lost() from error
            except (errors.FloodWaitError, errors.FloodPremiumWaitError) as error:
                await self._wait(error.seconds, name)
            except PASSING as error:
                log.info("telegram did not answer, asking again", error=type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)

    async def _wait(self, seconds: int, request: str) -> None:
        FLOOD_WAITS.inc()
        FLOOD_SECONDS.inc(seconds)
        self.waiting_until = max(self.waiting_until, time.monotonic() + seconds)
        note = log.error if seconds >= LONG_WAIT_SECONDS else log.warning
        note("telegram tells us to wait; what is pushed is heard meanwhile", seconds=seconds, request=request)
        await asyncio.sleep(seconds + 1)
