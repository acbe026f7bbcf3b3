"""The connection to Redis: FastStream's broker, the groups, and how deep the streams are."""

import logging
import os
import socket
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from faststream.redis import RedisBroker
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError, RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError
from tenacity import wait_exponential_jitter

from core.contracts.streams import Stream
from core.errors import SettingsError, Unavailable

AWAY = (RedisConnectionError, RedisTimeoutError, OutOfMemoryError)
"""What redis-py raises while Redis is down, loading its file, out of reach, or out of memory: all pass by themselves."""

PAUSES = wait_exponential_jitter(multiplier=0.1, max=5, jitter=0.1)
"""Between two tries while a store is away: 0.1 s, doubling up to 5 s."""

GRACE_SECONDS = 4.0
"""How long a stopping role lets a handler finish. What is cut off stays pending and is claimed later."""

PAGE = 500
"""Entries looked through at once."""

FORGET_CONSUMER_AFTER_MS = 3_600_000
"""Names of dead consumers stay in the group for ever unless they are deleted."""


def make_broker(url: str) -> RedisBroker:
    """A broker for one process. It connects at its first use or start.

    Raises:
        SettingsError: the URL is not one of Redis.
    """
    if not url.startswith(("redis://", "rediss://", "unix://")):
        raise SettingsError("OTKLIK_REDIS_URL must begin with redis://, rediss:// or unix://.")
    return RedisBroker(
        url,
        apply_types=False,  # entries are validated one by one in `core.streams.consumer`
        graceful_timeout=GRACE_SECONDS,
        logger=logging.getLogger("otklik.streams"),
        log_level=logging.DEBUG,
        socket_connect_timeout=5,
        # redis-py's own default goes through `asyncio.wait_for`, which swallows a cancellation on Python 3.11 (seen on XLEN).
        socket_timeout=None,
        health_check_interval=30,
    )


async def connect(broker: RedisBroker) -> Redis:
    """The broker's own client, connected.

    Raises:
        Unavailable: Redis does not answer.
    """
    client: Redis = await broker.connect()
    try:
        await client.ping()
    except AWAY as error:
        raise Unavailable("Redis does not answer; check that it runs and that OTKLIK_REDIS_URL is right.") from error
    except RedisError as error:
        raise Unavailable(
            f"Redis refuses to work with Otklik ({error}); check the password in OTKLIK_REDIS_URL."
        ) from error
    return client


def consumer_name() -> str:
    """A name that no other process, nor this one after a restart, has: what a dead one held is claimed, not shared."""
    return f"{socket.gethostname()}-{os.getpid()}-{time.time_ns():x}"


async def prepare_groups(client: Redis, streams: Sequence[Stream]) -> None:
    """Make every group, from the stream's beginning, and forget consumers that are long gone.

    FastStream by itself creates a group at `$` and would lose what was published before its first start (measured).
    """
    for stream in streams:
        try:
            await client.xgroup_create(stream.name, stream.group, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise
        for consumer in await client.xinfo_consumers(stream.name, stream.group):
            if consumer["pending"] == 0 and consumer["idle"] > FORGET_CONSUMER_AFTER_MS:
                await client.xgroup_delconsumer(stream.name, stream.group, consumer["name"])


@dataclass(frozen=True, slots=True)
class Depth:
    """How much is still to be done in one stream."""

    length: int
    """Entries in the stream: read or not, none is acknowledged."""
    pending: int
    """Read by a consumer and not acknowledged yet."""
    lag: int
    """Not read by anybody yet."""


async def depth(client: Redis, stream: Stream) -> Depth:
    """The depth of one stream. A stream that was never used is empty."""
    length = int(await client.xlen(stream.name))
    try:
        summary: dict[str, Any] = await client.xpending(stream.name, stream.group)
    except ResponseError as error:
        if "NOGROUP" not in str(error):
            raise
        return Depth(length, 0, length)
    pending = int(summary["pending"])
    return Depth(length, pending, max(0, length - pending))


async def purge(client: Redis, stream: Stream, marks: Sequence[bytes]) -> int:
    """Delete every entry whose body has one of the marks, read or not; returns how many. For erasing a person."""
    deleted = 0
    async for entries in pages(client, stream):
        marked: list[int | bytes | str | memoryview[int]] = [
            name for name, fields in entries if any(mark in value for value in fields.values() for mark in marks)
        ]
        if marked:
            async with client.pipeline(transaction=True) as pipeline:
                pipeline.xack(stream.name, stream.group, *marked)
                pipeline.xdel(stream.name, *marked)
                await pipeline.execute()
            deleted += len(marked)
    return deleted


async def pages(client: Redis, stream: Stream) -> AsyncIterator[list[tuple[bytes, dict[bytes, bytes]]]]:
    """Every entry that is not acknowledged, read or not: ids and fields, the oldest first, a page at a time."""
    start = "-"
    while entries := _pairs(await client.xrange(stream.name, min=start, count=PAGE)):
        yield entries
        start = f"({entries[-1][0].decode()}"


def _pairs(entries: Any) -> list[tuple[bytes, dict[bytes, bytes]]]:
    """Entries as this client gives them: redis-py's types leave open whether it decodes."""
    return list(entries)


async def compact(client: Redis) -> bool:
    """Have Redis write its append-only file anew, without what was deleted. False where the server does not allow it."""
    try:
        await client.bgrewriteaof()
    except ResponseError:
        return False
    return True


async def server_run(client: Redis) -> str:
    """Which run of the server this is: another one after each restart. With `appendfsync everysec` a server that was
    killed may have lost what it took in its last seconds."""
    return str((await client.info("server"))["run_id"])
