"""`python -m benchmarks.bot [--people N]`: what the bot itself costs, and whether a crowd is answered once each."""

import argparse
import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from sqlalchemy import select

from assistant.bot.messenger import PLACEHOLDER
from benchmarks.road.measuring import Latency, Progress
from benchmarks.road.stage import stage
from core.db.models import Answer
from core.db.session import Database
from core.streams.broker import make_broker
from tests.assistant.bot.running import ASKED, Otklik, remember
from tests.fakes.botapi import BotApiServer, Person

ALONE = 40
"""Questions asked one after the other, for the overhead."""
FIRST_ID = 100_000
RULES = """per_minute = 1000
per_day = 100000
queue = 100000
[access]
strangers = true
[staff]
ids = [{ids}]
"""
"""No pause for bursts, and no limits: it is the bot that is measured."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured; the crowd in seconds."""

    overhead: Latency
    people: int
    answered: int
    doubled: int
    seconds: float
    bare_seconds: float


async def measure(people: int, progress: Progress) -> Figures:
    """On throw-away servers and a Telegram on the loopback."""
    progress.step("starting PostgreSQL, Valkey and a Bot API")
    with tempfile.TemporaryDirectory(prefix="otklik-bot-") as folder, BotApiServer() as telegram:
        async with stage() as place:
            await remember(place.database)
            broker = make_broker(place.redis_url)
            try:
                return await _measured(Otklik(telegram, place.database, broker, Path(folder)), people, progress)
            finally:
                await broker.stop()


async def _measured(otklik: Otklik, people: int, progress: Progress) -> Figures:
    ids = range(FIRST_ID, FIRST_ID + people)
    crowd = [otklik.world.add_person(f"Person {number}", user_id=number, language="ru") for number in ids]
    for person in crowd:
        person.started = True
    otklik.rules(RULES.format(ids=", ".join(map(str, ids))))
    progress.step("the bare way")
    bare = await _bare(otklik.server, crowd)
    async with otklik.answering():
        progress.step("one after the other")
        overhead = await _alone(otklik, crowd[:ALONE])
        progress.step(f"{people} at once")
        began = time.monotonic()
        asked = [(person, person.says(person.private, ASKED)) for person in crowd]
        await otklik.server.until(lambda: all(_answers(otklik, person, message.id) for person, message in asked))
        seconds = time.monotonic() - began
        answers = [_answers(otklik, person, message.id) for person, message in asked]
    return Figures(overhead, people, sum(map(bool, answers)), sum(count > 1 for count in answers), seconds, bare)


async def _alone(otklik: Otklik, people: list[Person]) -> Latency:
    """From the question to the answer that is shown, less retrieval and writing (model and embedding). Each is another's:
    the bot keeps to Telegram's one message a second in a chat."""
    took = []
    for person in people:
        began = time.monotonic()
        await otklik.answer(person, ASKED)
        took.append(time.monotonic() - began)
    return Latency.of([whole - work for whole, work in zip(took, await _work(otklik.database), strict=True)])


async def _work(database: Database) -> list[float]:
    async with database.reading() as session:
        latencies = await session.scalars(select(Answer.latency_ms).order_by(Answer.asked_at))
        return [one["total"] / 1000 for one in latencies]


def _answers(otklik: Otklik, person: Person, after: int) -> int:
    said = (message for message in person.sees(person.private) if message.id > after)
    return sum(message.sender is otklik.world.bot and message.text != PLACEHOLDER for message in said)


async def _bare(telegram: BotApiServer, crowd: list[Person]) -> float:
    """Only the two requests of each answer, over the same library to the same server, sixteen at a time."""
    async with Bot(telegram.token, AiohttpSession(api=TelegramAPIServer.from_base(telegram.url))) as bot:
        free = asyncio.Semaphore(16)

        async def show(person: Person) -> None:
            async with free:
                sent = await bot.send_message(person.id, PLACEHOLDER)
                await bot.edit_message_text("answer", chat_id=person.id, message_id=sent.message_id)

        began = time.monotonic()
        await asyncio.gather(*map(show, crowd))
        return time.monotonic() - began


def table(figures: Figures) -> str:
    """The figures for a person."""
    return "\n".join(
        [
            f"the bot itself      p50 {figures.overhead.p50:.0f} ms, p95 {figures.overhead.p95:.0f} ms"
            f"  ({figures.overhead.calls} questions; without retrieval and writing)",
            f"{figures.people} people at once  {figures.answered} answered, {figures.doubled} of them twice, in"
            f" {figures.seconds:.1f} s: {figures.answered / figures.seconds:.0f} a second",
            f"                    {figures.seconds / figures.bare_seconds:.1f} times the bare two requests each"
            f" ({figures.bare_seconds:.2f} s), which does not keep to Telegram's 30 requests a second",
        ]
    )


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bot", description=__doc__)
    parser.add_argument("--people", type=int, default=200)
    print(table(asyncio.run(measure(parser.parse_args().people, Progress()))))


if __name__ == "__main__":
    main()
