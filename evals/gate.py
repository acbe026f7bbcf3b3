"""Whether a candidate may go live. Pure: two runs in, verdict and reasons out."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.errors import BadInput
from evals.comparing import GATING, JUDGED, Comparison, Marks, Measure, compare, worse
from evals.metrics.scores import Scores
from evals.results import Run

ALPHA: Final = 0.05
"""The rate of false alarms: of a hundred gates for changes that change nothing, five stay shut by chance."""


@dataclass(frozen=True, slots=True)
class Gate:
    """The verdict."""

    alpha: float
    comparisons: Sequence[Comparison]
    worse: Sequence[Comparison]
    """Measures in which the candidate is worse, by more than chance."""
    outside: int
    """Cases in which the candidate cites what its asker may not see. Search makes that impossible, so none is put down to
    chance."""

    @property
    def is_open(self) -> bool:
        """Whether the candidate may pass."""
        return not self.worse and not self.outside

    @property
    def reasons(self) -> Sequence[str]:
        """Why not."""
        found = [
            f"{one.measure.name}: {one.base:.3f} → {one.candidate:.3f} over {one.cases} cases (p {one.p_worse:.4f})"
            for one in self.worse
        ]
        return [*found, f"cites what its asker may not see, in {self.outside} cases"] if self.outside else found


def gate(base: Run, candidate: Run, alpha: float = ALPHA) -> Gate:
    """Compare two finished runs.

    Raises:
        BadInput: they answered different cases, or different judges marked them, so they say nothing about each other.
    """
    if base.fingerprint != candidate.fingerprint:
        raise BadInput(
            f"The runs {base.label!r} and {candidate.label!r} answered different cases; run both on the same datasets."
        )
    before, after = marks_of(base), marks_of(candidate)
    comparisons = compare(before, after, measures_of(base, candidate), alpha)
    return Gate(
        alpha=alpha,
        comparisons=comparisons,
        worse=worse(comparisons, alpha),
        outside=sum(any(scores.outside for scores in answers) for answers in after.values()),
    )


def marks_of(run: Run) -> Marks:
    """The marks of a run by case."""
    found = defaultdict[str, list[Scores]](list)
    for result in run.results:
        found[result.case_id].append(result.scores)
    return found


def measures_of(base: Run, candidate: Run) -> Sequence[Measure]:
    """What decides between these two.

    Raises:
        BadInput: only one was judged, or each by another judge.
    """
    judges = [run.setup["judge"] for run in (base, candidate)]
    if judges[0] != judges[1]:
        who = " and ".join(f"{run.label!r} by {run.setup['judge'] or 'none'}" for run in (base, candidate))
        raise BadInput(f"The runs were marked by different judges, {who}; run both with the same.")
    return (*GATING, *JUDGED) if judges[0] else GATING
