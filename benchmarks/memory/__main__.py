"""`python -m benchmarks.memory [--json OUT]`: the most memory that each role and the heaviest commands take at work.

Each runs as a process of its own, unchanged, on throw-away servers: the samples are imported, stored, read by a loopback
Claude, heard from a fake Telegram, asked about and reported on in another one. What is told is the peak of the resident
set, as the process itself has it from the kernel at its end. `compose.yaml`'s limits are made of it.
"""

import argparse
import asyncio
import json
import re
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from assistant.reports import WEEKDAYS
from benchmarks.analysis.replies import writes
from benchmarks.road.measuring import Progress
from benchmarks.road.scene import SAMPLES, copies, observed_samples
from benchmarks.road.stage import Stage, stage
from core.contracts.streams import FAST, STORED, message_stream
from core.streams.broker import connect, make_broker
from core.streams.publisher import Publisher
from tests.e2e.bot.samples import KEY, STAFF, account
from tests.e2e.processes import Otklik, stop, until
from tests.e2e.soak import settings_for
from tests.fakes.anthropic_server import AnthropicServer
from tests.fakes.botapi import BotApiServer
from tests.fakes.mtproto import MTProtoServer

MESSAGES = 10_000
"""Through the store role, beside the samples."""
HEARD = 5_000
"""Of history, and as many again pushed, through the listen role."""
PEOPLE = 100
QUESTIONS = (
    "как сделать возврат?",
    "не печатает чек",
    "E-305 висит",
    "how do I change the VAT?",
    "где отчёт по часам?",
)

TELLING = """
import atexit, resource, sys
atexit.register(lambda: print("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr))
from otklik.cli import run
run()
"""
"""`python -m otklik` that tells at its end how much memory it had at most."""
FIRST_ID = 100_000
ZONE = ZoneInfo("Europe/Moscow")
RULES = f"""
[staff]
ids = {[642905137, 1390277541, 1873402215, 5120394476, 7044128830, *range(FIRST_ID, FIRST_ID + PEOPLE)]}
[masking]
keep = ["Полка", "Polka"]
[listen]
backfill = 10000
[access]
staff_chat = {STAFF}
[report]
weekday = "{WEEKDAYS[datetime.now(ZONE).weekday()]}"
hour = 0
[bot]
per_minute = 1000
[batch]
minutes = 1
history_days = 3650
[budget]
day = 1000
month = 1000
"""
_LATELY = """
    UPDATE chat_hours SET hour = date_trunc('hour', now()) - interval '1 day' WHERE hour = (SELECT max(hour) FROM chat_hours)
"""
"""The samples are older than a week; of a week in which somebody wrote a report has a chart."""
_WINDOWS = "SELECT count(*) FROM analysis_windows WHERE state <> 'done'"
_UNWINDOWED = "SELECT count(*) FROM messages WHERE window_id IS NULL"


class Measuring:
    """Starts commands and roles on one stage, and hears what they tell."""

    def __init__(self, found: Stage, folder: Path) -> None:
        self.found = found
        (folder / "otklik.toml").write_text(RULES, encoding="utf-8")
        self._folder = folder
        self._settings = {
            "OTKLIK_HOME": str(folder / "h"),
            "OTKLIK_CONFIG": str(folder / "otklik.toml"),
            "OTKLIK_DATABASE_URL": found.database_url,
            "OTKLIK_REDIS_URL": found.redis_url,
            "OTKLIK_PSEUDONYM_KEY": KEY,
            "OTKLIK_BOT_PORT": "0",
        }
        self.megabytes: dict[str, float] = {}

    async def command(self, *arguments: str, **settings: str) -> None:
        """Run a command to its end."""
        otklik = self._otklik(settings)
        process = await otklik.start(*arguments, program=TELLING)
        status = await process.wait()
        self._note(arguments[0], otklik, status)

    @asynccontextmanager
    async def role(self, name: str, settings: Mapping[str, str] | None = None) -> AsyncIterator[None]:
        """A role that runs while the block does."""
        otklik = self._otklik(settings or {})
        process = await otklik.start(name, program=TELLING)
        yield
        self._note(name, otklik, await stop(process))

    async def until(self, query: str, wanted: int = 0) -> None:
        """Wait for a count."""

        async def reached() -> bool:
            async with self.found.database.reading() as session:
                return bool(await session.scalar(text(query)) == wanted)

        await until(reached)

    def _otklik(self, settings: Mapping[str, str]) -> Otklik:
        return Otklik(Path(tempfile.mkdtemp(dir=self._folder)), {**self._settings, **settings})

    def _note(self, name: str, otklik: Otklik, status: int) -> None:
        log = otklik.logs[-1].read_text()
        told = re.search(r"^peak (\d+)$", log, re.MULTILINE)
        assert status == 0, log[-3_000:]
        assert told is not None, log[-3_000:]
        self.megabytes[name] = max(self.megabytes.get(name, 0), int(told[1]) / 1024)


async def _store(work: Measuring) -> None:
    broker = make_broker(work.found.redis_url)
    redis = await connect(broker)
    publisher = Publisher(broker, bound=MESSAGES + 1_000)
    async with work.role("store"):
        await until(lambda: _has_groups(redis))
        for message in copies(observed_samples(), MESSAGES):
            await publisher.publish(message_stream(message.lane), [message])
        await work.until("SELECT count(*) FROM messages WHERE threaded", MESSAGES)
        await work.until("SELECT count(*) FROM data_units WHERE embedding IS NULL")
    await broker.stop()
    await work.found.clear()


async def _has_groups(redis: Any) -> bool:
    return bool(await redis.exists(FAST.name))


async def _import_and_ask(work: Measuring, folder: Path) -> None:
    await work.command("import", str(account(folder / "result.json")), "--json")
    await work.command("ask", "как сделать возврат?", "--json")


async def _analyze(work: Measuring) -> None:
    async with AnthropicServer(otherwise=writes) as server:
        key = {"ANTHROPIC_API_KEY": "key", "ANTHROPIC_BASE_URL": server.url}
        async with work.role("analyze", key):
            await work.until(_UNWINDOWED)
            await work.until(_WINDOWS)


async def _bot(work: Measuring) -> None:
    async with work.found.database.transaction() as session:
        await session.execute(text(_LATELY))
    with BotApiServer() as telegram:
        ids = range(FIRST_ID, FIRST_ID + PEOPLE)
        people = [telegram.world.add_person(f"Person {number}", user_id=number, language="ru") for number in ids]
        for person in people:
            person.started = True
        staff_chat = telegram.world.add_supergroup("Поддержка", [telegram.world.add_person("Ольга")], chat_id=STAFF)
        async with work.role("bot", {"OTKLIK_BOT_TOKEN": telegram.token, "OTKLIK_BOT_API_URL": telegram.url}):
            await telegram.until(lambda: telegram.calls()["getUpdates"])
            for number, person in enumerate(people):
                person.says(person.private, QUESTIONS[number % len(QUESTIONS)])
            await work.until("SELECT count(*) FROM questions WHERE state IN ('answered', 'refused')", PEOPLE)
            await telegram.until(lambda: any(message.document for message in staff_chat.messages))


async def _listen(work: Measuring) -> None:
    texts = [message.text for chat in observed_samples() for message in chat]
    with MTProtoServer() as telegram:
        room, author = telegram.world.add_supergroup("Касса"), telegram.world.add_user("Анна")
        said = (telegram.world.post(room, author, texts[number % len(texts)] or "ок") for number in range(10**9))
        for _ in range(HEARD):
            next(said)
        settings = settings_for(telegram, Path(tempfile.mkdtemp()), work.found.database_url, work.found.redis_url)
        broker = make_broker(work.found.redis_url)
        redis = await connect(broker)
        async with work.role("listen", {name: settings[name] for name in settings if "TELEGRAM" in name}):
            await until(lambda: _queued(redis, HEARD))
            for _ in range(HEARD):
                next(said)
            await until(lambda: _queued(redis, 2 * HEARD))
        await broker.stop()


async def _queued(redis: Any, wanted: int) -> bool:
    return int(sum([await redis.xlen(stream.name) for stream in STORED])) >= wanted


async def measure(progress: Progress) -> Mapping[str, float]:
    """Megabytes at most, by role and command."""
    with tempfile.TemporaryDirectory(prefix="otklik-mem-") as name:
        folder = Path(name)
        async with stage() as found:
            work = Measuring(found, folder)
            progress.step("store")
            await _store(work)
            progress.step("import, ask")
            await _import_and_ask(work, folder)
            progress.step("analyze")
            await _analyze(work)
            progress.step("bot")
            await _bot(work)
            progress.step("listen")
            await _listen(work)
    return work.megabytes


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("--json", type=Path, help="write every figure there")
    options = parser.parse_args()
    found = asyncio.run(measure(Progress()))
    for name, megabytes in found.items():
        print(f"{name:8} {megabytes:5.0f} MB")
    if options.json:
        options.json.write_text(json.dumps({"peak_mb": found, "samples": str(SAMPLES.name)}), encoding="utf-8")


if __name__ == "__main__":
    main()
