"""When a server in trouble is left alone. Pure: what became of each call goes in, whether the next may leave comes out.

Our own, because the libraries take every call that met no trouble for a success: one that was refused for money, and never
left, would say that the server is well again. And once the pause is over they let everybody through at once.
"""

from enum import Enum, auto


class Admission(Enum):
    """Whether a call may leave."""

    NO = auto()
    AS_USUAL = auto()
    TO_SEE = auto()
    """It alone, after a pause: what becomes of it decides for the others."""


class Breaker:
    """Of one model. Times are seconds of a clock that never goes back.

    >>> breaker = Breaker(troubles=2, cool_seconds=30)
    >>> breaker.failed(0, breaker.admit(0)), breaker.failed(1, breaker.admit(1))
    (None, None)
    >>> [breaker.admit(now).name for now in (30, 31, 32)]
    ['NO', 'TO_SEE', 'NO']
    """

    def __init__(self, troubles: int, cool_seconds: float) -> None:
        """`troubles`: so many in a row, and nothing is sent for `cool_seconds`."""
        self._troubles = troubles
        self._cool_seconds = cool_seconds
        self._in_a_row = 0
        self._opened_at: float | None = None
        self._seeing = False

    def admit(self, now: float) -> Admission:
        """Whether a call may leave now. If it may, one of the three below has to follow, with what was said here."""
        if self._opened_at is None:
            return Admission.AS_USUAL
        if self._seeing or now - self._opened_at < self._cool_seconds:
            return Admission.NO
        self._seeing = True
        return Admission.TO_SEE

    def succeeded(self) -> None:
        """A call brought words: the server is well, whatever was before."""
        self._in_a_row, self._opened_at, self._seeing = 0, None, False

    def failed(self, now: float, admitted: Admission) -> None:
        """A call met trouble."""
        self._in_a_row += 1
        if admitted is Admission.TO_SEE or (self._opened_at is None and self._in_a_row >= self._troubles):
            self._opened_at, self._seeing = now, False

    def undecided(self, admitted: Admission) -> None:
        """A call ended in a way that says nothing about the server."""
        if admitted is Admission.TO_SEE:
            self._seeing = False
