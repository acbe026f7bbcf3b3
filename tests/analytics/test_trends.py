"""What is talked about more than before, beyond chance."""

import pytest

from analytics.trends import Trend, trend_of


@pytest.mark.parametrize(
    ("now", "before", "trend"),
    [
        (4, 0, Trend.STEADY),  # too few
        (5, 0, Trend.RISING),
        (5, 3, Trend.STEADY),  # 1.7 times as many, but chance does that
        (40, 20, Trend.RISING),
        (1_300, 1_000, Trend.STEADY),  # beyond chance, but not 1.5 times as many
        (1_500, 1_000, Trend.RISING),
        (20, 40, Trend.FALLING),
        (0, 5, Trend.FALLING),
        (0, 4, Trend.STEADY),
        (0, 0, Trend.STEADY),
    ],
)
def test_a_trend_needs_enough_and_more_than_chance(now: int, before: int, trend: Trend) -> None:
    assert trend_of(now, before, is_new=False) is trend


def test_what_nobody_spoke_of_before_is_new_once_there_is_enough_of_it() -> None:
    assert trend_of(5, 0, is_new=True) is Trend.NEW
    assert trend_of(4, 0, is_new=True) is Trend.STEADY
