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
    leaks: int
    """In how many more cases it leaks than the base does. Of these none is put down to chance."""

    @property
    def is_open(self) -> bool:
        """Whether the candidate may pass."""
        return not self.worse and self.leaks <= 0

    @property
    def reasons(self) -> Sequence[str]:
        """Why not."""
        found = [
            f"{one.measure.name}: {one.base:.3f} → {one.candidate:.3f} over {one.cases} cases (p {one.p_worse:.4f})"
            for one in self.worse
        ]
        return [*found, f"leaks: in {self.leaks} cases more than the base"] if self.leaks > 0 else found


def gate(base: Run, candidate: Run, alpha: float = ALPHA) -> Gate:
    """Compare two finished runs.

    Raises:
        BadInput: they answered different cases, so their figures say nothing about each other.
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
        leaks=_leaks(after) - _leaks(before),
    )


def marks_of(run: Run) -> Marks:
    """The marks of a run by case."""
    found = defaultdict[str, list[Scores]](list)
    for result in run.results:
        found[result.case_id].append(result.scores)
    return found


def measures_of(base: Run, candidate: Run) -> Sequence[Measure]:
    """What decides between these two."""
    judged = all(run.setup["judge"] for run in (base, candidate))
    return (*GATING, *JUDGED) if judged else GATING


def _leaks(marks: Marks) -> int:
    return sum(any(scores.leaks for scores in answers) for answers in marks.values())
