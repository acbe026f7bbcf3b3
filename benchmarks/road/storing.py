"""From the stream to committed rows, beside the same rows put in by hand; then the same with threading and units."""

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import asyncpg  # type: ignore[import-untyped]
from faststream.redis import RedisBroker
from sqlalchemy import text

from benchmarks.road.measuring import Progress, median
from benchmarks.road.stage import Stage
from core.contracts.messages import ChatChanged, MessageObserved
from core.contracts.streams import BATCH, CHATS, FAST, STREAMS, Stream, message_stream
from core.errors import OtklikError
from core.streams.broker import connect, consumer_name, depth, make_broker, prepare_groups
from core.streams.consumer import Consumer
from core.streams.publisher import Publisher
from ingestion.consumers import FAST_BATCH, SIGNAL_BATCH, STORE_BATCH
from ingestion.importing import CHUNK
from ingestion.placing import Placing
from ingestion.storing import Storing

ROUND_SECONDS = 300.0
"""A round that takes longer has hung, or lost a message."""
BOUND = 50_000
POLL_SECONDS = 0.02

COLUMNS = (
    "chat_id", "message_id", "edit_version", "sender", "is_staff", "sent_at", "reply_to", "topic_id", "mentions",
    "text", "lane", "lane_score", "lane_reasons",
)  # fmt: skip
_INSERT = f"INSERT INTO messages ({', '.join(COLUMNS)}) VALUES ({', '.join(f'${n + 1}' for n in range(len(COLUMNS)))})"

_COUNTS = text("""
    SELECT (SELECT count(*) FROM messages) AS stored, (SELECT count(*) FROM messages WHERE threaded) AS threaded,
        (SELECT count(*) FROM data_units) AS units, (SELECT count(*) FROM dead_letters) AS dead
""")


@dataclass(frozen=True, slots=True)
class StoringFigures:
    """From the first publish to the last commit, publisher and consumers in one process, as in `otklik import`."""

    messages: int
    message_bytes: int
    chats: int
    rounds: int
    per_second: float
    """Published, consumed and committed."""
    cpu_seconds_per_1000: float
    """This process's own, without the servers: what remains when the machine is busy."""
    bare_copy_per_second: float
    """The same rows by one COPY in one transaction: the database's ceiling."""
    bare_insert_per_second: float
    """The same rows by prepared INSERTs, committed by 200 like the batch lane's: what a program without streams does."""
    times_bare_copy: float
    """How many times longer the road takes than the bare COPY; the median of the rounds."""
    times_bare_insert: float


@dataclass(frozen=True, slots=True)
class PlacingFigures:
    """The same messages, also threaded and cut into units; the last commit is then the last unit's."""

    messages: int
    rounds: int
    units: int
    per_second: float
    cpu_seconds_per_1000: float
    times_storing: float
    """How many times longer than storing alone; the median of the rounds."""


class Arrivals:
    """A handler that counts what the real one has committed."""

    def __init__(self, handler: Callable[[Sequence[MessageObserved]], Awaitable[None]], expected: int) -> None:
        self._handler = handler
        self._expected = expected
        self.seen = 0
        self.complete = asyncio.Event()

    async def __call__(self, messages: Sequence[MessageObserved]) -> None:
        """Handle, then count."""
        await self._handler(messages)
        self.seen += len(messages)
        if self.seen >= self._expected:
            self.complete.set()


@dataclass(frozen=True, slots=True)
class _Round:
    seconds: float
    cpu_seconds: float
    units: int


async def measure_storing(
    stage: Stage, observed: Sequence[MessageObserved], rounds: int, progress: Progress
) -> tuple[StoringFigures, PlacingFigures]:
    """Alternate the road, the road with threading, and the two bare ways, so that a busy minute hits all alike."""
    storing, placing, copying, inserting = [], [], [], []
    for number in range(rounds):
        progress.step(f"stream to rows, {len(observed):,} messages, round {number + 1} of {rounds}")
        storing.append(await _road(stage, observed, progress, place=False))
        copying.append(await _bare(stage, observed, _copy))
        inserting.append(await _bare(stage, observed, _insert))
        progress.step(f"stream to rows, threads and units, round {number + 1} of {rounds}")
        placing.append(await _road(stage, observed, progress, place=True))
    await stage.clear()
    count = len(observed)
    return StoringFigures(
        messages=count,
        message_bytes=round(sum(len(message.text.encode()) for message in observed) / count),
        chats=len({message.chat.chat_id for message in observed}),
        rounds=rounds,
        per_second=median([count / one.seconds for one in storing]),
        cpu_seconds_per_1000=median([one.cpu_seconds / count * 1000 for one in storing]),
        bare_copy_per_second=median([count / seconds for seconds in copying]),
        bare_insert_per_second=median([count / seconds for seconds in inserting]),
        times_bare_copy=median([one.seconds / bare for one, bare in zip(storing, copying, strict=True)]),
        times_bare_insert=median([one.seconds / bare for one, bare in zip(storing, inserting, strict=True)]),
    ), PlacingFigures(
        messages=count,
        rounds=rounds,
        units=placing[-1].units,
        per_second=median([count / one.seconds for one in placing]),
        cpu_seconds_per_1000=median([one.cpu_seconds / count * 1000 for one in placing]),
        times_storing=median([one.seconds / alone.seconds for one, alone in zip(placing, storing, strict=True)]),
    )


async def _road(stage: Stage, observed: Sequence[MessageObserved], progress: Progress, *, place: bool) -> _Round:
    await stage.clear()
    broker = make_broker(stage.redis_url)
    try:
        publisher = Publisher(broker, bound=BOUND)
        client = await connect(broker)
        await prepare_groups(client, STREAMS)
        arrivals = Arrivals(Storing(stage.database, publisher), len(observed))
        _consume(stage, broker, publisher, arrivals, place=place)
        await broker.start()
        began, cpu_began = time.perf_counter(), time.process_time()
        async with asyncio.timeout(ROUND_SECONDS):
            await _publish(publisher, observed)
            while not arrivals.complete.is_set():
                progress.reach(arrivals.seen, len(observed))
                await _wait(arrivals.complete)
            while place and (await depth(client, CHATS)).length:  # noqa: ASYNC110 - it happens in Redis
                await asyncio.sleep(POLL_SECONDS)
        seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu_began
    finally:
        await broker.stop()
    async with stage.database.reading() as session:
        counts = (await session.execute(_COUNTS)).one()
    if counts.stored != len(observed) or counts.dead or (place and counts.threaded != len(observed)):
        raise OtklikError(f"the road lost something: {counts} of {len(observed)} messages")
    return _Round(seconds, cpu_seconds, counts.units)


def _consume(stage: Stage, broker: RedisBroker, publisher: Publisher, arrivals: Arrivals, *, place: bool) -> None:
    """The consumers of `ingestion.consumers`, without those that this measure leaves out."""
    name = consumer_name()
    Consumer(broker, stage.database, FAST, MessageObserved, arrivals, name=name, batch_size=FAST_BATCH)
    Consumer(broker, stage.database, BATCH, MessageObserved, arrivals, name=name, batch_size=STORE_BATCH)
    if place:
        placing = Placing(stage.database, publisher)
        Consumer(broker, stage.database, CHATS, ChatChanged, placing, name=name, batch_size=SIGNAL_BATCH)


async def _publish(publisher: Publisher, observed: Sequence[MessageObserved]) -> None:
    """By the importer's chunks, each lane to its stream."""
    for start in range(0, len(observed), CHUNK):
        lanes: dict[Stream, list[MessageObserved]] = defaultdict(list)
        for message in observed[start : start + CHUNK]:
            lanes[message_stream(message.lane)].append(message)
        for stream, messages in lanes.items():
            await publisher.publish(stream, messages)


async def _wait(event: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(event.wait(), 0.2)
    except TimeoutError:
        return


Row = tuple[object, ...]


async def _bare(
    stage: Stage,
    observed: Sequence[MessageObserved],
    put: Callable[[asyncpg.Connection, list[Row]], Awaitable[None]],
) -> float:
    await stage.clear()
    rows = [_row(message) for message in observed]
    chats = {message.chat.chat_id: message.chat for message in observed}.values()
    connection = await asyncpg.connect(stage.database_url)
    try:
        await connection.executemany(
            "INSERT INTO chats (chat_id, kind, title) VALUES ($1, $2, $3)",
            [(chat.chat_id, chat.kind, chat.title) for chat in chats],
        )
        began = time.perf_counter()
        await put(connection, rows)
        return time.perf_counter() - began
    finally:
        await connection.close()


async def _copy(connection: asyncpg.Connection, rows: list[Row]) -> None:
    await connection.copy_records_to_table("messages", records=rows, columns=COLUMNS)


async def _insert(connection: asyncpg.Connection, rows: list[Row]) -> None:
    for start in range(0, len(rows), STORE_BATCH):
        await connection.executemany(_INSERT, rows[start : start + STORE_BATCH])  # in a transaction of its own


def _row(message: MessageObserved) -> Row:
    return (
        message.chat.chat_id, message.message_id, message.edit_version, message.sender, message.is_staff,
        message.sent_at, message.reply_to, message.topic_id, list(message.mentions), message.text, message.lane.value,
        message.lane_score, json.dumps(message.lane_reasons, ensure_ascii=False),
    )  # fmt: skip
