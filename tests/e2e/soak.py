"""A seeded soak: the roles and their servers are killed again and again while a Telegram goes on living.

The texts hold no personal data, so that what is stored must equal what was said, letter by letter.
"""

import asyncio
import os
import random
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff

from core.contracts.streams import STREAMS
from core.db.session import Database
from core.embedded.servers import Servers
from core.streams.broker import connect, depth, make_broker
from tests.e2e.processes import Otklik, kill
from tests.fakes.mtproto import MTProtoServer, Post
from tests.fakes.mtproto.model import Place
from tests.ingestion.road import PSEUDONYMS, rows, value

QUICK = """
import core.streams.consumer as c; c.LEASE_SECONDS = 1.0
import ingestion.telegram.history as r; r.PAUSE_SECONDS = 0.05
from otklik.cli import run; run()
"""
"""The roles with a shorter lease and shorter pauses between pages: a killed process is missed after a second."""

SETTLE_SECONDS = 600.0
"""Embedding takes most of it: 248 s of a full soak, on two cores with nine at work."""

VICTIMS = ("listen", "store", "valkey", "postmaster", "backend")
"""What is killed, in turns of a random order. Of PostgreSQL the first process, which leaves its backends as orphans; or one
backend at work, after which all others are thrown out and the server recovers."""

TALK = ("как распечатать чек", "откройте меню", "ок, понял", "не работает после обновления", "попробуйте ещё раз")


_LOADING = Retry(ConstantBackoff(0.1), 300)
"""Valkey refuses everything while it reads its file again."""
_BACKEND = """SELECT pid FROM pg_stat_activity
    WHERE application_name = 'otklik' AND pid <> pg_backend_pid() ORDER BY query_start DESC NULLS LAST LIMIT 1"""


@dataclass
class Figures:
    """What the soak did."""

    messages: int = 0
    edits: int = 0
    deletes: int = 0
    kills: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    settled_after: float = 0.0
    wrong: list[str] = field(default_factory=list)


class Soak:
    """One run."""

    def __init__(
        self, server: MTProtoServer, otklik: Otklik, servers: Servers, database: Database, *, messages: int, kills: int,
        seed: int = 20_261_123,
    ) -> None:  # fmt: skip
        self._server, self._world = server, server.world
        self._otklik, self._servers, self._database = otklik, servers, database
        self._count, self._kills = messages, kills
        self._rng = random.Random(seed)
        self._roles: dict[str, asyncio.subprocess.Process] = {}
        self._alive: list[Post] = []
        self._places: list[Place] = []
        self.figures = Figures()

    async def run(self) -> Figures:
        """Live, be killed, settle, compare."""
        began = time.monotonic()
        self._people()
        for role in ("store", "listen"):
            await self._start(role)
        await self._live()
        lived = time.monotonic()
        await self._settle()
        self.figures.settled_after = round(time.monotonic() - lived, 1)
        for process in self._roles.values():
            process.send_signal(signal.SIGTERM)
        await asyncio.gather(*(process.wait() for process in self._roles.values()))
        self.figures.wrong = await self._wrong()
        self.figures.seconds = round(time.monotonic() - began, 1)
        return self.figures

    def _people(self) -> None:
        world = self._world
        self._who = [world.add_user(name) for name in ("Квиз", "Бром", "Слон")]
        supergroups = [world.add_supergroup(f"Касса {number}", self._who) for number in range(3)]
        self._places = [*supergroups, world.add_group("Отдел", self._who), self._who[0]]

    async def _start(self, role: str) -> None:
        self._roles[role] = await self._otklik.start(role, program=QUICK)

    async def _live(self) -> None:
        deaths = self._deaths()
        for number in range(self._count):
            self._happen(number)
            if number in deaths:
                await self._kill(deaths[number])
            if number % 10 == 0:
                await asyncio.sleep(self._rng.choice((0.0, 0.02, 0.1)))
                await self._revive()

    def _deaths(self) -> dict[int, str]:
        """After which message what is killed: everything once before anything twice."""
        rounds = -(-self._kills // len(VICTIMS))
        victims = [victim for _ in range(rounds) for victim in self._rng.sample(VICTIMS, len(VICTIMS))]
        moments = self._rng.sample(range(self._count // 20, self._count), self._kills)
        return dict(zip(sorted(moments), victims, strict=False))

    async def _revive(self) -> None:
        """What a supervisor does: a role that could not start without its servers is started again."""
        for role, process in list(self._roles.items()):
            if process.returncode is not None:
                await self._start(role)

    def _happen(self, number: int) -> None:
        world, rng = self._world, self._rng
        place = rng.choice(self._places)
        sender = (
            world.me if rng.random() < 0.1 else rng.choice(self._who) if place is not self._who[0] else self._who[0]
        )
        near = [post for post in self._alive[-20:] if post.room is world.room(place)]
        reply = rng.choice(near) if near and rng.random() < 0.3 else None
        self._alive.append(world.post(place, sender, f"{rng.choice(TALK)} {number}", reply_to=reply))
        self.figures.messages += 1
        if rng.random() < 0.2:
            world.edit(rng.choice(self._alive), f"правка {number} {rng.choice(TALK)}")
            self.figures.edits += 1
        if rng.random() < 0.1:
            world.delete(self._alive.pop(rng.randrange(len(self._alive))))
            self.figures.deletes += 1

    async def _kill(self, what: str) -> None:
        self.figures.kills[what] = self.figures.kills.get(what, 0) + 1
        if what in self._roles:
            await kill(self._roles[what])
            await asyncio.sleep(self._rng.choice((0.0, 0.3)))
            await self._start(what)
            return
        os.kill(await self._server_pid(what), signal.SIGKILL)
        await asyncio.sleep(self._rng.choice((0.05, 0.5)))
        await self._servers.ensure_running()

    async def _server_pid(self, what: str) -> int:
        if what == "valkey":
            async with redis.asyncio.Redis.from_url(self._servers.redis_url, retry=_LOADING) as client:
                return int((await client.info("server"))["process_id"])
        if what == "postmaster":
            return int((self._servers.home.postgres / "postmaster.pid").read_text().splitlines()[0])
        while not (found := await rows(self._database, _BACKEND)):
            await self._revive()
            await asyncio.sleep(0.1)
        return int(found[0]["pid"])

    async def _settle(self) -> None:
        """Until all is as it should be and nothing is left to do, or too long."""
        end = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < end:
            await self._revive()
            if not await self._wrong() and await self._idle():
                return
            await asyncio.sleep(0.5)

    async def _idle(self) -> bool:
        broker = make_broker(self._servers.redis_url)
        try:
            client = await connect(broker)
            return not any([(await depth(client, stream)).length for stream in STREAMS])
        finally:
            await broker.stop()

    async def _wrong(self) -> list[str]:
        """Every difference between the world and PostgreSQL."""
        wrong = []
        for place in self._places:
            marked = self._world.room(place).marked_id
            chat_id = PSEUDONYMS.private_chat(marked) if marked > 0 else marked
            query = "SELECT message_id, text FROM messages WHERE chat_id = :chat_id"
            held = {row["message_id"]: row["text"] for row in await rows(self._database, query, chat_id=chat_id)}
            wanted = self._world.texts(place)
            wrong += [f"lost {marked}/{number}" for number in wanted.keys() - held.keys()]
            wrong += [f"not deleted {marked}/{number}" for number in held.keys() - wanted.keys()]
            wrong += [f"stale {marked}/{n}" for n in held.keys() & wanted.keys() if held[n] != wanted[n]]
        dead = await value(self._database, "SELECT count(*) FROM dead_letters")
        unplaced = await value(self._database, "SELECT count(*) FROM messages WHERE NOT threaded")
        unembedded = await value(self._database, "SELECT count(*) FROM data_units WHERE embedding IS NULL")
        ghosts = await value(
            self._database,
            """SELECT count(*) FROM data_units u, jsonb_array_elements(u.metadata_->'message_ids') AS part(number)
            WHERE NOT EXISTS (
                SELECT FROM messages m WHERE m.chat_id = u.chat_id AND m.message_id = part.number::bigint)""",
        )
        counts = {"dead letters": dead, "unplaced": unplaced, "unembedded": unembedded, "deleted in units": ghosts}
        return wrong + [f"{count} {name}" for name, count in counts.items() if count]


def settings_for(server: MTProtoServer, home: Path, database_url: str, redis_url: str) -> dict[str, str]:
    """The environment of the roles."""
    return {
        "OTKLIK_HOME": str(home),
        "OTKLIK_DATABASE_URL": database_url,
        "OTKLIK_REDIS_URL": redis_url,
        "OTKLIK_PSEUDONYM_KEY": bytes(range(32)).hex(),
        "OTKLIK_TELEGRAM_API_ID": "1",
        "OTKLIK_TELEGRAM_API_HASH": "0" * 32,
        "OTKLIK_TELEGRAM_SESSION": server.session_string(),
        "OTKLIK_LISTEN_PORT": "0",
    }
