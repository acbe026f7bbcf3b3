"""What every measure needs: percentiles, medians over rounds, and somebody to tell how far it is."""

import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Latency:
    """How long single calls took, in milliseconds."""

    calls: int
    p50: float
    p95: float
    p99: float
    max: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Self:
        """From the seconds of every call.

        >>> Latency.of([0.001, 0.002, 0.003])
        Latency(calls=3, p50=2.0, p95=2.9, p99=2.98, max=3.0)
        """
        ordered = sorted(seconds)
        return cls(
            calls=len(ordered),
            p50=_percentile(ordered, 0.50),
            p95=_percentile(ordered, 0.95),
            p99=_percentile(ordered, 0.99),
            max=round(ordered[-1] * 1000, 3),
        )


def _percentile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    value = ordered[below] + (ordered[above] - ordered[below]) * (place - below)
    return round(value * 1000, 3)


def median(values: Sequence[float]) -> float:
    """The median, rounded for reading.

    >>> median([1.0, 50.0, 2.0])
    2.0
    """
    return round(statistics.median(values), 3)


class Progress:
    """Tells on stderr what is being measured; on a terminal also how far it is."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._live = sys.stderr.isatty()
        self._shown = 0.0

    def step(self, what: str) -> None:
        """A new step begins."""
        self._clear()
        print(f"{time.monotonic() - self._began:6.1f} s  {what}", file=sys.stderr, flush=True)

    def reach(self, done: int, total: int) -> None:
        """So much of the step is done."""
        now = time.monotonic()
        if self._live and now - self._shown > 0.2:
            self._shown = now
            print(f"\r          {done:,} of {total:,}", end="", file=sys.stderr, flush=True)

    def _clear(self) -> None:
        if self._live:
            print("\r\033[K", end="", file=sys.stderr)
