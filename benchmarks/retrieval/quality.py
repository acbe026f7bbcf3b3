"""Right documents first? On any folder of `corpus.jsonl`, `queries.jsonl` and `qrels.tsv`."""

import json
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import ir_measures
from ir_measures import RR, Qrel, ScoredDoc, Success

from benchmarks.retrieval.store import embed_all, fill, throw_away_database
from core.domain.access import AccessScope
from core.embeddings.bundled import BundledE5
from core.index.records import Hit, UnitRecord, unit_id_of
from core.index.search import search
from core.privacy.types import MaskedText

CHAT = -1
MEASURES = {"hit@1": Success @ 1, "hit@10": Success @ 10, "MRR": RR}
CANDIDATES = 200
"""All that the hybrid query looks at: each branch brings fewer."""

ORDERS: dict[str, Callable[[Hit], float]] = {
    "hybrid": lambda hit: hit.score,
    "dense only": lambda hit: hit.dense if hit.dense is not None else -1.0,
    "lexical only": lambda hit: hit.lexical,
}


async def evaluate(folder: Path) -> None:
    """Print a row for the hybrid query and for each of its halves."""
    corpus = list(_lines(folder / "corpus.jsonl"))
    queries = list(_lines(folder / "queries.jsonl"))
    qrels = list(_qrels(folder / "qrels.tsv"))
    names = {unit_id_of(CHAT, number): row["id"] for number, row in enumerate(corpus, 1)}
    embedder = BundledE5()
    runs: dict[str, list[ScoredDoc]] = {name: [] for name in ORDERS}
    times = []
    async with throw_away_database() as database:
        await fill(database, [_unit(number, row) for number, row in enumerate(corpus, 1)])
        await embed_all(database, CHAT, embedder)
        for query in queries:
            text = MaskedText(query["text"])
            vector = await embedder.aget_query_embedding(text)
            started = time.perf_counter()
            async with database.reading() as session:
                hits = await search(session, AccessScope.operator(), text, vector, CANDIDATES)
            times.append(time.perf_counter() - started)
            for name, order in ORDERS.items():
                runs[name] += [ScoredDoc(query["id"], names[hit.unit_id], order(hit)) for hit in hits]
    print(
        f"{len(corpus)} documents, {len(queries)} queries, {statistics.median(times) * 1000:.1f} ms a search (median)"
    )
    for name, run in runs.items():
        found = ir_measures.calc_aggregate(list(MEASURES.values()), qrels, run)
        print(f"{name:<14}" + "  ".join(f"{label} {found[measure]:.3f}" for label, measure in MEASURES.items()))


def _unit(number: int, row: dict[str, Any]) -> UnitRecord:
    """A document as a unit: its question is told, or is its first line."""
    text = row["text"].replace("\0", " ")
    question, _, answer = text.partition("\n")
    question = row.get("question", question).replace("\0", " ")
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
    return UnitRecord(
        unit_id_of(CHAT, number), CHAT, number, (number,), text, question, answer or None, moment, moment, bool(answer)
    )


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _qrels(path: Path) -> Iterator[Qrel]:
    with path.open(encoding="utf-8") as file:
        next(file)  # the heading
        for line in file:
            query, document, score = line.rstrip("\n").split("\t")
            yield Qrel(query, document, int(score))
