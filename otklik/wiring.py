"""What a process is made of. Everything else receives its parts; only this module puts them together.

Heavy parts are imported where they are made: a command that reads a table waits for no telethon and no LlamaIndex.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from core.db.schema import migrate
from core.db.session import Database
from core.embedded.servers import Servers, servers
from core.privacy.masker import Masker
from core.privacy.pseudonyms import Pseudonyms, Sealer, load_or_make_keys, parse_keys
from core.privacy.types import MaskedText, RawText
from core.rules import RulesFile
from core.settings import Settings
from core.streams.broker import connect, consumer_name, depth, make_broker

if TYPE_CHECKING:
    from faststream.redis import RedisBroker
    from redis.asyncio import Redis

    from analytics.analysis.windows import WindowAnalyst
    from analytics.batch import BatchLane
    from analytics.fast import FastLane
    from analytics.role import AnalyzeRole
    from assistant.answering.answerer import Answerer
    from assistant.bot.role import BotRole
    from assistant.reports import MakeReport
    from core.embeddings.base import UnitEmbedding
    from core.llm.gateway import Gateway
    from core.llm.ledger import Purse
    from core.llm.prices import Prices
    from core.streams.publisher import Publisher
    from ingestion.importing import Importer, Progress
    from ingestion.telegram.role import ListenRole

COMMAND_PATIENCE_SECONDS = 60.0
"""How long a command that a person waits for bears Redis being away. A role waits for ever."""


@dataclass(frozen=True)
class Runtime:
    """The parts of one running process. Heavy ones are made at their first use."""

    settings: Settings
    servers: Servers
    database: Database
    broker: "RedisBroker"
    redis: "Redis"
    rules: RulesFile

    @cached_property
    def masker(self) -> Masker:
        """The masker; its models load at the first text."""
        return Masker(keep=self.rules.current().masking.keep)

    @cached_property
    def pseudonyms(self) -> Pseudonyms:
        """The pseudonyms under this installation's key."""
        return Pseudonyms(*pseudonym_keys(self.settings))

    @cached_property
    def embedder(self) -> "UnitEmbedding":
        """The embedding model."""
        from core.embeddings.choice import embedder_from

        return embedder_from(self.settings.embedding_model)

    @cached_property
    def gateway(self) -> "Gateway | None":
        """The door to Claude, or None without a key."""
        from core.llm.gateway import Gateway, GatewaySettings

        if self.settings.anthropic_api_key is None:
            return None
        return Gateway(
            GatewaySettings(api_key=self.settings.anthropic_api_key, base_url=self.settings.anthropic_base_url),
            self.database,
            self.prices(),
            self.purse,
        )

    @property
    def zone(self) -> ZoneInfo:
        """The operator's time zone, by the rules as they stand now."""
        return ZoneInfo(self.rules.current().time_zone)

    def purse(self) -> "Purse":
        """What may be spent, by the rules as they stand now."""
        from core.llm.ledger import Purse

        return Purse(self.rules.current().budget, self.zone)

    def prices(self) -> "Prices":
        """What models cost: as Otklik knows it, and as the rules file says."""
        from core.llm.prices import load_prices

        return load_prices(*([self.settings.config] if self.settings.config.exists() else []))

    @cached_property
    def answerer(self) -> "Answerer":
        """Answers questions from the history."""
        from assistant.answering.answerer import Answerer
        from core.llm.prompts import PromptRegistry

        return Answerer(
            database=self.database,
            embedder=self.embedder,
            masker=self.masker,
            gateway=self.gateway,
            prompts=PromptRegistry(),
            model=self.settings.answer_model,
        )

    def publisher(self, patience: float | None) -> "Publisher":
        """Publishes to the streams, waiting for Redis at most `patience` seconds."""
        from core.streams.publisher import Publisher

        return Publisher(self.broker, bound=self.settings.stream_bound, patience=patience)

    def importer(self, progress: "Progress") -> "Importer":
        """Imports one export."""
        from ingestion.importing import Importer
        from ingestion.intake import Intake

        return Importer(
            database=self.database,
            publisher=self.publisher(COMMAND_PATIENCE_SECONDS),
            redis=self.redis,
            intake=Intake(self.masker, self.pseudonyms, self.settings.bot_id),
            rules=self.rules,
            progress=progress,
        )

    async def check_key(self) -> None:
        """Make sure that this key is the one that the stored pseudonyms were made with. Call before making any.

        Raises:
            SettingsError: it is another; the text says what to restore.
        """
        from ingestion.rotation import check_key

        path = None if self.settings.pseudonym_key else self.settings.pseudonym_key_path
        async with self.database.transaction() as session:
            await check_key(session, self.pseudonyms, path)
        vars(self).pop("pseudonyms")  # a rotation that was cut off may just have been completed

    def listener(self) -> "ListenRole":
        """Hears Telegram's chats.

        Raises:
            SettingsError: there is nothing to listen with.
        """
        from ingestion.intake import Intake
        from ingestion.telegram.role import ListenRole

        return ListenRole(
            settings=self.settings,
            database=self.database,
            publisher=self.publisher(None),
            redis=self.redis,
            intake=Intake(self.masker, self.pseudonyms, self.settings.bot_id),
            rules=self.rules,
        )

    def batch_lane(self) -> "BatchLane":
        """Reads windows of chats."""
        from analytics.batch import BatchLane

        return BatchLane(self.database, self.embedder, self._window_analyst(), self.rules.current)

    def fast_lane(self) -> "FastLane":
        """Reads urgent messages."""
        from analytics.analysis.messages import MessageAnalyst
        from analytics.fast import FastLane
        from core.llm.prompts import PromptRegistry

        analyst = None
        if self.gateway is not None:
            analyst = MessageAnalyst(self.gateway, PromptRegistry(), self.settings.analysis_model, self.masked)
        return FastLane(self.database, self.embedder, self.publisher(None), analyst, self.rules.current)

    def analyzer(self) -> "AnalyzeRole":
        """Reads the stream in both lanes."""
        from analytics.bulk import BulkLane
        from analytics.role import AnalyzeRole

        batch, analyst, bulk = self.batch_lane(), self._window_analyst(), None
        if self.gateway is not None and analyst is not None:
            bulk = BulkLane(self.database, batch, analyst, self.gateway.batches)
        return AnalyzeRole(self.database, self.fast_lane(), batch, bulk)

    def _window_analyst(self) -> "WindowAnalyst | None":
        from analytics.analysis.windows import WindowAnalyst
        from core.llm.prompts import PromptRegistry

        if self.gateway is None:
            return None
        return WindowAnalyst(self.gateway, PromptRegistry(), self.settings.analysis_model, self.masked)

    def masked(self, words: str) -> MaskedText:
        """What a model wrote, masked."""
        return self.masker.mask(RawText(words)).text

    def bot(self, make_report: "MakeReport") -> "BotRole":
        """Answers in Telegram.

        Raises:
            SettingsError: a setting is missing or wrong.
        """
        from assistant.bot.role import BotRole

        return BotRole(
            settings=self.settings,
            database=self.database,
            answerer=self.answerer,
            masker=self.masker,
            pseudonyms=self.pseudonyms,
            sealer=Sealer(pseudonym_keys(self.settings)[-1]),
            rules=self.rules,
            publisher=self.publisher(None),
            make_report=make_report,
        )

    async def start_suggesting(self) -> None:
        """Begin to make suggestions of what the stream says requires a response."""
        from assistant.suggestions import Suggesting
        from core.contracts.messages import ResponseNeeded
        from core.contracts.streams import RESPONSES
        from core.streams.consumer import Consumer

        suggesting = Suggesting(self.database, self.answerer, self.rules)
        Consumer(self.broker, self.database, RESPONSES, ResponseNeeded, suggesting, name=consumer_name(), batch_size=1)
        await self.broker.start()

    async def check_index(self) -> None:
        """Make sure that the stored vectors are of the configured model.

        Raises:
            IndexMismatch: they are not; the text names `otklik reindex`.
        """
        from core.index.model import check_index

        async with self.database.transaction() as session:
            await check_index(session, self.embedder.model_name, self.embedder.dimension)

    async def is_idle(self) -> bool:
        """True when everything that was published is stored and indexed."""
        from core.contracts.streams import STORED

        return not any([(await depth(self.redis, stream)).length for stream in STORED])

    async def start_storing(self) -> None:
        """Begin to consume the streams in this process: the store role, also inside `otklik import`."""
        from ingestion.consumers import add_store_consumers, prepare_streams

        await self.check_index()
        publisher = self.publisher(None)
        await prepare_streams(self.broker, self.database, publisher)
        add_store_consumers(self.broker, self.database, publisher, self.embedder)
        await self.broker.start()


@asynccontextmanager
async def runtime(settings: Settings) -> AsyncIterator[Runtime]:
    """A process's parts, connected, with the database migrated; all closed again at the end.

    Raises:
        OtklikError: a server cannot be reached or started, or a setting is wrong.
    """
    rules = RulesFile(settings.config)
    async with servers(settings) as found:
        database = Database(found.database_url)
        broker = make_broker(found.redis_url)
        made = None
        try:
            await migrate(database)
            made = Runtime(settings, found, database, broker, await connect(broker), rules)
            yield made
        finally:
            if made is not None and (gateway := vars(made).get("gateway")) is not None:
                await gateway.close()
            await broker.stop()
            await database.close()


def pseudonym_keys(settings: Settings) -> tuple[bytes, ...]:
    """The keys that are set, or the home's own, made at the first start."""
    if settings.pseudonym_key is not None:
        return parse_keys(settings.pseudonym_key.get_secret_value())
    return load_or_make_keys(settings.pseudonym_key_path)
