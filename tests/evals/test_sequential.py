"""Evidence that may be looked at any time: how often it is wrong under peeking, and how soon it is right."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.experiments import ENOUGH
from evals.sequential import BOLDEST, evidence, paired

ROUNDS = 500
PEOPLE = 250


def shares(base: float, candidate: float, rounds: int = ROUNDS, people: int = PEOPLE, seed: int = 5) -> list[float]:
    """The evidence that the candidate is liked more, once each of so many pairs has voted; looked at after every one of them,
    because the greatest that ever was is what counts."""
    rng = np.random.default_rng(seed)
    votes = (rng.random((rounds, people)) < candidate).astype(float) - (rng.random((rounds, people)) < base)
    return [evidence(one.tolist()) for one in votes]


@pytest.mark.parametrize("liked", [0.5, 0.8, 0.97])
@pytest.mark.parametrize("alpha", [0.05, 1 / ENOUGH])
def test_between_equals_it_is_wrong_no_more_often_than_stated_however_often_one_looks(
    liked: float, alpha: float
) -> None:
    """At most `alpha` of the experiments ever reach `1 / alpha`; three standard deviations are granted to the simulation."""
    wrong = sum(one >= 1 / alpha for one in shares(liked, liked)) / ROUNDS
    assert wrong <= alpha + 3 * (alpha * (1 - alpha) / ROUNDS) ** 0.5


def test_a_worse_candidate_is_hardly_ever_called_better() -> None:
    assert sum(one >= ENOUGH for one in shares(0.8, 0.7)) == 0


@pytest.mark.parametrize(("base", "candidate", "least"), [(0.6, 0.8, 0.9), (0.5, 0.9, 0.99), (0.7, 0.8, 0.2)])
def test_a_better_one_is_found(base: float, candidate: float, least: float) -> None:
    assert sum(one >= ENOUGH for one in shares(base, candidate)) / ROUNDS >= least


@given(st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0]), max_size=40))
def test_nobody_bets_more_than_they_have_and_evidence_never_shrinks(differences: list[float]) -> None:
    found = [evidence(differences[:count]) for count in range(len(differences) + 1)]
    assert found == sorted(found)
    assert found[0] == 1.0


@given(st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0]), min_size=1, max_size=10))
def test_the_bet_on_the_next_pair_is_fair(before: list[float]) -> None:
    """Whatever was seen, a pair that may go either way changes the money by nothing on average: that is why peeking does no
    harm. The money itself is told by a series that reaches a new height with its last win."""
    height = [1.0] * 60
    up, down = (evidence([*before, *height, last]) for last in (1.0, -1.0))
    level = evidence([*before, *height])
    assert level <= up <= level * (1 + BOLDEST) + 1e-9
    assert down == level


def test_a_difference_outside_its_bounds_is_a_bug() -> None:
    with pytest.raises(ValueError, match=r"1\.5 is outside"):
        evidence([1.5])


def test_pairs_are_those_that_came_first_second_and_so_on() -> None:
    assert paired([0.0, 1.0, 1.0], [1.0, 1.0]) == [1.0, 0.0]
    assert paired([], [1.0]) == []
