"""Whether something is talked about more than before. Pure."""

from enum import StrEnum
from math import sqrt

ENOUGH = 5
"""Messages below which nothing is called a trend: two instead of one is doubled."""
TIMES = 1.5
"""How much more, or less, it must at least be."""
DEVIATIONS = 2.0
"""How far beyond chance: messages that come by themselves vary by the square root of their number."""


class Trend(StrEnum):
    """What a count is to the one before it."""

    NEW = "new"
    """Nobody has spoken of it before this period."""
    RISING = "rising"
    FALLING = "falling"
    STEADY = "steady"


def trend_of(now: int, before: int, *, is_new: bool) -> Trend:
    """The trend of a count against the one of the period before, of the same length.

    Rising: at least `ENOUGH` now, at least `TIMES` as many, and more by `DEVIATIONS` standard deviations of the difference
    of two counts (the root of their sum). Falling: the same with both exchanged. New: at least `ENOUGH`, none ever before.

    >>> [trend_of(*counts, is_new=False).value for counts in ((30, 12), (7, 5), (12, 30), (4, 0))]
    ['rising', 'steady', 'falling', 'steady']
    """
    if is_new and now >= ENOUGH:
        return Trend.NEW
    if _exceeds(now, before):
        return Trend.RISING
    return Trend.FALLING if _exceeds(before, now) else Trend.STEADY


def _exceeds(more: int, less: int) -> bool:
    return more >= ENOUGH and more >= TIMES * less and more - less >= DEVIATIONS * sqrt(more + less)
