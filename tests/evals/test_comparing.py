"""The paired test against values worked out by hand, and what must hold of any two runs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.comparing import FLIPS, GATING, Comparison, compare, means, worse
from evals.metrics.scores import Scores
from tests.evals.marks import rights, scores

RIGHT = GATING[0]
ALPHA = 0.05
ROUNDS = 100

FEW = st.lists(st.tuples(*[st.sampled_from([None, 0.0, 0.5, 1.0])] * 2), min_size=1, max_size=9)
"""Marks of a few cases, in both runs."""


def compared(
    base: Sequence[float | None], candidate: Sequence[float | None], alpha: float = ALPHA
) -> Comparison | None:
    found = compare(rights(*base), rights(*candidate), [RIGHT], alpha)
    return found[0] if found else None


def p_worse(base: Sequence[float | None], candidate: Sequence[float | None]) -> float:
    found = compared(base, candidate)
    assert found is not None
    return found.p_worse


def tail(losses: int, wins: int) -> float:
    """How often a fair coin gives so few wins: the sign test."""
    count = losses + wins
    return sum(math.comb(count, each) for each in range(wins + 1)) / (1 << count)


@pytest.mark.parametrize(("losses", "wins"), [(1, 0), (5, 0), (13, 0), (4, 1), (6, 2), (3, 3), (0, 4)])
def test_with_few_differences_it_is_exactly_the_sign_test(losses: int, wins: int) -> None:
    base = [1.0] * losses + [0.0] * wins + [1.0] * 50
    candidate = [0.0] * losses + [1.0] * wins + [1.0] * 50
    assert p_worse(base, candidate) == pytest.approx(tail(losses, wins))


def test_differences_of_unequal_size_are_flipped_one_by_one() -> None:
    differences = [-1.0, -0.5, 0.25, -0.75]
    flips = [
        sum(sign * abs(one) for sign, one in zip(signs, differences, strict=True))
        for signs in product((1, -1), repeat=4)
    ]
    by_hand = sum(total <= sum(differences) + 1e-12 for total in flips) / len(flips)
    base = [1.0] * 4
    assert p_worse(base, [one + two for one, two in zip(base, differences, strict=True)]) == pytest.approx(by_hand)


def test_with_many_differences_it_is_drawn_and_always_the_same() -> None:
    base, candidate = [1.0] * 20 + [0.0] * 10, [0.0] * 20 + [1.0] * 10
    p = p_worse(base, candidate)
    assert p == p_worse(base, candidate)
    assert p == pytest.approx(tail(20, 10), abs=4 * math.sqrt(tail(20, 10) / FLIPS))
    assert p_worse([1.0] * 40, [0.0] * 40) == pytest.approx(1 / (FLIPS + 1))


@given(FEW)
def test_a_loss_of_one_is_a_gain_of_the_other(pairs: list[tuple[float | None, float | None]]) -> None:
    base, candidate = ([pair[side] for pair in pairs] for side in (0, 1))
    one, other = compared(base, candidate), compared(candidate, base)
    if one is None or other is None:
        assert one is other
        return
    assert one.difference == pytest.approx(-other.difference)
    assert (one.cases, one.differing) == (other.cases, other.differing)
    assert one.detectable == pytest.approx(other.detectable)
    assert one.p_worse + other.p_worse >= 1 - 1e-9  # what is as extreme either way counts for both
    assert min(one.p_worse, other.p_worse) >= 1 / 2**one.differing - 1e-9


@given(FEW)
def test_nothing_that_differs_is_no_evidence(pairs: list[tuple[float | None, float | None]]) -> None:
    same = [pair[0] for pair in pairs]
    found = compared(same, same)
    assert found is None or (found.p_worse, found.differing, found.difference) == (1.0, 0, 0.0)


def test_only_cases_that_a_measure_speaks_of_in_both_runs_count() -> None:
    found = compared([1.0, None, 0.0, 1.0], [0.0, 1.0, None, 1.0])
    assert found is not None
    assert (found.cases, found.base, found.candidate, found.differing) == (2, 1.0, 0.5, 1)
    assert compare(rights(None), rights(1.0), GATING[:1], ALPHA) == []
    assert {one.measure.name for one in compare(rights(1.0), rights(1.0), GATING, ALPHA)} == {
        "right",
        "safe",
        "language",
    }


def test_answers_to_one_case_are_one_mark() -> None:
    marks = {"case": [scores(right=1), scores(right=0), scores(right=None)]}
    assert means(marks, RIGHT) == {"case": 0.5}


def named(**ps: float) -> Sequence[Comparison]:
    (usual,) = compare(rights(1.0), rights(1.0), [RIGHT], ALPHA)
    return [replace(usual, measure=replace(RIGHT, name=name), p_worse=p) for name, p in ps.items()]


@pytest.mark.parametrize(
    ("ps", "found"),
    [
        ({"a": 0.05}, ["a"]),
        ({"a": 0.051}, []),
        ({"a": 0.04, "b": 0.04}, []),
        ({"a": 0.04, "b": 0.02}, ["b", "a"]),
        ({"a": 0.01, "b": 0.03, "c": 0.04}, ["a"]),
        ({"a": 0.01, "b": 0.02, "c": 0.04}, ["a", "b", "c"]),
        ({"a": 0.02, "b": 0.001, "c": 0.9}, ["b", "a"]),
    ],
)  # fmt: skip
def test_several_measures_are_named_by_holms_procedure(ps: Mapping[str, float], found: list[str]) -> None:
    assert [one.measure.name for one in worse(named(**ps), ALPHA)] == found


def test_measures_without_a_case_take_nothing_of_alpha() -> None:
    lost = rights(*[0.0] * 5, *[1.0] * 20)
    (only,) = compare(rights(*[1.0] * 25), lost, [RIGHT], ALPHA)
    (beside,) = compare(rights(*[1.0] * 25), lost, [RIGHT, GATING[1]], ALPHA)
    assert only == beside
    assert worse([only], ALPHA) == [only]


@pytest.mark.parametrize("moody", [0.0, 0.05, 0.2])
def test_the_detectable_difference_is_what_the_test_finds_in_four_of_five(moody: float) -> None:
    """Cases that change by chance now and then, and beside that are lost with the chance that is said to be detectable."""
    rng, found = np.random.default_rng(11), 0
    told = compared(*_noisy(rng, moody, 0.0))
    assert told is not None
    assert told.detectable is not None
    for _ in range(ROUNDS):
        one = compared(*_noisy(rng, moody, told.detectable))
        assert one is not None
        found += bool(worse([one], ALPHA))
    assert 0.7 <= found / ROUNDS <= 0.95


def _noisy(rng: np.random.Generator, moody: float, loss: float, cases: int = 120) -> tuple[list[float], list[float]]:
    drawn = (rng.random((2, cases)) < 0.9).astype(float)
    moved = np.where(rng.random(cases) < moody, drawn[1], drawn[0])
    lost = np.where(rng.random(cases) < loss / drawn[0].mean(), 0.0, moved)
    return drawn[0].tolist(), lost.tolist()


@pytest.mark.parametrize(("cases", "shows"), [(4, False), (5, True)])
def test_where_the_cases_are_too_few_no_loss_would_show(cases: int, shows: bool) -> None:
    found = compared([1.0] * cases, [0.0] * cases)
    assert found is not None
    assert bool(worse([found], ALPHA)) is shows
    assert (found.detectable is not None) is shows


@settings(max_examples=25)
@given(st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0]), min_size=14, max_size=40))
def test_a_greater_loss_is_never_less_significant(differences: list[float]) -> None:
    base = [0.0] * len(differences)
    mild = p_worse(base, differences)
    worst = p_worse(base, [min(one, -one) for one in differences])
    assert worst <= mild + 1e-12


def test_every_gating_measure_is_read_from_its_mark() -> None:
    marks = Scores(
        right=0.1, refused=0, must_refuse=0, reciprocal_rank=0.2, facts=0.3, citation_precision=None, citation_recall=None,
        grounded=0.4, safe=0.5, personal=0, outside=0, language=0.6, characters=1,
    )  # fmt: skip
    assert [one.of(marks) for one in GATING] == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
