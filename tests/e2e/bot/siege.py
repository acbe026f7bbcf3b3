"""A seeded siege: people ask while the bot is killed again and again, and Telegram and PostgreSQL break under it."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import text

from tests.e2e.bot.samples import RU, STAFF
from tests.e2e.bot.town import PATIENCE, PLACEHOLDER, Town
from tests.fakes.botapi import Break, Message, Person

QUESTIONS: Final = (
    ("Чеки не уходят в ОФД, ошибка E-305, что делать?", 40420),
    ("Сколько часов касса может работать, если пропал интернет?", 40484),
    ("Bluetooth-принтер печатает через раз, как будто засыпает", 40730),
    ("Весы печатают этикетку с кодом на 22, а касса пишет «товар не найден»", 40493),
    ("Как отложить чек, если покупатель забыл кошелёк?", 40692),
)
"""And the message that the answer to each begins with."""

LATE: Final = timedelta(minutes=5)
APOLOGY: Final = "Простите, что так поздно: вопрос был задан"
AWAY: Final = "telegram is away, trying again"
"""Logged for each request that showed something and was lost; no more than one placeholder stays behind for it."""

_BACKEND = text("""
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' LIMIT 1
""")


@dataclass
class Figures:
    """What the siege did, and what was wrong at its end."""

    questions: int = 0
    late: int = 0
    """Of them, those that Telegram had kept for minutes."""
    kills: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    placeholders: int = 0
    """That nothing took the place of."""
    excused: int = 0
    """As many of them as the kills and the lost requests may have left."""
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Asking:
    """A question, and what its answer has to cite."""

    message: Message
    source: int
    late: bool


class Siege:
    """One run. In turns people ask in private and in the group."""

    def __init__(self, town: Town, *, people: int, questions: int, kills: int, seed: int = 20_261_124) -> None:
        self._town, self._server, self._world = town, town.server, town.world
        self._rng = random.Random(seed)
        self._people = [self._world.add_person(f"Человек {number}", language="ru") for number in range(people)]
        self._world.add_supergroup("Поддержка", self._people, chat_id=STAFF)
        self._group = self._world.add_supergroup("Полка", self._people, chat_id=RU)
        self._questions, self._kills = questions, kills
        self._asked: list[Asking] = []
        self._orphans: set[tuple[int, int]] = set()
        """Placeholders that stood there when a process was killed: it may not have learnt their ids."""
        self.figures = Figures()

    async def run(self) -> Figures:
        """Ask, kill, and look at what came of it."""
        await self._town.start()
        async with asyncio.TaskGroup() as group:
            asking = [group.create_task(self._ask(person)) for person in self._people]
            await self._besiege(lambda: all(task.done() for task in asking))
        self._server.faults.clear()
        await self._server.all_taken(PATIENCE)
        await self._town.shown()
        self._judge()
        return self.figures

    # -- the people

    async def _ask(self, person: Person) -> None:
        """One question after the other, while there are any left."""
        while self.figures.questions < self._questions:
            self.figures.questions += 1
            self._break_something()
            words, source = self._rng.choice(QUESTIONS)
            late, in_group = self._rng.random() < 0.15, self._rng.random() < 0.4
            self.figures.late += late
            sent_at = self._world.now() - (LATE if late else timedelta())
            where, said = (self._group, f"/ask {words}") if in_group else (person.private, words)
            asking = Asking(person.says(where, said, date=sent_at), source, late)
            self._asked.append(asking)
            await self._server.until(lambda asking=asking: self._answers(asking), PATIENCE)  # type: ignore[misc]

    def _answers(self, asking: Asking) -> list[Message]:
        """What answers a question: in a group replies to it, in private what stands between it and the next."""
        said = self._town.said(asking.message.chat)
        if asking.message.chat is self._group:
            return [message for message in said if message.reply_to is asking.message]
        later = [one.message.id for one in self._asked if one.message.chat is asking.message.chat]
        end = min((number for number in later if number > asking.message.id), default=2**62)
        return [message for message in said if asking.message.id < message.id < end]

    # -- what breaks

    def _break_something(self) -> None:
        """Now and then a request of the bot will go wrong."""
        faults, method = self._server.faults, self._rng.choice(("sendMessage", "editMessageText"))
        kinds: dict[str, Callable[[], Any]] = {
            "flood": lambda: faults.flood(method, 1),
            "bad gateway": lambda: faults.bad_gateway(method),
            "cut before": lambda: faults.drop(method),
            "cut after": lambda: faults.drop(method, cut=Break.AFTER),
            "updates cut": lambda: faults.drop("getUpdates", cut=Break.AFTER),
            "updates away": lambda: faults.bad_gateway("getUpdates", 3),
        }
        if self._rng.random() < 0.5:
            kind = self._rng.choice(list(kinds))
            kinds[kind]()
            self.figures.faults[kind] += 1

    async def _besiege(self, over: Callable[[], bool]) -> None:
        """Kill the bot after so many of its requests, or while it starts; and once PostgreSQL, half way."""
        for number in range(self._kills):
            enough = len(self._server.asked) + self._rng.choice((0, *range(3, 25)))
            await self._server.until(lambda enough=enough: len(self._server.asked) >= enough or over(), PATIENCE)  # type: ignore[misc]
            if over():
                return
            if number == self._kills // 2:
                await self._kill_backend()
            await self._town.kill()
            self.figures.kills += 1
            await self._town.start()
            self._orphans |= {(message.chat.id, message.id) for message in self._placeholders()}

    async def _kill_backend(self) -> None:
        """PostgreSQL throws out everybody, and recovers."""
        async with self._town.database.reading() as session:
            pid = await session.scalar(_BACKEND)
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
            self.figures.faults["postgresql"] += 1

    # -- the end

    def _judge(self) -> None:
        figures, wrong = self.figures, self.figures.wrong
        for asking in self._asked:
            answers = self._answers(asking)
            if len(answers) != 1:
                wrong.append(f"{len(answers)} answers to {asking.message}")
            for answer in answers:
                if answer.links != [f"https://t.me/c/1987340625/{asking.source}"]:
                    wrong.append(f"{asking.message} got another's answer: {answer}")
                if asking.late and not answer.text.startswith(APOLOGY):
                    wrong.append(f"does not say that it is late: {answer}")
        said = sum(len(self._town.said(chat)) for chat in self._world.chats.values())
        if said != len(self._asked):
            wrong.append(f"{said} messages for {len(self._asked)} questions")
        lost = sum(log.read_text().count(AWAY) for log in self._town.otklik.logs)
        figures.placeholders, figures.excused = len(self._placeholders()), len(self._orphans) + lost

    def _placeholders(self) -> list[Message]:
        with self._world.lock:
            return [message for message in self._server.sent if message.text == PLACEHOLDER]
