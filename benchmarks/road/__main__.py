"""`python -m benchmarks.road [--quick | --full] [--json OUT]`: the road's figures, from one run on throw-away servers."""

import argparse
import asyncio
import json
import os
import platform
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.road.indexing import IndexingFigures, measure_indexing
from benchmarks.road.masking import MaskingFigures, measure_masking
from benchmarks.road.measuring import Progress
from benchmarks.road.scene import copies, observed_samples
from benchmarks.road.searching import SearchFigures, measure_search
from benchmarks.road.stage import stage
from benchmarks.road.storing import PlacingFigures, StoringFigures, measure_storing
from core.errors import OtklikError
from otklik.cli import THREADS

STORING_TARGET = 1_500
"""Messages a second, from the stream to committed rows, on two cores."""
INDEXING_TARGET = 1.15
"""How many times longer than the bare engine indexing may take."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    masking_rounds: int
    messages: int
    storing_rounds: int
    units: int
    indexing_rounds: int
    search_sizes: tuple[int, ...]
    search_rounds: int


QUICK = Plan(1, 4_000, 1, 64, 2, (2_000,), 1)
NORMAL = Plan(3, 20_000, 3, 256, 3, (10_000,), 3)
FULL = Plan(5, 20_000, 5, 1_000, 5, (10_000, 50_000), 5)


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one run found."""

    plan: Plan
    machine: dict[str, object]
    masking: MaskingFigures
    storing: StoringFigures
    placing: PlacingFigures
    indexing: IndexingFigures
    search: list[SearchFigures]
    met: dict[str, bool]


async def measure(plan: Plan, progress: Progress) -> Report:
    """All measures, one after the other: two at once would measure each other."""
    machine = _machine()
    progress.step("masking the samples, one core")
    masking = await measure_masking(plan.masking_rounds)
    samples = await asyncio.to_thread(observed_samples)
    progress.step("starting PostgreSQL and Valkey")
    async with stage() as place:
        storing, placing = await measure_storing(place, copies(samples, plan.messages), plan.storing_rounds, progress)
        indexing, embedded = await measure_indexing(place, samples, plan.units, plan.indexing_rounds, progress)
        search = [
            await measure_search(place, embedded, size, plan.search_rounds, progress) for size in plan.search_sizes
        ]
        progress.step("stopping the servers")
    progress.step("done")
    met = {
        "storing": storing.per_second >= STORING_TARGET,
        "indexing": indexing.times_bare <= INDEXING_TARGET,
    }
    return Report(plan, machine, masking, storing, placing, indexing, search, met)


def _machine() -> dict[str, object]:
    return {
        "cores": os.cpu_count(),
        "load_before": [round(one, 2) for one in os.getloadavg()],
        "python": platform.python_version(),
        "architecture": platform.machine(),
    }


def table(report: Report) -> str:
    """The figures for a person."""
    masking, storing, placing, indexing = report.masking, report.storing, report.placing, report.indexing
    ms = masking.milliseconds
    lines = [
        ("masking, one core", f"{masking.per_second:,.0f} messages/s",
         f"p50 {ms.p50:.1f} ms, p99 {ms.p99:.1f} ms, max {ms.max:.0f} ms; "
         f"{masking.per_second_again:,.0f}/s when the words are known"),
        ("stream to rows", f"{storing.per_second:,.0f} messages/s",
         f"target {STORING_TARGET:,}: {_verdict(report.met['storing'])}; {storing.cpu_seconds_per_1000:.2f} s of CPU a 1,000"),
        ("  one bare COPY", f"{storing.bare_copy_per_second:,.0f} messages/s",
         f"the road takes {storing.times_bare_copy:.1f} times as long"),
        ("  bare INSERTs by 200", f"{storing.bare_insert_per_second:,.0f} messages/s",
         f"the road takes {storing.times_bare_insert:.1f} times as long"),
        ("  with threads, units", f"{placing.per_second:,.0f} messages/s",
         f"{placing.times_storing:.1f} times as long as storing alone; {placing.units:,} units"),
        ("indexing", f"{indexing.units_per_second:,.1f} units/s",
         f"{indexing.times_bare:.3f} times the bare engine's time, "
         f"target {INDEXING_TARGET}: {_verdict(report.met['indexing'])}"),
        ("  bare engine", f"{indexing.bare_units_per_second:,.1f} units/s",
         f"the same {indexing.texts} texts of {indexing.characters} characters"),
    ]  # fmt: skip
    lines += [
        (f"search, {one.units:,} units", f"{one.every_chat.p50:,.1f} ms", _search_more(one)) for one in report.search
    ]
    return "\n".join(f"{what:22} {figure:>18}   {more}" for what, figure, more in lines)


def _search_more(one: SearchFigures) -> str:
    return (
        f"p95 {one.every_chat.p95:.1f} ms; one chat of {one.chats}: p50 {one.one_chat.p50:.1f} ms, "
        f"p95 {one.one_chat.p95:.1f} ms; the question's own vector takes {one.embedding_question.p50:.1f} ms"
    )


def _verdict(met: bool) -> str:
    return "met" if met else "MISSED"


async def _until_stopped(plan: Plan, progress: Progress) -> Report:
    measuring = asyncio.current_task()
    assert measuring is not None
    # Ctrl-C cancels by itself; `kill` shall stop the servers as well.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, measuring.cancel)
    return await measure(plan, progress)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write the JSON."""
    options = _parser().parse_args(arguments)
    plan = QUICK if options.quick else FULL if options.full else NORMAL
    for name, value in THREADS.items():  # as `otklik` itself does
        os.environ.setdefault(name, value)
    try:
        report = asyncio.run(_until_stopped(plan, Progress()))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit("Stopped; the servers are down and their data is gone.")
    except OtklikError as error:
        sys.exit(str(error))
    print(table(report))
    if options.json:
        options.json.write_text(json.dumps(asdict(report), indent=2) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.road", description=__doc__)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="small amounts, one round, under a minute; rougher figures")
    size.add_argument("--full", action="store_true", help="more rounds, and search at 50,000 units")
    parser.add_argument("--json", type=Path, metavar="OUT", help="also write all figures to this file")
    return parser


if __name__ == "__main__":
    main()
