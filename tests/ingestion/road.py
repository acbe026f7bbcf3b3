"""What the tests of the road share: observed messages, the sample chats, a quick embedder, and reading the tables."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from faststream.redis import RedisBroker
from redis.asyncio import Redis
from sqlalchemy import text

from core.contracts.messages import ChatRef, MessageObserved
from core.contracts.streams import STREAMS
from core.db.session import Database
from core.domain.chats import ChatKind
from core.domain.lanes import Lane
from core.embeddings.base import UnitEmbedding
from core.privacy.masker import Masker
from core.privacy.pseudonyms import Pseudonyms
from core.privacy.types import MaskedText
from core.rules import RulesFile, load_rules
from core.streams.broker import connect, depth, make_broker
from core.streams.publisher import Publisher
from ingestion.consumers import add_store_consumers, prepare_streams
from ingestion.exports.source import Skipped, open_export
from ingestion.importing import Importer, ImportReport
from ingestion.intake import Intake
from ingestion.placing import place
from ingestion.storing import store

CHAT = -1001234567890
NOON = datetime(2026, 3, 2, 9, tzinfo=UTC)
KEY = bytes(range(32))
SAMPLES = Path(__file__).parents[2] / "samples"
SAMPLE_CHATS = sorted(SAMPLES.glob("polka_*.json"))
PSEUDONYMS = Pseudonyms(KEY)
MASKER = Masker()


def observed(message_id: int, words: str = "Не печатается чек, что делать?", **fields: Any) -> MessageObserved:
    """An observed message; `chat_id`, `who` (a sender id), `minutes` and every field of the contract may be given."""
    chat_id, who = fields.pop("chat_id", CHAT), fields.pop("who", "user1")
    sent_at = NOON + timedelta(minutes=fields.pop("minutes", message_id))
    values: dict[str, Any] = {
        "chat": ChatRef(
            chat_id=chat_id, kind=ChatKind.SUPERGROUP, title=MaskedText(fields.pop("title", "Polka: support"))
        ),
        "message_id": message_id,
        "edit_version": 0,
        "sender": PSEUDONYMS.person(who),
        "is_staff": who.startswith("staff"),
        "sent_at": sent_at,
        "reply_to": None,
        "topic_id": None,
        "mentions": (),
        "text": MaskedText(words),
        "lane": Lane.LOW,
        "lane_score": 0,
        "lane_reasons": (),
    }
    return MessageObserved(**{**values, **fields})


@cache
def sample_messages(path: Path) -> Sequence[MessageObserved]:
    """All messages of a sample chat, as intake lets them through."""
    rules = load_rules(SAMPLES / "otklik.toml")
    intake, export = Intake(Masker(keep=rules.masking.keep), PSEUDONYMS), open_export(path)
    desks = {chat_id: intake.open_chat(chat) for chat_id, chat in export.survey(lambda _: None).chats.items()}
    return tuple(
        intake.admit(item, desks[item.chat_id], rules)
        for item in export.read(lambda _: None)
        if not isinstance(item, Skipped)
    )


class QuickEmbedding(UnitEmbedding):
    """A vector made from a hash of the text: as fast as tests want it, and different for different texts."""

    model_name: str = "quick"

    @property
    def dimension(self) -> int:
        return 384

    def vector(self, words: str) -> list[float]:
        digest = hashlib.shake_128(words.encode("utf-8", "surrogatepass")).digest(384)
        length = sum(byte * byte for byte in digest) ** 0.5
        return [byte / length for byte in digest]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self.vector(query)

    def _get_text_embedding(self, text: str) -> list[float]:  # LlamaIndex's own name
        return self.vector(text)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self.vector(query)

    async def _aget_text_embedding(self, text: str) -> list[float]:
        return self.vector(text)


async def put(database: Database, messages: Sequence[MessageObserved]) -> None:
    """Store a batch in a transaction of its own."""
    async with database.transaction() as session:
        await store(session, messages)


async def place_all(database: Database, chat_id: int = CHAT) -> int:
    """Place until nothing waits; returns the number of steps."""
    steps = 0
    while True:
        async with database.transaction() as session:
            if not await place(session, chat_id):
                return steps
        steps += 1


async def rows(database: Database, query: str, **values: Any) -> list[dict[str, Any]]:
    async with database.reading() as session:
        return [dict(row) for row in (await session.execute(text(query), values)).mappings()]


async def value(database: Database, query: str, **values: Any) -> Any:
    ((only,),) = [tuple(row.values()) for row in await rows(database, query, **values)]
    return only


async def structure(database: Database) -> list[dict[str, Any]]:
    """Everything that threading and cutting made, without what depends on time."""
    links = """SELECT chat_id, message_id, threaded, parent_id, thread_id, link_how, link_evidence FROM messages
        ORDER BY 1, 2"""
    units = "SELECT node_id, text, metadata_ FROM data_units ORDER BY node_id"
    return [*await rows(database, links), *await rows(database, units)]


class Silent:
    """A progress bar that nobody looks at; calls `on_reach` if it is given one."""

    def __init__(self, on_reach: Any = None) -> None:
        self._on_reach = on_reach
        self.phase = ""

    def begin(self, phase: str, total: int | None) -> None:  # noqa: ARG002
        self.phase = phase

    def reach(self, done: int) -> None:
        if self._on_reach is not None:
            self._on_reach(self.phase, done)


class Road:
    """The whole road in this process, on real servers: an importer, and the consumers when they are started."""

    def __init__(self, database: Database, broker: RedisBroker, redis: Redis, rules: RulesFile) -> None:
        self.database, self.broker, self.redis, self.rules = database, broker, redis, rules
        self.publisher = Publisher(broker, bound=10_000, patience=60)
        self.embedder: UnitEmbedding = QuickEmbedding()

    async def start(self) -> None:
        await prepare_streams(self.broker, self.database, self.publisher)
        add_store_consumers(self.broker, self.database, self.publisher, self.embedder)
        await self.broker.start()

    def importer(self, progress: Silent | None = None, *, own_bot: int | None = None) -> Importer:
        return Importer(
            database=self.database,
            publisher=self.publisher,
            redis=self.redis,
            intake=Intake(MASKER, PSEUDONYMS, own_bot),
            rules=self.rules,
            progress=progress or Silent(),
        )

    async def run(self, path: Path, *, wait: bool = True) -> ImportReport:
        async with asyncio.timeout(200):
            return await self.importer().run(open_export(path), wait=wait)

    async def until_idle(self) -> None:
        async with asyncio.timeout(200):
            while any([(await depth(self.redis, stream)).length for stream in STREAMS]):  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@asynccontextmanager
async def road(database: Database, redis_url: str, rules: Path | None = None) -> AsyncIterator[Road]:
    broker = make_broker(redis_url)
    try:
        yield Road(database, broker, await connect(broker), RulesFile(rules or SAMPLES / "otklik.toml"))
    finally:
        await broker.stop()
