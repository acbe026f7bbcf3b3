"""The one call path to a model: priced before it leaves, entered in the ledger, retried where safe, ended in time.

>>> async def answer(gateway: Gateway, call: Call) -> Reply:
...     async with gateway.stream(call) as stream:
...         async for words in stream:
...             print(words, end="")
...     return stream.reply
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from pydantic import SecretStr
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, wait_random_exponential
from tenacity.stop import stop_base

from core.db.session import Database
from core.llm.attempt import Attempt
from core.llm.batches import Batches
from core.llm.breaker import Admission, Breaker
from core.llm.calls import Call, Purpose, Reply
from core.llm.errors import BrokenReply, CallFailed, HeldBack, ModelUnavailable, Overloaded, TimedOut
from core.llm.estimate import most
from core.llm.ledger import Ledger, Purse
from core.llm.prices import Price, Prices

if TYPE_CHECKING:
    from core.llm.vendor import Vendor

TOTAL_SECONDS = 60.0
"""A whole call, its retries and waits included: a person in a chat does not wait longer."""
CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 30.0
"""Between two pieces of a reply. The API sends a ping into longer thoughts."""
TRIES = 3
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 8.0

TROUBLE = (Overloaded, ModelUnavailable, TimedOut, BrokenReply)
"""What the server's trouble looks like; a wrong request or a used-up rate says nothing about its health."""
TROUBLES = 5
"""In a row, of one model: then nothing is sent to it for a while, and answers are quoted at once instead of late."""
COOL_SECONDS = 30.0
"""After which one call is let through, to see: `core.llm.breaker`."""

AT_ONCE: Mapping[Purpose, int] = {
    Purpose.ANSWER: 8,
    Purpose.CONDENSE: 8,
    Purpose.SUGGESTION: 2,
    Purpose.ANALYSIS_FAST: 4,
    Purpose.ANALYSIS_BATCH: 2,
    Purpose.EVAL: 4,
    Purpose.JUDGE: 4,
}
"""Calls of a purpose that run at the same time: what nobody waits for must not use up the account's rate limit."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySettings:
    """How to reach the model, and how patiently."""

    api_key: SecretStr
    base_url: str | None = None
    total_seconds: float = TOTAL_SECONDS
    connect_seconds: float = CONNECT_SECONDS
    silence_seconds: float = SILENCE_SECONDS
    tries: int = TRIES
    first_wait_seconds: float = FIRST_WAIT_SECONDS
    longest_wait_seconds: float = LONGEST_WAIT_SECONDS
    cool_seconds: float = COOL_SECONDS


class ReplyStream:
    """The words of a reply as they arrive; the reply itself once they have all been read."""

    def __init__(self, call: Call, attempt: Attempt, first: str, began_at: float) -> None:
        self._call = call
        self._attempt = attempt
        self._first = first
        self._began_at = began_at
        self._reply: Reply | None = None

    async def __aiter__(self) -> AsyncIterator[str]:
        first, self._first = self._first, ""
        text: str | None = first
        while text is not None:
            if text:
                yield text
            text = await self._attempt.next()
        self._reply = self._whole()

    @property
    def cites(self) -> bool:
        """Whether what was read so far rests on a search result that was given."""
        return self._attempt.reader.cites

    @property
    def reply(self) -> Reply:
        """The whole reply. Only after the stream has been read to its end."""
        if self._reply is None:
            raise RuntimeError("The reply is not complete: read the stream to its end first.")
        return self._reply

    def _whole(self) -> Reply:
        reader = self._attempt.reader
        return Reply(
            text=reader.text,
            citations=tuple(reader.citations),
            dropped_citations=reader.dropped_citations,
            stop_reason=reader.stop_reason or "",
            usage=reader.usage,
            cost_usd=self._attempt.cost,
            model=self._call.model,
            prompt=self._call.prompt.reference,
            call_id=self._attempt.call_id,
            latency_ms=round((time.monotonic() - self._began_at) * 1000),
        )


class Door(Protocol):
    """What whoever asks a model needs of the gateway."""

    def stream(self, call: Call) -> AbstractAsyncContextManager[ReplyStream]:
        """Ask, and read the reply while it is written."""

    async def complete(self, call: Call) -> Reply:
        """Ask, and wait for the whole reply."""


class Gateway:
    """The door to the model. One for a process; `close` it at the end."""

    def __init__(
        self, settings: GatewaySettings, database: Database, prices: Prices, purse: Callable[[], Purse]
    ) -> None:
        self._settings = settings
        self._ledger = Ledger(database, purse)
        self._prices = prices
        self.batches = Batches(self._load_vendor, self._ledger, prices)
        """For what nobody waits for."""
        self._vendor: Vendor | None = None
        self._importing = asyncio.Lock()
        self._running = {purpose: asyncio.Semaphore(at_once) for purpose, at_once in AT_ONCE.items()}
        self._breakers = defaultdict[str, Breaker](lambda: Breaker(TROUBLES, settings.cool_seconds))
        self._pauses: dict[str, float] = {}
        """By model: until when the server has asked to be left alone, on the loop's clock."""
        self._warned: set[str] = set()

    @asynccontextmanager
    async def stream(self, call: Call) -> AsyncIterator[ReplyStream]:
        """Ask, and read the reply while it is written. Leaving the block early gives the rest of the reply up.

        Raises:
            UnpricedModel, BudgetExhausted, HeldBack: nothing was sent.
            CallFailed: on entering, after the retries; while reading, at once, because words were already given out.
        """
        began_at = time.monotonic()
        deadline = asyncio.get_running_loop().time() + self._settings.total_seconds
        price = self._price(call)
        vendor = await self._load_vendor()
        async with self._turn(call.purpose, deadline):
            attempt, first = await self._begin(call, price, vendor, deadline)
            try:
                yield ReplyStream(call, attempt, first, began_at)
            finally:
                await attempt.close()

    async def complete(self, call: Call) -> Reply:
        """Ask, and wait for the whole reply. It is streamed all the same, so that a broken one is accounted for."""
        async with self.stream(call) as stream:
            async for _ in stream:
                pass
        return stream.reply

    def most(self, call: Call) -> Decimal:
        """The most that a call can cost, in US dollars.

        Raises:
            UnpricedModel: nobody knows.
        """
        return most(call, self._price(call))

    async def close(self) -> None:
        """Close the connections."""
        if self._vendor is not None:
            await self._vendor.close()

    @asynccontextmanager
    async def _turn(self, purpose: Purpose, deadline: float) -> AsyncIterator[None]:
        """Wait until there are few enough calls of this purpose."""
        try:
            async with asyncio.timeout_at(deadline):
                await self._running[purpose].acquire()
        except TimeoutError:
            raise HeldBack(
                f"{AT_ONCE[purpose]} calls for {purpose.value!r} were running all the time; try again."
            ) from None
        try:
            yield
        finally:
            self._running[purpose].release()

    async def _begin(self, call: Call, price: Price, vendor: "Vendor", deadline: float) -> tuple[Attempt, str]:
        """The first attempt that brings words, or the failure of the last one."""
        first_id: UUID | None = None

        async def once() -> tuple[Attempt, str]:
            nonlocal first_id
            await self._obey(call.model, deadline)
            attempt = Attempt(call, price, self._ledger, vendor, deadline)
            retry_of, first_id = first_id, first_id or attempt.call_id
            with self._watched(call.model):
                return attempt, await attempt.begin(retry_of)

        retrying = AsyncRetrying(
            retry=retry_if_exception(lambda error: isinstance(error, CallFailed) and error.retryable),
            wait=self._wait,
            stop=stop_after_attempt(self._settings.tries) | _OutOfTime(deadline),
            before_sleep=_log_retry,
            reraise=True,
        )
        return await retrying(once)

    async def _obey(self, model: str, deadline: float) -> None:
        """Wait out the pause that the server has asked of whoever called before: it is meant for the account."""
        now = asyncio.get_running_loop().time()
        pause = self._pauses.get(model, now) - now
        if now + pause >= deadline:
            raise HeldBack(f"The server of {model} asked for a pause; try again in {pause:.0f} s.", retry_after=pause)
        await asyncio.sleep(max(pause, 0))

    @contextmanager
    def _watched(self, model: str) -> Iterator[None]:
        """Learn from a call how its server is; keep it back while that is in trouble."""
        breaker = self._breakers[model]
        admitted = breaker.admit(time.monotonic())
        if admitted is Admission.NO:
            cool = self._settings.cool_seconds
            raise HeldBack(f"The server of {model} was in trouble just now; try again in {cool:.0f} s.")
        try:
            yield
        except BaseException as error:
            self._note_pause(model, error)
            if isinstance(error, TROUBLE):
                breaker.failed(time.monotonic(), admitted)
            else:
                breaker.undecided(admitted)
            raise
        breaker.succeeded()

    def _note_pause(self, model: str, error: BaseException) -> None:
        if isinstance(error, CallFailed) and error.retry_after:
            until = asyncio.get_running_loop().time() + error.retry_after
            self._pauses[model] = max(until, self._pauses.get(model, until))

    def _wait(self, state: RetryCallState) -> float:
        """A jittered back-off, or what the server asked for where that is longer."""
        back_off = wait_random_exponential(self._settings.first_wait_seconds, self._settings.longest_wait_seconds)
        return max(back_off(state), _asked_wait(state))

    def _price(self, call: Call) -> Price:
        price = self._prices.at(call.model, datetime.now(UTC).date())
        if price.assumed and call.model not in self._warned:
            self._warned.add(call.model)
            log.warning("The price of %s is assumed from its tier; check core/llm/prices.toml.", call.model)
        return price

    async def _load_vendor(self) -> "Vendor":
        async with self._importing:
            if self._vendor is None:
                self._vendor = await asyncio.to_thread(_make_vendor, self._settings)
        return self._vendor


class _OutOfTime(stop_base):
    """Giving up at once is kinder than a wait that cannot end in a reply."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline

    def __call__(self, state: RetryCallState) -> bool:
        return asyncio.get_running_loop().time() + state.upcoming_sleep >= self._deadline


def _make_vendor(settings: GatewaySettings) -> "Vendor":
    from core.llm.vendor import Vendor  # here, because the SDK takes more than a second to import

    return Vendor(
        settings.api_key.get_secret_value(), settings.base_url, settings.connect_seconds, settings.silence_seconds
    )


def _asked_wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    return (error.retry_after or 0.0) if isinstance(error, CallFailed) else 0.0


def _log_retry(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    log.info(
        "Attempt %d failed (%s); the next one follows in %.1f s.", state.attempt_number, error, state.upcoming_sleep
    )
