"""Much at once, and a server whose clock is not ours: everything arrives, and once."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from core.contracts.messages import MessageObserved
from core.contracts.streams import BATCH, FAST
from core.db.session import Database
from core.streams.broker import consumer_name, prepare_groups
from core.streams.consumer import Consumer
from core.streams.entry import read_entry
from core.streams.publisher import Publisher
from ingestion.consumers import FAST_BATCH, STORE_BATCH
from ingestion.storing import Storing
from tests.conftest import FULL_SOAK
from tests.fakes.mtproto import MTProtoServer, Person, Post, World
from tests.fakes.mtproto.model import Place
from tests.ingestion.road import PSEUDONYMS, Road, road
from tests.ingestion.telegram.listening import Ear, listening, settings_for, until

Key = tuple[int, int]
"""Stored chat and message."""

BURST = 10_000 if FULL_SOAK else 3_000
SECONDS = 300.0
"""A bound, not a measure: from the first push until the streams hold the last message, and until it is a committed row."""


@pytest.mark.timeout(480)
async def test_thousands_of_messages_in_a_burst_arrive_exactly_once(
    server: MTProtoServer, database: Database, redis_url: str, tmp_path: Path, quick: None
) -> None:
    world = server.world
    alice = world.add_user("Alice")
    places: list[Place] = [alice, world.add_group("Team", [alice])]
    places += [world.add_supergroup(f"Support {number}", [alice]) for number in range(3)]
    old = {(_stored_id(world, place), world.post(place, alice, "ok").id) for place in places}
    async with road(database, redis_url) as made:
        made.publisher = Publisher(made.broker, bound=3 * BURST)  # nobody reads the streams meanwhile
        ear = Ear(server, made, settings_for(server, tmp_path))
        await ear.start()
        try:
            await until(lambda: _published(made, old))
            began = time.monotonic()
            new = await asyncio.to_thread(_burst, world, places, alice)
            await until(lambda: _published(made, new), SECONDS)
            to_streams = time.monotonic() - began
            await asyncio.sleep(0.5)  # a second copy would come now
        finally:
            await ear.stop()
        copies = await _copies(made)
        assert copies.keys() == old | new
        assert [key for key in copies if copies[key] != 1] == []

        began = time.monotonic()
        await _store(made)
        await ear.until_agrees(*places, seconds=SECONDS)
        to_rows = time.monotonic() - began
    print(f"{BURST:,} messages: {to_streams:.1f} s to the streams, {to_rows:.1f} s to rows")  # noqa: T201 - with -s


def _burst(world: World, places: Sequence[Place], sender: Person) -> set[Key]:
    stored = [_stored_id(world, place) for place in places]
    return {
        (stored[number % len(places)], world.post(places[number % len(places)], sender, f"ok {number}").id)
        for number in range(BURST)
    }


def _stored_id(world: World, place: Place) -> int:
    marked = world.room(place).marked_id
    return PSEUDONYMS.private_chat(marked) if marked > 0 else marked


async def _published(made: Road, wanted: set[Key]) -> bool:
    length = sum([int(await made.redis.xlen(stream.name)) for stream in (FAST, BATCH)])
    return length >= len(wanted) and wanted <= (await _copies(made)).keys()


async def _copies(made: Road) -> Counter[Key]:
    """How often each message is in the streams."""
    found: list[Any] = [entry for stream in (FAST, BATCH) for entry in await made.redis.xrange(stream.name) or ()]
    messages = [MessageObserved.model_validate_json(read_entry(*entry).body) for entry in found]
    return Counter((one.chat.chat_id, one.message_id) for one in messages)


async def _store(made: Road) -> None:
    """The first station only: threading so many small words is not what is tested."""
    await prepare_groups(made.redis, (FAST, BATCH))
    storing, name = Storing(made.database, made.publisher), consumer_name()
    Consumer(made.broker, made.database, FAST, MessageObserved, storing, name=name, batch_size=FAST_BATCH)
    Consumer(made.broker, made.database, BATCH, MessageObserved, storing, name=name, batch_size=STORE_BATCH)
    await made.broker.start()


@pytest.mark.parametrize("hours", [-2, 2])
async def test_a_skewed_server_clock_loses_nothing(
    server: MTProtoServer, database: Database, redis_url: str, tmp_path: Path, quick: None, hours: int
) -> None:
    world = server.world
    world.chronicle.skew = 3_600.0 * hours
    alice = world.add_user("Alice")
    places: list[Place] = [alice, world.add_group("Team", [alice]), world.add_supergroup("Support", [alice])]
    first = {place: [world.post(place, alice, f"old {number}") for number in range(8)] for place in places}
    async with listening(server, database, redis_url, tmp_path) as ear:
        await ear.until_agrees(*places)
        for place in places:
            world.post(place, alice, "pushed")
            world.edit(first[place][0], "edited")
            world.delete(first[place][1])
        await ear.until_agrees(*places)
        with server.refusing():
            _meanwhile(world, places, first, alice, 2)
        await ear.until_agrees(*places)
        world.chronicle.skew = 0.0  # the clock is set right while we listen
        server.drop_connections()
        _meanwhile(world, places, first, alice, 4)
        await ear.until_agrees(*places)
    world.chronicle.skew = -3_600.0 * hours
    _meanwhile(world, places, first, alice, 6)
    async with listening(server, database, redis_url, tmp_path) as ear:
        await ear.until_agrees(*places)


def _meanwhile(
    world: World, places: Sequence[Place], posts: Mapping[Place, Sequence[Post]], sender: Person, number: int
) -> None:
    for place in places:
        world.edit(posts[place][number], f"edited {number}")
        world.delete(posts[place][number + 1])
        world.post(place, sender, f"while away {number}")
