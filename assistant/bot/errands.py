"""Small requests to Telegram that nobody waits for and nothing depends on: `typing`, a polite word, a button's answer."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

import structlog
from aiogram.exceptions import ClientDecodeError, TelegramAPIError

log = structlog.get_logger(__name__)

AT_ONCE: Final = 64
"""Beyond it errands are dropped: Telegram is slow then, and nobody misses a late `typing`."""
FAREWELL_SECONDS: Final = 1.0


class Errands:
    """Runs them beside the work. Updates are taken one after the other: none may wait for a request of courtesy."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def run(self, errand: Coroutine[Any, Any, object]) -> None:
        """Start one, unless too many are under way."""
        if len(self._tasks) >= AT_ONCE:
            errand.close()
            return
        task = asyncio.create_task(_done(errand))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Let those under way end, for a moment."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=FAREWELL_SECONDS)
            for task in late:
                task.cancel()


async def _done(errand: Coroutine[Any, Any, object]) -> None:
    try:
        await errand
    except (TelegramAPIError, ClientDecodeError) as error:
        log.info("a courtesy was in vain", error=type(error).__name__)
    except Exception:  # nobody waits for it who could be told
        log.exception("an errand has failed")
