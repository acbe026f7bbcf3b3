"""Whether one run is worse than another, case by case. Pure: the marks of both in, differences and their significance out.

Both runs answered the same cases, so each case is compared with itself (a paired test): what makes cases hard cancels out.
The test flips the signs of the differences: exact where few cases differ, with 9,999 random flips where many do. It assumes
nothing of the marks but that without a change a case is as likely to gain as to lose.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from evals.metrics.scores import Scores

FLIPS: Final = 9_999
BATCH: Final = 500
"""Flips that are held in memory at a time: 40 MB for 10,000 cases."""
SEED: Final = 7
"""The same two runs give the same verdict each time."""
POWER: Final = 0.8
"""With which the detectable difference would be found."""

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Measure:
    """A mark that is compared. More is better."""

    name: str
    says: str
    of: Callable[[Scores], float | None]


GATING: Final = (
    Measure("right", "answered from a right source, or refused where it had to be", lambda scores: scores.right),
    Measure("found", "reciprocal rank of the first right unit", lambda scores: scores.reciprocal_rank),
    Measure("facts", "share of the facts that the answer says", lambda scores: scores.facts),
    Measure("grounded", "share of its numbers and codes that its sources have", lambda scores: scores.grounded),
    Measure("safe", "says nothing that must not be said", lambda scores: scores.safe),
    Measure("language", "in the language of the question", lambda scores: scores.language),
)
"""What decides, where no judge was asked."""
JUDGED: Final = (
    Measure(
        "judged facts",
        "share of the facts that the answer says, as the judge reads it",
        lambda scores: scores.judged_facts,
    ),
    Measure("faithful", "the judge found no statement without a source", lambda scores: scores.faithful),
    Measure("consistent", "the judge found no contradiction to the sources", lambda scores: scores.consistent),
)
"""What decides beside it, where both runs were judged."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One measure in both runs, over the cases that it says something about in both."""

    measure: Measure
    cases: int
    base: float
    """Means over these cases."""
    candidate: float
    differing: int
    """Cases with another mark."""
    p_worse: float
    """How often so great a loss would be seen if nothing had changed."""
    detectable: float | None
    """The smallest loss of the mean that these cases would show in four of five comparisons; None: they are too few for any."""

    @property
    def difference(self) -> float:
        """Candidate less base."""
        return self.candidate - self.base


Marks: TypeAlias = Mapping[str, Sequence[Scores]]
"""By case: the marks of its answers."""


def compare(base: Marks, candidate: Marks, measures: Sequence[Measure], alpha: float) -> Sequence[Comparison]:
    """Each measure on the cases that both runs have. `alpha`: the rate of false alarms over all measures together."""
    pairs = {measure: _paired(base, candidate, measure) for measure in measures}
    known = {measure: found for measure, found in pairs.items() if len(found)}
    return [_compared(measure, found, alpha / len(known)) for measure, found in known.items()]


def worse(comparisons: Sequence[Comparison], alpha: float) -> Sequence[Comparison]:
    """Those in which the candidate is worse, by Holm's procedure: if nothing has changed, any at all is named in at most
    `alpha` of all comparisons, however many measures there are.

    >>> worse([], 0.05)
    []
    """
    found: list[Comparison] = []
    for place, one in enumerate(sorted(comparisons, key=lambda one: one.p_worse)):
        if one.p_worse > alpha / (len(comparisons) - place):
            break
        found.append(one)
    return found


def means(marks: Marks, measure: Measure) -> Mapping[str, float]:
    """A measure by case, over its answers; without those that it says nothing about."""
    values = defaultdict[str, list[float]](list)
    for case, answers in marks.items():
        for scores in answers:
            value = measure.of(scores)
            if value is not None:
                values[case].append(value)
    return {case: fmean(given) for case, given in values.items()}


def _paired(base: Marks, candidate: Marks, measure: Measure) -> Floats:
    """Rows of base and candidate, a column a case."""
    before, after = means(base, measure), means(candidate, measure)
    return np.array([(before[case], after[case]) for case in sorted(before.keys() & after.keys())], dtype=np.float64)


def _compared(measure: Measure, pairs: Floats, alpha: float) -> Comparison:
    differences = pairs[:, 1] - pairs[:, 0]
    return Comparison(
        measure=measure,
        cases=len(pairs),
        base=float(pairs[:, 0].mean()),
        candidate=float(pairs[:, 1].mean()),
        differing=int(np.count_nonzero(differences)),
        p_worse=_p_worse(differences),
        detectable=_detectable(differences, alpha),
    )


def _p_worse(differences: Floats) -> float:
    differing = differences[differences != 0]
    if not len(differing):
        return 1.0
    if len(differing) == 1:
        return 0.5 if differing[0] < 0 else 1.0
    found = stats.permutation_test(
        (differing,),
        np.mean,
        permutation_type="samples",
        alternative="less",
        n_resamples=FLIPS,
        vectorized=True,
        batch=BATCH,
        rng=np.random.default_rng(SEED),
    )
    return float(found.pvalue)


def _detectable(differences: Floats, alpha: float) -> float | None:
    """The loss δ at which the test would reach `alpha` with `POWER`, if each case were wholly lost with the chance δ.

    By the normal approximation, with the spread of the differences that there are (the models' moods) and that of the loss
    itself: δ² n = k² (spread² + δ (1 - δ)). At least what it takes to lose so many cases that the exact test can reach `alpha`.
    """
    cases, needed = len(differences), math.ceil(math.log2(1 / alpha))
    if cases < needed:
        return None
    quantile = NormalDist().inv_cdf
    k_2, spread_2 = (quantile(1 - alpha) + quantile(POWER)) ** 2, float(differences.var(ddof=1))
    approximately = (k_2 + math.sqrt(k_2**2 + 4 * (cases + k_2) * k_2 * spread_2)) / (2 * (cases + k_2))
    at_least = float(stats.beta.ppf(POWER, needed, cases - needed + 1))
    return max(approximately, at_least)
