"""Fitting the threshold of refusing on the operator's own labelled cases: how strong must evidence be, so that what is answered
is right often enough?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scipy.stats import binomtest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.models import Calibration
from core.errors import BadInput
from evals.cases import Case, fingerprint

LEAST: Final = 40
"""Cases from which a threshold can be fitted,"""
LEAST_WRONG: Final = 10
"""and how many of them must be ones whose answer would be wrong: without these every threshold looks good."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One case, as it would be answered if nothing were refused."""

    strength: float
    """Of the evidence (`assistant.retrieval.evidence.strength_of`); 0 where nothing was found."""
    is_right: bool
    """The answer would come from a right source."""
    is_answerable: bool


@dataclass(frozen=True, slots=True)
class Point:
    """What one threshold would do."""

    threshold: float
    answered: int
    precision: float
    """The share of the answered cases whose answer is right."""
    coverage: float
    """The share of the answerable cases that are answered rightly."""

    @property
    def interval(self) -> tuple[float, float]:
        """Between what the precision lies on other cases like these, 95 times of 100 (Clopper and Pearson)."""
        found = binomtest(round(self.precision * self.answered), self.answered).proportion_ci(0.95)
        return float(found.low), float(found.high)


def tells(case: Case) -> bool:
    """Whether a case says how strong evidence must be: it is known where its answer is, or that there is none. Not where only a
    vetted answer is right, which was asked in the very words of the case: each of those would look strong."""
    return not case.before and (case.must_refuse or bool(case.relevant_messages))


def curve(observations: Sequence[Observation]) -> Sequence[Point]:
    """Every threshold that makes a difference, the strictest first.

    >>> seen = [Observation(0.9, True, True), Observation(0.8, False, False)]
    >>> [(point.threshold, point.precision, point.coverage) for point in curve(seen)]
    [(0.9, 1.0, 1.0), (0.8, 0.5, 1.0)]
    """
    answerable = sum(one.is_answerable for one in observations)
    ordered = sorted((one for one in observations if one.strength > 0), key=lambda one: -one.strength)
    points, right = list[Point](), 0
    for count, one in enumerate(ordered, 1):
        right += one.is_right
        if count < len(ordered) and ordered[count].strength == one.strength:
            continue
        points.append(Point(one.strength, count, right / count, right / answerable if answerable else 0.0))
    return points


def fit(observations: Sequence[Observation], precision: float) -> Point:
    """The lowest threshold from which on what is answered is right so often: it answers the most.

    Raises:
        BadInput: there are too few cases, or no threshold reaches it.
    """
    wrong = sum(not one.is_right for one in observations)
    if len(observations) < LEAST or wrong < LEAST_WRONG:
        raise BadInput(
            f"{len(observations)} cases, {wrong} of them without a right answer: a threshold needs {LEAST} and "
            f"{LEAST_WRONG}. Accept more of `otklik evals harvest`, above all questions that had to be refused."
        )
    points = curve(observations)
    good = [point for point in points if point.precision >= precision]
    if not good:
        best = max(points, key=lambda point: (point.precision, point.coverage), default=None)
        reached = (
            f"; the best is {best.precision:.1%}, with {best.coverage:.1%} of what can be answered" if best else ""
        )
        raise BadInput(f"No threshold reaches a precision of {precision:.1%} on these cases{reached}.")
    return min(good, key=lambda point: point.threshold)


async def keep(
    session: AsyncSession, embedding_model: str, wanted: float, fitted: Point, cases: Sequence[Case]
) -> None:
    """From now on answers are given from this strength on, as long as the index is of this embedding model."""
    row = {
        "embedding_model": embedding_model,
        "threshold": fitted.threshold,
        "wanted_precision": wanted,
        "precision": fitted.precision,
        "coverage": fitted.coverage,
        "cases": len(cases),
        "fingerprint": fingerprint(cases),
    }
    await session.execute(insert(Calibration).values(row))
