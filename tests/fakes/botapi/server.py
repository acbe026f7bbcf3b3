"""The server: a thread with an event loop of its own, the world, and the handles a test turns."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from aiogram.client.telegram import TelegramAPIServer
from aiohttp import web

from tests.fakes.botapi.answering import Answering
from tests.fakes.botapi.calls import Asked
from tests.fakes.botapi.faults import Faults
from tests.fakes.botapi.limits import UPLOAD
from tests.fakes.botapi.methods.base import Desk, Profile, Webhook
from tests.fakes.botapi.model import Draft, Message
from tests.fakes.botapi.rates import Rates
from tests.fakes.botapi.webhook import Courier
from tests.fakes.botapi.world import World

T = TypeVar("T")
PATIENCE = 300.0
"""How long `until` waits at most, in seconds: only a bound on failure, the machine may be slow."""


class BotBrokeRules(AssertionError):
    """The bot asked what the Bot API does not know, sent what Telegram silently spoils, or the fake is wrong."""


class BotApiServer:
    """A Bot API for one bot on 127.0.0.1. Start it with `with BotApiServer() as server:`."""

    def __init__(self, token: str = "42:TEST", username: str = "otklik_bot") -> None:
        self.token = token
        self.world = World(int(token.partition(":")[0]), username)
        self.faults = Faults()
        self._desk = Desk(self.world)
        self._answering = Answering(token, self._desk, self.faults)
        self._courier = Courier(self._desk, self._answering)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="fake-bot-api", daemon=True)
        self._runner: web.AppRunner | None = None
        self._port = 0

    # -- life

    @property
    def url(self) -> str:
        """What `TelegramAPIServer.from_base` wants."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def api(self) -> TelegramAPIServer:
        """For `AiohttpSession(api=…)`."""
        return TelegramAPIServer.from_base(self.url)

    def start(self) -> Self:
        """Listen."""
        self._thread.start()
        self._wait(self._listen())
        return self

    def stop(self, *, check: bool = True) -> None:
        """Close all; with `check`, raise what the bot did against the rules."""
        self._wait(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        if check and (broken := self.violations):
            raise BotBrokeRules("\n".join(broken))

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(check=kind is None)

    # -- what the bot did

    @property
    def asked(self) -> list[Asked]:
        """Every request but getUpdates, in order, with what it was told."""
        return self._answering.asked

    @property
    def refused(self) -> list[Asked]:
        """The requests that were not answered with ok."""
        return [asked for asked in self.asked if not asked.ok]

    def calls(self) -> Counter[str]:
        """How often each method was asked; getUpdates counts here too."""
        return Counter(self._answering.counted)

    @property
    def sent(self) -> list[Message]:
        """Every message of the bot, in order, as it is now (see `Message.deleted`)."""
        return self.world.sent

    @property
    def drafts(self) -> list[Draft]:
        """Every draft the bot showed, in order."""
        return self.world.drafts

    @property
    def profile(self) -> Profile:
        """The bot's commands and descriptions."""
        return self._desk.profile

    @property
    def webhook(self) -> Webhook:
        """Where updates go, if the bot has set one, and the last failure of bringing them there."""
        return self._desk.webhook

    @property
    def forwards(self) -> dict[str, str]:
        """Where a web server in front of the bot passes an address on to: a public one to one on the loopback."""
        return self._desk.forwards

    @property
    def rates(self) -> Rates:
        """How often the bot may write: off, until `server.rates.enabled = True`."""
        return self._desk.rates

    @property
    def violations(self) -> list[str]:
        """What the bot did against the rules so far."""
        unfinished = [draft for draft in self.drafts if not draft.finished]
        left = [f"No message followed the draft {draft.texts[-1]!r} to {draft.chat.title}" for draft in unfinished]
        return [*self._desk.violations, *left]

    def forgive(self) -> list[str]:
        """What `violations` holds, and forget it: for a bot that was wrong, or killed, on purpose."""
        broken = self.violations
        self._desk.violations.clear()
        self.world.drafts.clear()
        return broken

    # -- waiting

    async def until(self, fact: Callable[[], T], seconds: float = PATIENCE) -> T:
        """Wait for something to become true, and return it. What the fact raises meanwhile is "not yet".

        It looks between two requests, never at a message whose text is new and whose buttons are still the old.
        """
        end = time.monotonic() + seconds
        while True:
            doubt: Exception | None = None
            try:
                with self.world.lock:
                    found = fact()
                if found:
                    return found
            except (LookupError, StopIteration) as error:
                doubt = error
            if time.monotonic() > end:
                raise AssertionError(f"It did not happen in {seconds:g} s. {self.describe()}") from doubt
            await asyncio.sleep(0.01)

    async def all_taken(self, seconds: float = PATIENCE) -> None:
        """Wait until the bot has fetched and confirmed every update."""
        await self.until(lambda: not self.world.updates.pending, seconds)

    def describe(self) -> str:
        """The last that happened, for a failure's message."""
        with self.world.lock:
            said = [message for chat in self.world.chats.values() for message in chat.history.values()]
            last = sorted(said, key=lambda message: message.date)[-12:]
            parts: dict[str, Sequence[object]] = {
                "Last messages": last,
                "Last requests": self.asked[-8:],
                "Updates not confirmed": self.world.updates.pending[:5],
                "Violations": self.violations,
            }
        return "\n".join(
            f"{name}:\n" + "\n".join(f"    {str(one)[:300]}" for one in some) for name, some in parts.items()
        )

    # -- the thread

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _wait(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _listen(self) -> None:
        app = web.Application(client_max_size=UPLOAD + 2**20)
        app.router.add_route("*", "/bot{token}/{method}", self._answering.handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self._courier.start()

    async def _close(self) -> None:
        await self._courier.close()
        assert self._runner is not None
        await self._runner.cleanup()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:  # polls that nobody waits for any more
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
