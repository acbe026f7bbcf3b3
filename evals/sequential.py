"""Evidence that may be looked at any time, by betting: a test of whether one thing is more than another that stays valid
however often one looks, and whenever one stops. Pure.

Somebody who does not believe that the differences are positive on average offers even odds on each; we bet a part of our money
on it, chosen by the differences before it. If they are right, our money does not grow on average, and by Ville's inequality
it ever reaches `1 / alpha` times the stake with a probability of `alpha` at most. (Waudby-Smith and Ramdas, "Estimating
means of bounded random variables by betting", 2023; the bet is their aGRAPA.)
"""

from collections.abc import Iterable, Sequence
from typing import Final

BOLDEST: Final = 0.75
"""Of the money that is ever bet: a quarter is left after the worst difference."""
PRIOR: Final = 5.0
"""Differences of 0 that are taken as seen before the first: who bets boldly on two or three loses it all by chance."""
SPREAD: Final = 0.25
"""Their variance."""


def evidence(differences: Iterable[float]) -> float:
    """How many times the stake the money ever became, betting that the mean of the differences is above 0.

    `differences`: each from -1 to 1, in the order in which they came.

    >>> evidence([]), evidence([-1.0] * 50)
    (1.0, 1.0)
    >>> evidence([1.0] * 10) > 20
    True
    """
    money = most = 1.0
    count, total, squares = PRIOR, 0.0, PRIOR * SPREAD
    for difference in differences:
        if not -1 <= difference <= 1:
            raise ValueError(f"A difference of {difference} is outside -1 to 1.")
        mean = total / count
        variance = max(squares / count - mean**2, 1e-3)
        bet = min(max(mean / (variance + mean**2), 0.0), BOLDEST)
        money *= 1 + bet * difference
        most = max(most, money)
        count, total, squares = count + 1, total + difference, squares + difference**2
    return most


def paired(control: Sequence[float], candidate: Sequence[float]) -> list[float]:
    """The differences of those that came first, second, … in both; candidate less control.

    >>> paired([0.0, 1.0, 1.0], [1.0, 1.0])
    [1.0, 0.0]
    """
    return [new - old for old, new in zip(control, candidate, strict=False)]
