"""`python -m benchmarks.evals [--quick] [--json OUT]`: how often the gate is shut for nothing, and how often for something."""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import fmean
from typing import Any, Final

from benchmarks.evals.repeating import Compared, Repeated, bound, repeat
from benchmarks.road.measuring import Progress
from core.db.session import Database
from core.settings import Settings
from evals.cases import Case
from evals.gate import ALPHA
from ingestion.exports.source import open_export
from otklik.cli import THREADS
from otklik.evaluating.datasets import load_cases
from otklik.progress import Bar
from otklik.wiring import runtime
from tests.evals.scene import MODEL, answering, connected
from tests.fakes.anthropic_reader import Reader
from tests.ingestion.road import SAMPLE_CHATS, SAMPLES

COMPARISONS: Final = 200
LOSSES: Final = (50, 75)
"""Percent of the questions that a worse prompt guesses at."""
TIMES: Final = 25
"""Comparisons for each of them."""
EVERY: Final = 3
"""Of the 84 labelled questions each third is asked."""
NOISE: Final = 0.1
"""How often the model is in a mood, each time it is asked: one answer in five is another than the last time."""


async def measure(comparisons: int, times: int, progress: Progress) -> list[dict[str, Any]]:
    """On throw-away servers, the sample chats, and a model on the loopback."""
    async with (
        sampled(progress) as (database, cases),
        connected(database, otherwise=Reader(noise=NOISE)) as (runner, _),
    ):
        found = []
        for percent in (0, *LOSSES):
            candidate = answering(f"GUESS {percent}%" if percent else "Answer.", "candidate")
            base = answering("Answer.", "base")
            what = Compared(base=base, candidate=candidate, model=MODEL, cases=cases, alpha=ALPHA)
            count = times if percent else comparisons
            progress.step(f"{count} comparisons, {percent} % guessed")
            began = time.monotonic()
            repeated = await repeat(runner, database, what, count, progress.reach)
            found.append(figures(percent, repeated, len(cases), time.monotonic() - began))
        return found


@asynccontextmanager
async def sampled(progress: Progress) -> AsyncIterator[tuple[Database, Sequence[Case]]]:
    """The sample chats in a database, and questions to them."""
    with tempfile.TemporaryDirectory(prefix="otklik-evals-") as home:
        settings = Settings(home=Path(home), config=SAMPLES / "otklik.toml", database_url=None, redis_url=None)
        async with runtime(settings) as parts:
            progress.step("importing the sample chats")
            await parts.start_storing()
            with Bar() as bar:
                for path in SAMPLE_CHATS:
                    await parts.importer(bar).run(open_export(path), wait=True)
            async with parts.database.reading() as session:
                cases = await load_cases(session, ["sample"], parts.pseudonyms)
            yield parts.database, cases[::EVERY]


def figures(percent: int, repeated: Repeated, cases: int, seconds: float) -> dict[str, Any]:
    """What is told of one prompt."""
    right = [one for gate in repeated.gates for one in gate.comparisons if one.measure.name == "right"]
    return {
        "guessed_percent": percent,
        "cases": cases,
        "comparisons": len(repeated.gates),
        "shut": repeated.shut,
        "alarms_bound": None if percent else bound(len(repeated.gates), ALPHA),
        "differing": fmean(one.differing for one in right) / cases,
        "base": fmean(one.base for one in right),
        "candidate": fmean(one.candidate for one in right),
        "detectable": fmean(one.detectable for one in right if one.detectable is not None),
        "paid_usd": float(repeated.paid_usd),
        "seconds": round(seconds, 1),
    }


def table(found: Sequence[dict[str, Any]]) -> str:
    """The figures for a person."""
    same, *worse = found
    lines = [
        f"a prompt with itself    shut in {same['shut']} of {same['comparisons']} comparisons of {same['cases']} cases; at most "
        f"{same['alarms_bound']} by chance, at {ALPHA:.0%}",
        f"                        {same['differing']:.0%} of the cases went otherwise the second time; ${same['paid_usd']:.2f} "
        f"by list price, {same['seconds']:.0f} s",
    ]
    lines += [
        f"{one['guessed_percent']} % guessed             shut in {one['shut']} of {one['comparisons']}: right "
        f"{one['base']:.3f} → {one['candidate']:.3f}, and a loss of {one['detectable']:.3f} is said to show in four of five"
        for one in worse
    ]
    return "\n".join(lines)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evals", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a fifth of the comparisons")
    parser.add_argument("--json", type=Path, metavar="OUT")
    options = parser.parse_args()
    for name, value in THREADS.items():  # as `otklik` itself does
        os.environ.setdefault(name, value)
    share = 5 if options.quick else 1
    found = asyncio.run(measure(COMPARISONS // share, TIMES // share, Progress()))
    print(table(found))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    if found[0]["shut"] > found[0]["alarms_bound"]:
        sys.exit("The gate is shut for nothing more often than it says.")


if __name__ == "__main__":
    main()
