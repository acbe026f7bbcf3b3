"""The same comparison, made many times: each side is answered anew, through the real gateway and runner."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from scipy import stats

from core.db.session import Database
from evals import results
from evals.cases import Case
from evals.gate import Gate, gate
from evals.results import Run
from evals.running import Plan, Runner
from evals.versions import Version

SURELY = 0.99
"""With which a gate that alarms no more often than it says stays within the bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What is compared, on what, and how."""

    base: Version
    candidate: Version
    model: str
    cases: Sequence[Case]
    alpha: float


@dataclass(frozen=True, slots=True)
class Repeated:
    """What came of it."""

    gates: Sequence[Gate]
    paid_usd: Decimal

    @property
    def shut(self) -> int:
        """Comparisons that called the candidate worse."""
        return sum(not one.is_open for one in self.gates)


def bound(comparisons: int, alpha: float) -> int:
    """The alarms that a gate with this rate does not exceed, but once in a hundred such rounds (the exact binomial).

    >>> bound(200, 0.05)
    18
    """
    return int(stats.binom.ppf(SURELY, comparisons, alpha))


async def repeat(
    runner: Runner, database: Database, what: Compared, times: int, progress: Callable[[int, int], None]
) -> Repeated:
    """Compare so often."""
    gates, paid = [], Decimal(0)
    for number in range(times):
        progress(number, times)
        before = await _answered(runner, database, what, what.base, f"base {number}")
        after = await _answered(runner, database, what, what.candidate, f"candidate {number}")
        gates.append(gate(before, after, what.alpha))
        paid += before.paid_usd + after.paid_usd
    return Repeated(gates, paid)


async def _answered(runner: Runner, database: Database, what: Compared, version: Version, label: str) -> Run:
    plan = Plan(
        label=label, version=version, model=what.model, cases=what.cases, datasets=("benchmark",), fresh=True,
    )  # fmt: skip
    outcome = await runner.run(plan, lambda *_: None)
    assert not outcome.failed, outcome.failed
    async with database.reading() as session:
        return await results.load(session, outcome.run_id)
