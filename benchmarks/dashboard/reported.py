"""`otklik report` over the same year: reading its facts, one query after the other, and making its pages."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from analytics.queries.inputs import Period
from analytics.reports.document import document_of
from analytics.reports.facts import gather
from benchmarks.dashboard.asked import ZONE
from benchmarks.dashboard.year import ENDS
from core.db.session import Reader
from core.domain.access import AccessScope
from core.llm.budget import Budgets
from core.llm.ledger import Purse
from core.llm.prices import load_prices

ROUNDS = 3


@dataclass(frozen=True, slots=True)
class ReportTime:
    """Of a report on all chats; seconds, medians."""

    days: int
    facts: float
    pages: float


async def reported(reader: Reader, lengths: Sequence[int]) -> list[ReportTime]:
    """For each length of the period, in days; the first report of all does not count."""
    await _timed(reader, lengths[0])
    found = []
    for days in lengths:
        rounds = [await _timed(reader, days) for _ in range(ROUNDS)]
        facts, pages = (median(times) for times in zip(*rounds, strict=True))
        found.append(ReportTime(days, facts, pages))
    return found


async def _timed(reader: Reader, days: int) -> tuple[float, float]:
    period, purse = Period(ENDS - timedelta(days=days), ENDS, ZONE), Purse(Budgets(), ZONE)
    began = time.perf_counter()
    async with reader.reading() as session:
        facts = await gather(session, AccessScope.operator(), period, purse, load_prices(), ENDS)
    read = time.perf_counter()
    document_of(facts, "ru")
    return read - began, time.perf_counter() - read
