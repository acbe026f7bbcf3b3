"""How long a search takes among many units."""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from random import Random

import numpy as np
from sqlalchemy import text

from benchmarks.road.indexing import EmbeddedUnit, unit_record
from benchmarks.road.measuring import Latency, Progress
from benchmarks.road.stage import Stage
from core.db.session import Database
from core.domain.access import AccessScope
from core.embeddings.bundled import BundledE5
from core.errors import OtklikError
from core.index.search import search
from core.index.vectors import Vector, set_embeddings, unembedded
from core.index.writing import replace_thread_units
from core.privacy.masker import Masker
from core.privacy.types import MaskedText, RawText

QUESTIONS = Path(__file__).resolve().parents[2] / "evals" / "datasets" / "sample.jsonl"
CHATS = 50
LIMIT = 10
NOISE = 0.3
"""Length of what is added to each vector of length 1, so that copies of a unit lie apart as rewordings do."""
RARE_WORDS, PER_UNIT = 20_000, 3
"""Invented words, some to each unit: a vocabulary that grows with the history, as real ones do."""
SYLLABLES = ("ка", "ло", "ми", "ре", "ту", "sa", "vo", "ni", "ke", "du")

_INDEX = text("SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_data_units_embedding'")


@dataclass(frozen=True, slots=True)
class SearchFigures:
    """One search after the other, a transaction each, on the questions of the labelled sample."""

    units: int
    chats: int
    questions: int
    every_chat: Latency
    """The operator's scope."""
    one_chat: Latency
    """A client's scope: one chat of them."""
    embedding_question: Latency
    """What comes before a search: the question's own vector."""
    build_index_seconds: float
    """HNSW, built anew over all units."""


async def measure_search(
    stage: Stage, embedded: Sequence[EmbeddedUnit], count: int, rounds: int, progress: Progress
) -> SearchFigures:
    """Make `count` units out of the samples' own, and search them."""
    progress.step(f"search, writing {count:,} units")
    await stage.clear()
    built = await _fill(stage.database, embedded, count, progress)
    progress.step(f"search among {count:,} units")
    embedder, masker = BundledE5(), Masker()
    questions: list[tuple[MaskedText, Vector]] = []
    embedding = []
    for line in QUESTIONS.read_text().splitlines():
        question = masker.mask(RawText(json.loads(line)["question"])).text
        began = time.perf_counter()
        questions.append((question, await embedder.aget_query_embedding(question)))
        embedding.append(time.perf_counter() - began)
    every, one = [], []
    for number in range(1 + rounds):  # the first is to warm up
        for place, (question, vector) in enumerate(questions):
            every.append(await _timed(stage.database, AccessScope.operator(), question, vector))
            one.append(await _timed(stage.database, AccessScope.chats([-1 - place % CHATS]), question, vector))
        progress.reach(number, rounds)
    warm = len(questions)
    return SearchFigures(
        units=count,
        chats=CHATS,
        questions=len(questions),
        every_chat=Latency.of(every[warm:]),
        one_chat=Latency.of(one[warm:]),
        embedding_question=Latency.of(embedding),
        build_index_seconds=round(built, 2),
    )


async def _timed(database: Database, scope: AccessScope, question: MaskedText, vector: Vector) -> float:
    began = time.perf_counter()
    async with database.reading() as session:
        found = await search(session, scope, question, vector, LIMIT)
    if len(found) < LIMIT:
        raise OtklikError(f"only {len(found)} units were found")
    return time.perf_counter() - began


async def _fill(database: Database, embedded: Sequence[EmbeddedUnit], count: int, progress: Progress) -> float:
    """Write the units without the vectors' index, then build it, which is ten times faster; returns its seconds."""
    chance = Random(20_261_123)
    async with database.transaction() as session:
        definition = (await session.execute(_INDEX)).scalar_one()
        await session.execute(text("DROP INDEX ix_data_units_embedding"))
    per_chat = -(-count // CHATS)
    for chat in range(CHATS):
        made = list(_made(embedded, min(per_chat, count - chat * per_chat), chance))
        chat_id = -1 - chat
        records = [unit_record(chat_id, number, unit.text, unit.question) for number, unit in enumerate(made, start=1)]
        vectors = {record.unit_id: unit.vector for record, unit in zip(records, made, strict=True)}
        async with database.transaction() as session:
            await replace_thread_units(session, chat_id, {record.thread_id for record in records}, records)
        async with database.reading() as reading:
            waiting = await unembedded(reading, chat_id, len(records))
        async with database.transaction() as session:
            await set_embeddings(session, [(unit.node_id, unit.text_hash, vectors[unit.node_id]) for unit in waiting])
        progress.reach(chat * per_chat, count)
    began = time.perf_counter()
    async with database.transaction() as session:
        await session.execute(text(definition))
    built = time.perf_counter() - began
    async with database.engine.connect() as connection:
        outside = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await outside.execute(text("VACUUM ANALYZE data_units"))
    return built


def _made(embedded: Sequence[EmbeddedUnit], count: int, chance: Random) -> Iterator[EmbeddedUnit]:
    """The question of one unit, the rest of another, and some rare words; the vector lies between theirs."""
    noise = np.random.default_rng(chance.getrandbits(32))
    weights = list(accumulate(1 / rank for rank in range(1, RARE_WORDS + 1)))  # Zipf's law
    for _ in range(count):
        asked, told = chance.choices(embedded, k=2)
        rare = " ".join(map(_word, chance.choices(range(RARE_WORDS), cum_weights=weights, k=PER_UNIT)))
        rest = told.text.removeprefix(told.question).strip()
        mixed = 0.6 * np.asarray(asked.vector) + 0.4 * np.asarray(told.vector)
        mixed += noise.normal(0, NOISE / len(mixed) ** 0.5, len(mixed))
        vector: list[float] = (mixed / np.linalg.norm(mixed)).tolist()
        yield EmbeddedUnit(MaskedText(f"{asked.question}\n{rest} {rare}"), asked.question, vector)


def _word(number: int) -> str:
    """An invented word for every number.

    >>> _word(0), _word(123)
    ('какакакака', 'ремилокака')
    """
    return "".join(SYLLABLES[number // 10**place % 10] for place in range(5))
