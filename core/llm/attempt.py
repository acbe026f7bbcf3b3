"""One request to the model and its row in the ledger, which is settled however the request ends."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from core.llm.calls import Call
from core.llm.errors import BrokenReply, CallFailed, TimedOut
from core.llm.estimate import most
from core.llm.ledger import Ledger, Settlement
from core.llm.prices import Price
from core.llm.reading import ReplyReader

if TYPE_CHECKING:
    from core.llm.vendor import Exchange, Vendor

NOTHING = Decimal(0)

COUNTING_SECONDS = 5.0
"""How long a reply that is already known to be broken is read for its counters."""


class Attempt:
    """A row is opened, the request is sent, its words are read, the row is settled."""

    def __init__(self, call: Call, price: Price, ledger: Ledger, vendor: "Vendor", deadline: float) -> None:
        self.call_id: UUID = uuid4()
        self.reader = ReplyReader(call.results)
        self._call = call
        self._price = price
        self._ledger = ledger
        self._vendor = vendor
        self._deadline = deadline
        self._began_at = time.monotonic()
        self._exchange: Exchange | None = None
        self._sent = False
        self._settled = False

    async def begin(self, retry_of: UUID | None) -> str:
        """Send the request and wait for the first words.

        Raises:
            CallFailed: there will be none; the row is settled.
            BudgetExhausted: nothing was sent.
        """
        async with self._accounted():
            await self._ledger.open(self.call_id, self._call, retry_of, most(self._call, self._price))
            self._sent = True
            self._exchange = await self._vendor.send(self._call)
        return await self.next() or ""

    async def next(self) -> str | None:
        """More words; None when the reply is complete and the row is settled.

        Raises:
            CallFailed: the reply cannot be used; the row is settled.
        """
        async with self._accounted():
            text = await self._read()
            if text is None:
                self._check_usage()
                self.reader.check()
        if text is None:
            await self._settle("ok", self.cost)
            assert self._exchange is not None
            await self._exchange.finish()
            await self.close()
        return text

    async def close(self) -> None:
        """Leave nothing behind. A row that is still open belongs to a reply that nobody reads to its end."""
        await self._settle("cancelled", self._given_up(), error="the consumer stopped reading")
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            await exchange.close()

    @property
    def cost(self) -> Decimal:
        """What the announced usage costs."""
        return self._price.of(self.reader.usage)

    async def _read(self) -> str | None:
        exchange = self._exchange
        assert exchange is not None
        try:
            while not self.reader.finished:
                if text := self.reader.feed(await exchange.next()):
                    return text
        except BrokenReply:
            await self._count_the_rest(exchange)
            raise
        return None

    async def _count_the_rest(self, exchange: "Exchange") -> None:
        """A reply that makes no sense is paid for to its end, and its end says how much that is."""
        with suppress(TimeoutError):
            async with asyncio.timeout(COUNTING_SECONDS):
                while True:
                    try:
                        event = await exchange.next()
                    except BrokenReply:
                        continue
                    except CallFailed:
                        return
                    if event is None:
                        return
                    self.reader.count(event)

    def _check_usage(self) -> None:
        if not self.reader.is_counted and not self._price.is_free:
            raise BrokenReply(
                "The model's server did not say what the reply cost; for a model of your own that costs nothing, give a "
                "price of 0 in a [[price]] table of otklik.toml.",
                detail="no usage was announced",
            )

    @asynccontextmanager
    async def _accounted(self) -> AsyncIterator[None]:
        """Whatever ends the block early settles the row with what is known by then."""
        try:
            async with asyncio.timeout_at(self._deadline):
                yield
        except TimeoutError:
            failure = TimedOut(
                "The model did not reply in time; try again in a moment.", detail="the call's time is up"
            )
            await self._fail(failure)
            raise failure from None
        except CallFailed as failure:
            await self._fail(failure)
            raise
        except BaseException as error:
            cancelled = isinstance(error, asyncio.CancelledError)
            outcome = "cancelled" if cancelled else "broken"
            await self._settle(outcome, self._given_up(), error=None if cancelled else type(error).__name__)
            await self.close()
            raise

    async def _fail(self, failure: CallFailed) -> None:
        if not failure.sent:
            self._sent = False
        await self._settle(failure.outcome, self._charged(failure), error=failure.detail)
        await self.close()

    def _charged(self, failure: CallFailed) -> Decimal | None:
        """What a request that brought no whole reply costs; None where nobody can know."""
        if not self._sent or self._price.is_free:
            return NOTHING
        if self.reader.is_counted:
            return self.cost
        return NOTHING if failure.free and not self.reader.input_is_known else None

    def _given_up(self) -> Decimal | None:
        """What a reply costs that we ourselves do not read to its end: the server writes on until it notices, and nobody
        knows how far."""
        return NOTHING if not self._sent or self._price.is_free else None

    async def _settle(self, outcome: str, price: Decimal | None, error: str | None = None) -> None:
        if self._settled:
            return
        self._settled = True
        latency_ms = round((time.monotonic() - self._began_at) * 1000)
        request_id = self._exchange.request_id if self._exchange else None
        await self._ledger.settle(
            self.call_id, Settlement(outcome, self.reader.usage, price, latency_ms, request_id, error)
        )
