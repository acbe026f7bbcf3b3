"""What becomes of an entry: handled once, tried again, claimed from the dead, or kept as a dead letter."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from faststream.redis import RedisBroker
from redis.asyncio import Redis

from core.contracts.messages import ChatChanged, UnitsChanged
from core.contracts.streams import CHATS
from core.db.session import Database
from core.errors import SettingsError, Unavailable
from core.streams import consumer as consuming
from core.streams.broker import connect, depth, make_broker, prepare_groups
from core.streams.consumer import Consumer
from core.streams.dead_letters import list_dead_letters, resend
from core.streams.entry import DATA
from core.streams.publisher import Publisher


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consuming, "RETRY_PAUSES", (0.0, 0.0))
    monkeypatch.setattr(consuming, "CLAIM_POLL_MS", 20)


@pytest.fixture
async def broker(redis_url: str) -> AsyncIterator[RedisBroker]:
    made = make_broker(redis_url)
    await prepare_groups(await connect(made), [CHATS])
    yield made
    await made.stop()


class Seen:
    """A handler that remembers, and fails where it is told to."""

    def __init__(self, fail_on: Sequence[int] = (), error: type[Exception] = ValueError, times: int = 1_000) -> None:
        self.chats: list[int] = []
        self.batches: list[int] = []
        self._fail_on, self._error, self._left = frozenset(fail_on), error, times
        self.changed = asyncio.Condition()

    async def __call__(self, messages: Sequence[ChatChanged]) -> None:
        self.batches.append(len(messages))
        async with self.changed:
            self.changed.notify_all()
        if self._left and self._fail_on & {message.chat_id for message in messages}:
            self._left -= 1
            raise self._error("no such luck")
        self.chats += [message.chat_id for message in messages]

    async def wait_for(self, chats: set[int]) -> None:
        async with self.changed:
            await self.changed.wait_for(lambda: chats <= set(self.chats))


@asynccontextmanager
async def running(broker: RedisBroker, database: Database, seen: Seen, name: str = "one") -> AsyncIterator[None]:
    Consumer(broker, database, CHATS, ChatChanged, seen, name=name, batch_size=100)
    await broker.start()
    yield


async def until_done(client: Redis) -> None:
    """Wait until nothing is left in the stream: every entry was acknowledged."""
    async with asyncio.timeout(100):
        while (await depth(client, CHATS)).length:  # noqa: ASYNC110 - Redis has no event for it
            await asyncio.sleep(0.01)


async def abandon(client: Redis) -> None:
    """Leave what was delivered with a consumer that died longer ago than any lease."""
    pending: Any = await client.xpending_range(CHATS.name, CHATS.group, "-", "+", 100)
    ids = [entry["message_id"] for entry in pending]
    await client.xclaim(CHATS.name, CHATS.group, "dead", 0, ids, idle=3_600_000)


async def publish(broker: RedisBroker, chats: Sequence[int]) -> Redis:
    await Publisher(broker, bound=10_000).publish(CHATS, [ChatChanged(chat_id=chat) for chat in chats])
    return await connect(broker)


async def test_what_was_published_before_the_first_start_is_handled_once(
    broker: RedisBroker, database: Database
) -> None:
    client = await publish(broker, range(500))
    seen = Seen()
    async with running(broker, database, seen):
        await until_done(client)
    assert sorted(seen.chats) == list(range(500))
    assert max(seen.batches) == 100


async def test_one_bad_entry_does_not_hold_up_the_others_and_can_be_sent_again(
    broker: RedisBroker, database: Database
) -> None:
    client = await publish(broker, [1, 2, 3])
    seen = Seen(fail_on=[2], times=4)
    async with running(broker, database, seen):
        await until_done(client)
        async with database.reading() as session:
            (letter,) = await list_dead_letters(session, 10)
        assert (sorted(seen.chats), letter.error) == ([1, 3], "ValueError: no such luck")
        async with database.transaction() as session:
            assert await resend(session, client, [letter.id]) == 1
        await until_done(client)
    assert sorted(seen.chats) == [1, 2, 3]
    async with database.reading() as session:
        assert await list_dead_letters(session, 10) == []


@pytest.mark.parametrize(
    "fields",
    [
        {b"foreign": b"1"},
        {DATA: b"not json"},
        {DATA: b'{"chat_id": "x"}'},
        {DATA: b'{"chat_id": 1, "unknown": 2}'},
        {DATA: b"\x89BIN\r\n\x1a\n\x00"},
    ],
)
async def test_a_foreign_entry_becomes_a_dead_letter_and_its_neighbours_are_handled(
    broker: RedisBroker, database: Database, fields: dict[Any, Any]
) -> None:
    client = await publish(broker, [1])
    await client.xadd(CHATS.name, fields)
    await publish(broker, [2])
    seen = Seen()
    async with running(broker, database, seen):
        await until_done(client)
    assert sorted(seen.chats) == [1, 2]
    async with database.reading() as session:
        (letter,) = await list_dead_letters(session, 10)
    assert letter.error.startswith("is not a ChatChanged")


async def test_an_outage_is_waited_out_and_not_counted(broker: RedisBroker, database: Database) -> None:
    client = await publish(broker, [1, 2])
    seen = Seen(fail_on=[1], error=ConnectionRefusedError, times=5)
    async with running(broker, database, seen):
        await until_done(client)
    assert sorted(seen.chats) == [1, 2]
    async with database.reading() as session:
        assert await list_dead_letters(session, 10) == []


async def test_entries_of_a_dead_consumer_are_claimed(broker: RedisBroker, database: Database) -> None:
    client = await publish(broker, range(30))
    await client.xreadgroup(CHATS.group, "dead", {CHATS.name: ">"}, count=30)
    await abandon(client)
    seen = Seen()
    async with running(broker, database, seen):
        await until_done(client)
    assert sorted(seen.chats) == list(range(30))


async def test_an_entry_that_kills_its_consumers_is_given_up(broker: RedisBroker, database: Database) -> None:
    client = await publish(broker, [1])
    await client.xreadgroup(CHATS.group, "dead", {CHATS.name: ">"}, count=1)
    for _ in range(consuming.MAX_DELIVERIES):
        await abandon(client)
    seen = Seen()
    async with running(broker, database, seen):
        await until_done(client)
    assert seen.chats == []
    async with database.reading() as session:
        (letter,) = await list_dead_letters(session, 10)
    assert "delivered more than" in letter.error


async def test_a_slow_handler_keeps_its_lease(
    broker: RedisBroker, database: Database, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consuming, "LEASE_SECONDS", 3.0)
    client = await publish(broker, [1])
    release = asyncio.Event()
    runs: list[str] = []

    async def slow(messages: Sequence[ChatChanged]) -> None:
        runs.append("slow")
        await release.wait()

    async def other(messages: Sequence[ChatChanged]) -> None:
        runs.append("other")

    Consumer(broker, database, CHATS, ChatChanged, slow, name="slow", batch_size=10)
    await broker.start()
    async with asyncio.timeout(100):
        while not runs:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    second = make_broker(redis_url)
    Consumer(second, database, CHATS, ChatChanged, other, name="other", batch_size=10)
    await second.start()
    # Four renewals take longer than a lease; a claimer that looks every 20 ms would have taken it by then.
    renewals, idle = 0, 0
    async with asyncio.timeout(100):
        while renewals < 4 and runs == ["slow"]:
            (pending,) = await client.xpending_range(CHATS.name, CHATS.group, "-", "+", 1)
            former, idle = idle, int(pending["time_since_delivered"])
            renewals += idle < former
            await asyncio.sleep(0.01)
    release.set()
    await until_done(client)
    await second.stop()
    assert runs == ["slow"]


async def test_publishing_waits_for_room_and_drops_nothing(broker: RedisBroker, database: Database) -> None:
    publisher = Publisher(broker, bound=100)
    client = await connect(broker)
    publishing = asyncio.create_task(publisher.publish(CHATS, [ChatChanged(chat_id=n) for n in range(1_000)]))
    async with asyncio.timeout(100):
        while (await depth(client, CHATS)).length < 100:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert not publishing.done()
    seen = Seen()
    async with running(broker, database, seen):
        await publishing
        await until_done(client)
    assert sorted(seen.chats) == list(range(1_000))


async def test_an_absent_redis_is_said_in_one_sentence() -> None:
    broker = make_broker("redis://127.0.0.1:1")
    with pytest.raises(Unavailable, match="OTKLIK_REDIS_URL"):
        await connect(broker)
    with pytest.raises(Unavailable, match="run the command again"):
        await Publisher(broker, bound=10, patience=0.2).publish(CHATS, [UnitsChanged(chat_id=1)])
    await broker.stop()
    with pytest.raises(SettingsError, match="redis://"):
        make_broker("http://x")
