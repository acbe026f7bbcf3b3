"""How long a search takes among many units, whatever the asker may see."""

import random
import statistics
import time
from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import text

from benchmarks.retrieval.store import fill, throw_away_database
from core.db.session import Database
from core.domain.access import AccessScope
from core.embeddings.bundled import BundledE5
from core.index.records import UnitRecord, unit_id_of
from core.index.search import search
from core.index.vectors import set_embeddings, unembedded
from core.privacy.types import MaskedText

CHATS = 50
PAGE = 1_000
TOPICS = 400
VOCABULARY = 20_000
ROUNDS = 200
WARM_UP = 20


async def measure(units: int) -> None:
    """Print the median and the 95th percentile for three scopes."""
    made = _Made(BundledE5())
    async with throw_away_database() as database:
        async with database.transaction() as session:  # HNSW is built 10 times faster at once than row by row
            await session.execute(text("DROP INDEX ix_data_units_embedding"))
        for start in range(1, units + 1, PAGE):
            await _page(database, made, start)
        await _index(database)
        scopes = {
            "every chat": AccessScope.operator(),
            "one chat of 50": AccessScope.chats([-7]),
            "ten chats of 50": AccessScope.chats(range(-20, -10)),
        }
        print(f"{units} units in {CHATS} chats; embedding the question is not counted")
        for name, scope in scopes.items():
            times = sorted([await _search(database, made, scope) for _ in range(ROUNDS)][WARM_UP:])
            print(f"{name:<16} median {statistics.median(times):.1f} ms  95 % {times[int(len(times) * 0.95)]:.1f} ms")


class _Made:
    """Units of made-up words whose frequencies fall as in real language (Zipf), with vectors around real ones."""

    def __init__(self, embedder: BundledE5) -> None:
        self.random = random.Random(1)
        self.numbers = np.random.default_rng(1)
        letters = "абвгдежзиклмнопрстуфхцчшы"
        self.words = ["".join(self.random.choices(letters, k=self.random.randint(3, 9))) for _ in range(VOCABULARY)]
        self.weights = list(np.cumsum(1 / np.arange(10, VOCABULARY + 10)))
        self.topics = np.array([embedder.get_text_embedding(self.line(12)) for _ in range(TOPICS)])

    def line(self, length: int) -> str:
        return " ".join(self.random.choices(self.words, cum_weights=self.weights, k=length))

    def vectors(self, count: int) -> list[list[float]]:
        parts = self.topics[self.numbers.integers(0, TOPICS, (count, 2))].sum(axis=1)
        noisy = parts + self.numbers.normal(0, 0.03, parts.shape)
        vectors: list[list[float]] = (noisy / np.linalg.norm(noisy, axis=1, keepdims=True)).tolist()
        return vectors


async def _page(database: Database, made: _Made, start: int) -> None:
    chat = -1 - start // PAGE % CHATS
    units = []
    for number in range(start, start + PAGE):
        question, answer = MaskedText(made.line(12)), MaskedText(made.line(25))
        moment = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
        whole = MaskedText(f"{question}\n{answer}")
        units.append(
            UnitRecord(unit_id_of(chat, number), chat, number, (number,), whole, question, answer, moment, moment, True)
        )
    await fill(database, units)
    async with database.reading() as session:
        pending = await unembedded(session, chat, PAGE)
    vectors = made.vectors(len(pending))
    async with database.transaction() as session:
        await set_embeddings(
            session, [(unit.node_id, unit.text_hash, vector) for unit, vector in zip(pending, vectors, strict=True)]
        )


async def _index(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(text("SET LOCAL maintenance_work_mem = '256MB'"))
        await session.execute(
            text("CREATE INDEX ix_data_units_embedding ON data_units USING hnsw (embedding halfvec_cosine_ops)")
        )
    async with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text("VACUUM ANALYZE data_units"))


async def _search(database: Database, made: _Made, scope: AccessScope) -> float:
    question, [vector] = MaskedText(made.line(9)), made.vectors(1)
    started = time.perf_counter()
    async with database.reading() as session:
        await search(session, scope, question, vector, 10)
    return (time.perf_counter() - started) * 1000
