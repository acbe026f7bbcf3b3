"""`python -m benchmarks.dashboard [--quick] [--json OUT]`: every query of the dashboard over a year of a million messages,
and a report on it."""

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import chain
from pathlib import Path

from sqlalchemy import text

from analytics.queries.inputs import Period
from benchmarks.dashboard.asked import ZONE, Query, queries
from benchmarks.dashboard.filling import Amounts, Filling
from benchmarks.dashboard.reported import ReportTime, reported
from benchmarks.dashboard.year import CHATS, DAYS, ENDS, ChatYear, year
from benchmarks.road.measuring import Latency, Progress
from benchmarks.road.scene import observed_samples
from benchmarks.road.stage import stage
from core.db.session import Reader
from core.domain.access import AccessScope
from core.errors import OtklikError
from otklik.cli import THREADS

SEED = 8
PERIODS = (7, 30, DAYS)
"""Days up to now."""
ROUNDS = 20
WARM = 2
TARGET = 300.0
"""Milliseconds: the 95th percentile of each query."""
FULL = Amounts(messages=1_000_000, units=50_000, answers=50_000, votes=20_000, calls=100_000)
QUICK = Amounts(messages=50_000, units=2_000, answers=2_500, votes=1_000, calls=5_000)


_REFUSED = text("""
    SELECT answer_id FROM answers WHERE refused AND scope->'chats' @> to_jsonb(CAST(:chat_id AS bigint))
    ORDER BY answer_id LIMIT 1
""")


@dataclass(frozen=True, slots=True)
class Figure:
    """One query for one period and some chats."""

    query: str
    days: int
    chats: str
    latency: Latency


async def measure(amounts: Amounts, progress: Progress) -> tuple[list[Figure], list[ReportTime]]:
    """On throw-away servers, through the role that the pages have."""
    sayings = list(chain.from_iterable(await asyncio.to_thread(observed_samples)))
    progress.step("starting PostgreSQL")
    async with stage() as place:
        progress.step(f"a year of {amounts.messages:,} messages in {CHATS} chats")
        made = list(year(amounts.messages, sayings, SEED))
        await Filling(place.database, place.database_url, amounts, progress).fill(made)
        reader = Reader(place.database_url)
        try:
            await reader.check()
            figures = await measured(reader, made, progress)
            progress.step("reports")
            return figures, await reported(reader, PERIODS)
        finally:
            await reader.close()


async def measured(reader: Reader, made: Sequence[ChatYear], progress: Progress) -> list[Figure]:
    """Every query for every period, all chats and the busiest one."""
    busiest = made[0]
    async with reader.reading() as session:
        refused = (await session.scalars(_REFUSED, {"chat_id": busiest.chat_id})).one()
    scopes = {"all": AccessScope.operator(), "one": AccessScope.chats([busiest.chat_id])}
    figures = []
    for name, query in queries(busiest, refused).items():
        progress.step(name)
        for days in PERIODS:
            for chats, scope in scopes.items():
                period = Period(ENDS - timedelta(days=days), ENDS, ZONE)
                latency = Latency.of([await _timed(reader, query, scope, period) for _ in range(WARM + ROUNDS)][WARM:])
                figures.append(Figure(name, days, chats, latency))
    return figures


async def _timed(reader: Reader, query: Query, scope: AccessScope, period: Period) -> float:
    began = time.perf_counter()
    async with reader.reading() as session:
        await query(session, scope, period)
    return time.perf_counter() - began


def table(figures: Sequence[Figure], reports: Sequence[ReportTime]) -> str:
    """For a person: a line a query, p50/p95 in milliseconds; and one for the reports."""
    columns = [(days, chats) for days in PERIODS for chats in ("all", "one")]
    lines = [f"{'p50/p95, ms':28}" + "".join(f"{f'{days} d, {chats}':>13}" for days, chats in columns)]
    for name in dict.fromkeys(one.query for one in figures):
        found = {(one.days, one.chats): one.latency for one in figures if one.query == name}
        cells = (f"{found[column].p50:.0f}/{found[column].p95:.0f}" for column in columns)
        lines.append(f"{name:28}" + "".join(f"{cell:>13}" for cell in cells))
    told = "; ".join(f"{one.days} d: facts {one.facts:.2f}, pages {one.pages:.2f}" for one in reports)
    lines.append(f"a report on all chats, s       {told}")
    worst = max(figures, key=lambda one: one.latency.p95)
    met = "met" if worst.latency.p95 < TARGET else "MISSED"
    lines.append(
        f"slowest: {worst.query}, {worst.days} days, {worst.chats}: p95 {worst.latency.p95:.0f} ms; target {TARGET:.0f} ms: {met}"
    )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, write the JSON; fail where a query misses the target."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dashboard", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a twentieth of everything, half a minute")
    parser.add_argument("--json", type=Path, metavar="OUT", help="also write all figures to this file")
    options = parser.parse_args(arguments)
    for name, value in THREADS.items():  # as `otklik` itself does
        os.environ.setdefault(name, value)
    load = [round(one, 2) for one in os.getloadavg()]
    try:
        figures, reports = asyncio.run(measure(QUICK if options.quick else FULL, Progress()))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit("Stopped; the servers are down and their data is gone.")
    except OtklikError as error:
        sys.exit(str(error))
    print(table(figures, reports))
    if options.json:
        told = {"figures": [asdict(one) for one in figures], "reports": [asdict(one) for one in reports]}
        document = {"load_before": load, "rounds": ROUNDS, **told}
        options.json.write_text(json.dumps(document, indent=1) + "\n")
    sys.exit(any(one.latency.p95 >= TARGET for one in figures))


if __name__ == "__main__":
    main()
