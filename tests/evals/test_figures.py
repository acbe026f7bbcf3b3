"""A run in figures: means over what they say something about, and counts."""

from decimal import Decimal

import pytest

from evals.figures import figures
from tests.evals.marks import result, scores

RUN = [
    result("right", scores(right=1, hit_1=1, reciprocal_rank=1, facts=1, personal=1), latency_ms=100),
    result("missed", scores(right=0, hit_1=0, reciprocal_rank=0.5, facts=0.5, outside=2), latency_ms=300),
    result("shy", scores(right=0, refused=1, facts=0, characters=10), latency_ms=200, cost_usd=Decimal(0)),
    result("rightly", scores(right=1, refused=1, must_refuse=1), latency_ms=400),
    result("bold", scores(right=0, must_refuse=1), latency_ms=1_000),
]


@pytest.mark.parametrize(
    ("name", "value", "answers"),
    [
        ("right", 2 / 5, 5),
        ("hit@1", 1 / 2, 2),
        ("mrr", 0.75, 2),
        ("answered", 2 / 3, 3),
        ("refusal precision", 1 / 2, 2),
        ("refusal recall", 1 / 2, 2),
        ("facts", 0.5, 3),
        ("personal data", 1, 5),
        ("sources outside", 2, 5),
        ("characters", 100, 5),
        ("latency p50, ms", 300, 5),
        ("cost of one, $", 0.008, 5),
    ],
)
def test_a_figure(name: str, value: float, answers: int) -> None:
    found = figures(RUN)[name]
    assert found.value == pytest.approx(value)
    assert found.answers == answers


def test_what_says_nothing_is_left_out() -> None:
    assert "faithful" not in figures(RUN)
    assert "refusal precision" not in figures(RUN[:2])
    assert figures([]) == {}


def test_counts_and_money_are_written_as_such() -> None:
    found = figures(RUN)
    told = [str(found[name]) for name in ("right", "personal data", "latency p50, ms", "cost of one, $")]
    assert told == ["0.400", "1", "300", "0.0080"]


def test_the_slowest_of_one_is_that_one() -> None:
    assert figures(RUN[:1])["latency p95, ms"].value == 100
