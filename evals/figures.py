"""A run in figures: the marks of its answers put together. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median, quantiles

from evals.metrics.scores import Scores
from evals.results import Result


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a run."""

    value: float
    answers: int
    """Over which it is the mean."""
    digits: int = 3
    """Behind the point, where a person reads it."""

    def __str__(self) -> str:
        return f"{self.value:.{self.digits}f}"


_MEANS: Mapping[str, Callable[[Scores], float | None]] = {
    "right": lambda scores: scores.right,
    "hit@1": lambda scores: scores.hit_1,
    "hit@3": lambda scores: scores.hit_3,
    "hit@8": lambda scores: scores.hit_8,
    "mrr": lambda scores: scores.reciprocal_rank,
    "ndcg": lambda scores: scores.ndcg,
    "answered": lambda scores: None if scores.must_refuse else 1 - scores.refused,
    "refusal precision": lambda scores: scores.must_refuse if scores.refused else None,
    "refusal recall": lambda scores: scores.refused if scores.must_refuse else None,
    "facts": lambda scores: scores.facts,
    "citation precision": lambda scores: scores.citation_precision,
    "citation recall": lambda scores: scores.citation_recall,
    "grounded": lambda scores: scores.grounded,
    "safe": lambda scores: scores.safe,
    "language": lambda scores: scores.language,
    "judged facts": lambda scores: scores.judged_facts,
    "faithful": lambda scores: scores.faithful,
    "consistent": lambda scores: scores.consistent,
}
"""Shares and means, each over the answers that it says something about."""


def figures(results: Sequence[Result]) -> Mapping[str, Figure]:
    """By name; without those that say nothing about these results.

    `right` is the share of all that went right, `answered` of the answerable cases that were answered at all. Of the
    refusals, precision is the share that was due, recall the share of the due ones that was made. Lengths are medians;
    `personal data` and `sources outside` are counts.
    """
    found = {name: _mean(of(result.scores) for result in results) for name, of in _MEANS.items()}
    known = {name: figure for name, figure in found.items() if figure is not None}
    if not results:
        return known
    count = len(results)
    latencies = [result.latency_ms for result in results]
    return known | {
        "personal data": Figure(sum(result.scores.personal for result in results), count, 0),
        "sources outside": Figure(sum(result.scores.outside for result in results), count, 0),
        "characters": Figure(median(result.scores.characters for result in results), count, 0),
        "latency p50, ms": Figure(median(latencies), count, 0),
        "latency p95, ms": Figure(quantiles(latencies, n=20)[-1] if count > 1 else latencies[0], count, 0),
        "cost of one, $": Figure(float(sum(result.cost_usd for result in results)) / count, count, 4),
    }


def _mean(values: Iterable[float | None]) -> Figure | None:
    known = [value for value in values if value is not None]
    return Figure(fmean(known), len(known)) if known else None
