"""Consuming: at least once, one effect, acknowledged after the handler has committed, never before.

An entry's life: read (or claimed from a consumer that died) → leased while it is handled → acknowledged and deleted.
What goes wrong decides what becomes of it:

* PostgreSQL or Redis is away: the batch waits, with growing pauses, for as long as it takes. Nothing is counted.
* A batch fails: its entries are handled one by one, so that one bad entry does not hold up the others.
* An entry fails alone: it is tried `len(RETRY_PAUSES)` times more, then it becomes a dead letter.
* The process dies: the lease runs out, a claimer of another process takes the entry over. An entry that was taken over
  `MAX_DELIVERIES` times has killed as many processes and becomes a dead letter without being touched again.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

import structlog
from faststream import AckPolicy
from faststream.redis import RedisBroker, StreamSub
from faststream.redis.message import RedisBatchStreamMessage
from pydantic import ValidationError
from redis.asyncio import Redis
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from core.contracts.messages import Contract
from core.contracts.streams import Stream
from core.db.session import Database, is_transient
from core.metrics import DEAD_LETTERS, HANDLED, HANDLING_SECONDS, OUTAGE_RETRIES
from core.streams.broker import AWAY, PAUSES
from core.streams.dead_letters import bury
from core.streams.entry import Entry, Unread, read_entry

log = structlog.get_logger(__name__)

RETRY_PAUSES = (0.1, 0.5, 2.0)
"""Seconds before each further try of an entry that failed alone."""

LEASE_SECONDS = 15.0
"""How long an entry may lie untouched before it is taken from its consumer. Handlers renew it, so only death ends it."""

CLAIM_POLL_MS = 1_000
MAX_DELIVERIES = 5

ContractT = TypeVar("ContractT", bound=Contract)
Handler = Callable[[Sequence[ContractT]], Awaitable[None]]


class Consumer(Generic[ContractT]):
    """One stream's consumer in one process: a reader for new entries and a claimer for those of dead consumers."""

    def __init__(
        self,
        broker: RedisBroker,
        database: Database,
        stream: Stream,
        contract: type[ContractT],
        handler: Handler[ContractT],
        *,
        name: str,
        batch_size: int,
    ) -> None:
        self._broker = broker
        self._database = database
        self._stream = stream
        self._contract = contract
        self._handler = handler
        self._name = name
        reader = StreamSub(stream.name, group=stream.group, consumer=name, batch=True, max_records=batch_size)
        claimer = StreamSub(
            stream.name, group=stream.group, consumer=name, batch=True,
            min_idle_time=int(LEASE_SECONDS * 1000), polling_interval=CLAIM_POLL_MS,
        )  # fmt: skip
        for source, handle in ((reader, self._read), (claimer, self._claimed)):
            broker.subscriber(
                stream=source, ack_policy=AckPolicy.MANUAL, message_format=Unread, decoder=_the_message_itself
            )(handle)

    async def _read(self, message: RedisBatchStreamMessage) -> None:
        await self._consume(_entries(message))

    async def _claimed(self, message: RedisBatchStreamMessage) -> None:
        entries = _entries(message)
        worn = await self._worn_out(entries)
        if worn:
            async with self._leased(worn):
                await self._give_up([(entry, f"was delivered more than {MAX_DELIVERIES} times") for entry in worn])
        await self._consume([entry for entry in entries if entry not in worn])

    async def _consume(self, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        async with self._leased(entries):
            good, bad = self._validated(entries)
            bad += await self._handled(good)
            if bad:
                await self._give_up(bad)
            gone = {entry.id for entry, _ in bad}
            await self._acknowledge([entry for entry in entries if entry.id not in gone])

    def _validated(self, entries: Sequence[Entry]) -> tuple[list[tuple[Entry, ContractT]], list[tuple[Entry, str]]]:
        good: list[tuple[Entry, ContractT]] = []
        bad: list[tuple[Entry, str]] = []
        for entry in entries:
            try:
                good.append((entry, self._contract.model_validate_json(entry.body)))
            except ValidationError as error:
                # The input is left out of the reason: of a foreign entry nobody knows whether it is masked.
                first = error.errors(include_input=False, include_url=False)[0]
                where = ".".join(map(str, first["loc"])) or "the body"
                bad.append((entry, f"is not a {self._contract.__name__}: {where}: {first['msg']}"))
        return good, bad

    async def _handled(self, batch: Sequence[tuple[Entry, ContractT]]) -> list[tuple[Entry, str]]:
        """Handle a batch; give back the entries that failed for good, with the reasons."""
        if not batch:
            return []
        if await self._failure([message for _, message in batch]) is None:
            return []
        reasons: dict[str, str] = {}
        left = list(batch)
        for pause in (0.0, *RETRY_PAUSES):
            await asyncio.sleep(pause)
            failed = []
            for entry, message in left:
                failure = await self._failure([message])
                if failure is not None:
                    failed.append((entry, message))
                    reasons[entry.id] = _reason(failure)
            left = failed
            if not left:
                break
        return [(entry, reasons[entry.id]) for entry, _ in left]

    async def _failure(self, messages: Sequence[ContractT]) -> Exception | None:
        """Run the handler; wait out an outage; give back any other exception. The one catch-all of the consumers."""
        try:
            async for attempt in _while_away(self._stream):
                with attempt, HANDLING_SECONDS.labels(self._stream.name).time():
                    await self._handler(messages)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises, the entry is retried or kept as a dead letter
            log.warning("handling failed", stream=self._stream.name, entries=len(messages), error=_reason(error))
            return error
        HANDLED.labels(self._stream.name).inc(len(messages))
        return None

    async def _give_up(self, entries: Sequence[tuple[Entry, str]]) -> None:
        async for attempt in _while_away(self._stream):
            with attempt:
                async with self._database.transaction() as session:
                    await bury(session, self._stream.name, entries)
        DEAD_LETTERS.labels(self._stream.name).inc(len(entries))
        log.error("dead letters; see `otklik dead-letters list`", stream=self._stream.name, entries=len(entries))
        await self._acknowledge([entry for entry, _ in entries])

    async def _acknowledge(self, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        ids = [entry.id for entry in entries]
        async for attempt in _while_away(self._stream):
            with attempt:
                client = await self._broker.connect()
                async with client.pipeline(transaction=True) as pipeline:
                    pipeline.xack(self._stream.name, self._stream.group, *ids)
                    pipeline.xdel(self._stream.name, *ids)
                    await pipeline.execute()

    async def _worn_out(self, entries: Sequence[Entry]) -> list[Entry]:
        client = await self._broker.connect()
        worn = []
        for entry in entries:
            found = await client.xpending_range(self._stream.name, self._stream.group, entry.id, entry.id, 1)
            if found and int(found[0]["times_delivered"]) > MAX_DELIVERIES:
                worn.append(entry)
        return worn

    @asynccontextmanager
    async def _leased(self, entries: Sequence[Entry]) -> AsyncIterator[None]:
        """Keep the entries ours while the block runs."""
        renewing = asyncio.create_task(self._renew(entries))
        try:
            yield
        finally:
            renewing.cancel()

    async def _renew(self, entries: Sequence[Entry]) -> None:
        ids: list[int | bytes | str | memoryview[int]] = [entry.id for entry in entries]
        while True:
            await asyncio.sleep(LEASE_SECONDS / 3)
            try:
                client: Redis = await self._broker.connect()
                # JUSTID: resets the idle time without counting a delivery.
                await client.xclaim(self._stream.name, self._stream.group, self._name, 0, ids, justid=True)
            except AWAY:
                log.warning("the lease could not be renewed: redis is away", stream=self._stream.name)


async def _the_message_itself(message: RedisBatchStreamMessage) -> RedisBatchStreamMessage:
    """What the handler is called with."""
    return message


def _entries(message: RedisBatchStreamMessage) -> list[Entry]:
    raw = message.raw_message
    return [read_entry(*pair) for pair in zip(raw["message_ids"], raw["data"], strict=True)]


def _away(error: BaseException) -> bool:
    return isinstance(error, AWAY) or is_transient(error)


def _while_away(stream: Stream) -> AsyncRetrying:
    return AsyncRetrying(
        retry=retry_if_exception(_away),
        wait=PAUSES,
        before_sleep=lambda state: _waiting(stream, state),
        reraise=True,
    )


def _waiting(stream: Stream, state: RetryCallState) -> None:
    OUTAGE_RETRIES.labels(stream.name).inc()
    error = state.outcome.exception() if state.outcome else None
    log.warning(
        "a store is away, waiting", stream=stream.name, attempt=state.attempt_number, error=type(error).__name__
    )


def _reason(error: Exception) -> str:
    """The error's type and first line: SQLAlchemy's later lines show the statement's parameters."""
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else ''}"
