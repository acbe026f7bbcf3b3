"""The standard measures, against values that were worked out by hand."""

from math import log2

import pytest

from evals.metrics.retrieval import DEPTH, ranked

UNITS = [f"u{number}" for number in range(1, 11)]


@pytest.mark.parametrize(
    ("relevant", "hits", "reciprocal", "ndcg"),
    [
        ({"u1"}, (1, 1, 1), 1.0, 1.0),
        ({"u3"}, (0, 1, 1), 1 / 3, 1 / log2(4)),
        ({"u8"}, (0, 0, 1), 1 / 8, 1 / log2(9)),
        ({"u9"}, (0, 0, 0), 0.0, 0.0),
        ({"u2", "u4"}, (0, 1, 1), 1 / 2, (1 / log2(3) + 1 / log2(5)) / (1 + 1 / log2(3))),
        ({"u1", "absent"}, (1, 1, 1), 1.0, 1 / (1 + 1 / log2(3))),
    ],
)
def test_one_question(relevant: set[str], hits: tuple[int, int, int], reciprocal: float, ndcg: float) -> None:
    found = ranked(UNITS, relevant)
    assert (found["hit_1"], found["hit_3"], found[f"hit_{DEPTH}"]) == hits
    assert found["reciprocal_rank"] == pytest.approx(reciprocal)
    assert found["ndcg"] == pytest.approx(ndcg)


def test_nothing_found_is_nothing_right() -> None:
    assert set(ranked([], {"u1"}).values()) == {0.0}


def test_without_a_right_unit_there_is_no_measure() -> None:
    with pytest.raises(ValueError, match="nothing to be found"):
        ranked(UNITS, set())


def test_the_order_counts_and_not_the_names() -> None:
    assert ranked(["z", "a"], {"z"})["hit_1"] == 1
    assert ranked(["a", "z"], {"z"})["hit_1"] == 0
