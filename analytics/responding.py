"""How soon staff answers, from the times that answers took. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.int64]
UNANSWERED = -1
"""In the place of the seconds that an answer took."""


@dataclass(frozen=True, slots=True)
class Responses:
    """How soon staff answered what clients asked. Only the answered are timed: read the percentiles beside the share that
    was answered."""

    asked: int
    """Threads in which a client asks something; each counts once, when it was first asked."""
    answered: int
    p50: float | None
    """Seconds from the first question to staff's first word after it, interpolated between the two nearest; None where
    nothing was answered."""
    p90: float | None

    @property
    def unanswered(self) -> int:
        """Those without a word of staff."""
        return self.asked - self.answered


@dataclass(frozen=True, slots=True)
class ResponseTimes:
    """By when it was asked. What has no question is left out."""

    overall: Responses
    by_hour: Mapping[int, Responses]
    by_weekday: Mapping[int, Responses]
    """1 is Monday."""
    by_week_hour: Mapping[tuple[int, int], Responses]
    """By weekday and hour."""


def responses_of(asked: int, seconds: Sequence[int]) -> Responses:
    """The figures of some questions, from what the answered ones took.

    >>> responses_of(4, [60, 120, 600])
    Responses(asked=4, answered=3, p50=120.0, p90=504.0)
    """
    return _figures(asked, np.asarray(seconds, np.int64))


def response_times_of(hours: Sequence[int], seconds: Sequence[int], zone: ZoneInfo) -> ResponseTimes:
    """All the figures. `hours`: for each question the hour since 1970 in which it was asked (in a zone half an hour off it
    counts to where that begins); `seconds`: how long it took, or `UNANSWERED`."""
    known, place = np.unique(np.asarray(hours, np.int64), return_inverse=True)
    local = [datetime.fromtimestamp(int(hour) * 3_600, zone) for hour in known]
    weekday = np.asarray([at.isoweekday() for at in local], np.int64)[place]
    hour = np.asarray([at.hour for at in local], np.int64)[place]
    taken = np.asarray(seconds, np.int64)
    return ResponseTimes(
        overall=_all(taken),
        by_hour=dict(_by(hour, taken)),
        by_weekday=dict(_by(weekday, taken)),
        by_week_hour={divmod(key, 24): figures for key, figures in _by(weekday * 24 + hour, taken)},
    )


def _by(keys: Numbers, taken: Numbers) -> Iterator[tuple[int, Responses]]:
    if not len(keys):
        return
    order = np.argsort(keys, kind="stable")
    for part in np.split(order, np.flatnonzero(np.diff(keys[order])) + 1):
        yield int(keys[part[0]]), _all(taken[part])


def _all(taken: Numbers) -> Responses:
    return _figures(len(taken), taken[taken != UNANSWERED])


def _figures(asked: int, seconds: Numbers) -> Responses:
    if not len(seconds):
        return Responses(asked, 0, None, None)
    p50, p90 = np.percentile(seconds, (50, 90))
    return Responses(asked, len(seconds), float(p50), float(p90))
