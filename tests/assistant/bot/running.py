"""The bot role on a real database, talking to the loopback Bot API."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from faststream.redis import RedisBroker
from pydantic import SecretStr

from assistant.answering.answerer import Answerer
from assistant.bot.role import BotRole
from assistant.reports import Document, Wanted
from core.db.session import Database
from core.embeddings.bundled import BundledE5
from core.llm.gateway import Gateway
from core.llm.prompts import PromptRegistry
from core.privacy.masker import Masker
from core.privacy.pseudonyms import Pseudonyms, Sealer
from core.rules import RulesFile
from core.settings import Settings
from core.streams.publisher import Publisher
from tests.core.index.units import CHAT, embed, store, unit
from tests.fakes.botapi import BotApiServer, Message, Person

KEY = bytes(range(32))
PSEUDONYMS, SEALER = Pseudonyms(KEY), Sealer(KEY)
MASKER = Masker()


class Remembering(BundledE5):
    """The bundled model, which computes for the same question once: a hundred tests ask it."""

    async def _aget_query_embedding(self, query: str) -> list[float]:
        if query not in _VECTORS:
            _VECTORS[query] = await super()._aget_query_embedding(query)
        return _VECTORS[query]


_VECTORS: dict[str, list[float]] = {}
EMBEDDER = Remembering()

QUESTION = "Чек не печатается, принтер мигает красным"
ANSWER = "Откройте Настройки → Оборудование и перезапустите принтер."
ASKED = "не выходит чек из принтера"


class Otklik:
    """A bot and the Telegram that it lives in."""

    def __init__(
        self,
        server: BotApiServer,
        database: Database,
        broker: RedisBroker,
        folder: Path,
        gateway: Gateway | None = None,
    ) -> None:
        self.server = server
        self.world = server.world
        self.database = database
        self._rules = folder / "otklik.toml"
        self._broker = broker
        self.gateway = gateway
        self.wanted: list[Wanted] = []
        """The reports that were asked for."""
        self.settings = Settings(
            home=folder, config=self._rules, bot_token=SecretStr(server.token), bot_api_url=server.url
        )

    def rules(self, text: str, report: str = "off") -> None:
        """What the rules file says; `report`: on which weekday one is due."""
        before = f'[report]\nweekday = "{report}"\nhour = 0\n[bot]\nburst_seconds = 0.0\n'
        self._rules.write_text(before + text, encoding="utf-8")

    async def report(self, wanted: Wanted) -> Document:
        """What the bot sends by itself: here the document says how many were asked for."""
        self.wanted.append(wanted)
        return Document("A week.\nNothing happened.", f"report {len(self.wanted)}".encode())

    def role(self) -> BotRole:
        """A bot that is not started yet."""
        answerer = Answerer(
            database=self.database, embedder=EMBEDDER, masker=MASKER, gateway=self.gateway,
            prompts=PromptRegistry(), model="claude-sonnet-4-6",
        )  # fmt: skip
        return BotRole(
            settings=self.settings, database=self.database, answerer=answerer, masker=MASKER,
            pseudonyms=PSEUDONYMS, sealer=SEALER, rules=RulesFile(self._rules),
            publisher=Publisher(self._broker, bound=1_000), make_report=self.report,
        )  # fmt: skip

    @asynccontextmanager
    async def answering(self) -> AsyncIterator[BotRole]:
        """A bot that answers while the block runs."""
        role = self.role()
        task = asyncio.create_task(role.run())
        try:
            await self.server.until(lambda: task.done() or self.server.calls()["getUpdates"])
            if task.done():
                await task
            yield role
        finally:
            task.cancel()
            await asyncio.wait({task})
        if not task.cancelled():
            await task

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[BotRole]:
        """A bot that waits for its webhook while the block runs."""
        role = self.role()
        task = asyncio.create_task(role.run())
        try:
            await self.server.until(lambda: task.done() or self.server.calls()["setWebhook"])
            yield role
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def until(self, fact: Callable[[], Awaitable[object]], seconds: float = 300) -> None:
        """Wait for what only a query can tell."""
        async with asyncio.timeout(seconds):
            while not await fact():  # noqa: ASYNC110
                await asyncio.sleep(0.03)

    async def answer(self, person: Person, text: str) -> Message:
        """What the bot answers in private, once it is whole."""
        asked = person.says(person.private, text)
        return await self.server.until(lambda: self.after(person, asked))

    def after(self, person: Person, asked: Message) -> Message:
        """The bot's finished message after this one. Raises where there is none yet."""
        return next(
            message
            for message in person.sees(asked.chat)
            if message.id > asked.id and message.sender is self.world.bot and message.text != "⏳"
        )


async def remember(database: Database, chat: int = CHAT) -> None:
    """Some history."""
    await store(
        database,
        unit(1, QUESTION, ANSWER, chat=chat),
        unit(10, "Как вернуть деньги покупателю?", "Чек → Возврат.", chat=chat),
        unit(20, "Не загружается каталог из Excel", "Сохраните файл как xlsx.", chat=chat),
    )
    await embed(database, EMBEDDER, chat)
