"""A run in figures: the marks of its answers put together. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median, quantiles

from evals.metrics.scores import Scores
from evals.results import Result


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a run, and over how many answers it is the mean."""

    value: float
    answers: int


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
    refusals, precision is the share that was due, recall the share of the due ones that was made. Lengths are medians.
    """
    found = {name: _mean(of(result.scores) for result in results) for name, of in _MEANS.items()}
    known = {name: figure for name, figure in found.items() if figure is not None}
    if not results:
        return known
    count = len(results)
    latencies = [result.latency_ms for result in results]
    return known | {
        "leaks": Figure(sum(result.scores.leaks for result in results), count),
        "characters": Figure(median(result.scores.characters for result in results), count),
        "latency p50, ms": Figure(median(latencies), count),
        "latency p95, ms": Figure(quantiles(latencies, n=20)[-1] if count > 1 else latencies[0], count),
        "cost, $": Figure(float(sum(result.cost_usd for result in results)), count),
    }


def _mean(values: Iterable[float | None]) -> Figure | None:
    known = [value for value in values if value is not None]
    return Figure(fmean(known), len(known)) if known else None
