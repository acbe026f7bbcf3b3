"""A bot as a process of its own, in a Telegram full of people, which knows the history of the sample chats."""

import asyncio
import json
import os
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import redis
from sqlalchemy import text

from core.db.session import Database
from core.embedded.servers import Servers
from tests.e2e.bot.samples import KEY, STAFF, account
from tests.e2e.processes import Otklik, kill, stop, until
from tests.fakes.botapi import BotApiServer, Chat, Message, Person
from tests.ingestion.road import SAMPLES

PLACEHOLDER: Final = "⏳"
TEMPLATE: Final = "samples"

QUICK: Final = """
from datetime import timedelta
import assistant.bot.messenger as messenger; messenger.PATIENCE_SECONDS = 3
import assistant.messages as messages; messages.LEASE_SECONDS = 8
import assistant.questions.queue as queue; queue.LEASE = timedelta(seconds=6)
import assistant.bot.pace as pace; pace.PRIVATE = pace.GROUP = pace.EVERYWHERE = pace.Rate(seconds=0.0, burst=1_000)
import assistant.bot.streaming as streaming; streaming.DRAFT_SECONDS = 0.0
from otklik.cli import run; run()
"""
"""`python -m otklik` with shorter leases, which a killed process leaves behind, and in no hurry to spare Telegram: each
finished sentence of an answer is shown, however fast it comes."""

STAFF_IDS: Final = (642905137, 1390277541, 1873402215, 5120394476, 7044128830)
RULES: Final = f"""
[staff]
ids = {list(STAFF_IDS)}
[masking]
keep = ["Полка", "Polka"]
[report]
weekday = "{{report}}"
hour = 0
[access]
staff_chat = {STAFF}
"""


PATIENCE: Final = 600.0
"""Seconds, and a bound on failure only."""

_UNFINISHED = text("""
    SELECT (SELECT count(*) FROM questions WHERE state IN ('waiting', 'answering'))
        + (SELECT count(*) FROM bot_messages WHERE shown < wanted AND failed IS NULL)
""")


class Town:
    """The people, their Telegram and the bot among them."""

    def __init__(self, server: BotApiServer, otklik: Otklik, database: Database, rules: Path) -> None:
        self.server, self.world = server, server.world
        self.otklik = otklik
        self.database = database
        self._rules = rules
        self.bot: asyncio.subprocess.Process | None = None

    def rules(self, bot: str = "", access: str = "", report: str = "off") -> None:
        """What `[bot]` and `[access]` say beside what is always so, and on which weekday a report is due; a running bot
        follows."""
        fresh = self._rules.with_suffix(".new")
        fresh.write_text(f"{RULES.format(report=report)}{access}\n[bot]\n{bot}\n", encoding="utf-8")
        fresh.replace(self._rules)

    async def start(self) -> None:
        """Start the bot; returns when it has told Telegram who it is, which is before it does anything else."""
        introduced = self.server.calls()["getMe"]
        self.bot = await self.otklik.start("bot", program=QUICK)
        await self.server.until(lambda: self._runs() and self.server.calls()["getMe"] > introduced)

    async def kill(self) -> None:
        """SIGKILL."""
        assert self.bot is not None
        await kill(self.bot)

    def _runs(self) -> bool:
        assert self.bot is not None
        assert self.bot.returncode is None, self.otklik.logs[-1].read_text()[-3_000:]
        return True

    async def answered(self, person: Person, asked: Message, but: str = PLACEHOLDER) -> Message:
        """The first whole message of the bot after this one, other than `but`."""
        return await self.server.until(lambda: self.after(person, asked, but))

    def after(self, person: Person, asked: Message, but: str = PLACEHOLDER) -> Message:
        """The same, if it is there. Raises where it is not."""
        return next(
            message
            for message in person.sees(asked.chat, asked.topic)
            if message.id > asked.id and message.sender is self.world.bot and message.text not in (PLACEHOLDER, but)
        )

    async def asks(self, person: Person, words: str, chat: Chat | None = None) -> Message:
        """Ask, in private or in a group, and wait for the answer."""
        return await self.answered(person, person.says(chat or person.private, words))

    async def shown(self) -> None:
        """Wait until Telegram shows everything that the bot has to say."""
        async with asyncio.timeout(PATIENCE):
            await until(self._all_shown)

    async def _all_shown(self) -> bool:
        async with self.database.reading() as session:
            return bool(await session.scalar(_UNFINISHED) == 0)

    def said(self, chat: Chat) -> list[Message]:
        """What the bot says in a chat, placeholders left out."""
        with self.world.lock:
            return [one for one in chat.messages if one.sender is self.world.bot and one.text != PLACEHOLDER]


@asynccontextmanager
async def town(servers: Servers, settings: Mapping[str, str] | None = None) -> AsyncIterator[Town]:
    """A town whose bot is not started yet; one that runs at the end is stopped, and must have had no bug."""
    with tempfile.TemporaryDirectory(prefix="otklik-bot-") as name:
        folder, database_name = Path(name), f"town_{os.urandom(4).hex()}"
        url = servers.database_url.replace("/otklik?", f"/{database_name}?")
        _empty(servers)
        await _ruled(servers, f"CREATE DATABASE {database_name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
        database = Database(url)
        with BotApiServer() as server:
            environment = {
                **_environment(folder, url, servers.redis_url),
                "OTKLIK_BOT_TOKEN": server.token,
                "OTKLIK_BOT_API_URL": server.url,
                **(settings or {}),
            }
            made = Town(server, Otklik(folder, environment), database, folder / "otklik.toml")
            made.rules()
            try:
                yield made
            finally:
                if made.bot is not None:
                    await stop(made.bot)
        await database.close()
        await _ruled(servers, f"DROP DATABASE {database_name} WITH (FORCE)")
        logs = "".join(log.read_text() for log in made.otklik.logs)
        assert "Traceback" not in logs, logs[logs.index("Traceback") - 500 :][:3_000]


async def imported(servers: Servers) -> None:
    """Import the samples, by the command, into a database that each town is a clone of."""
    _empty(servers)
    await _ruled(servers, f"CREATE DATABASE {TEMPLATE} TEMPLATE otklik STRATEGY FILE_COPY")
    url = servers.database_url.replace("/otklik?", f"/{TEMPLATE}?")
    with tempfile.TemporaryDirectory(prefix="otklik-bot-") as name:
        folder = Path(name)
        environment = {**_environment(folder, url, servers.redis_url), "OTKLIK_CONFIG": str(SAMPLES / "otklik.toml")}
        report = await Otklik(folder, environment).run(
            "import", str(account(folder / "result.json")), "--json", impatient=False
        )
    assert report["chats"] == 3, json.dumps(report)
    assert report["units"] > 100


def _environment(folder: Path, database_url: str, redis_url: str) -> dict[str, str]:
    return {
        "OTKLIK_HOME": str(folder / "h"),
        "OTKLIK_CONFIG": str(folder / "otklik.toml"),
        "OTKLIK_DATABASE_URL": database_url,
        "OTKLIK_REDIS_URL": redis_url,
        "OTKLIK_PSEUDONYM_KEY": KEY,
        "OTKLIK_BOT_PORT": "0",
    }


def _empty(servers: Servers) -> None:
    """Without what other tests left in the streams."""
    with redis.Redis.from_url(servers.redis_url) as client:
        client.flushall()


async def _ruled(servers: Servers, statement: str) -> None:
    """Run what cannot be run in a transaction."""
    admin = Database(servers.database_url.replace("/otklik?", "/postgres?"))
    async with admin.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text(statement))
    await admin.close()
