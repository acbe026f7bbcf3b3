"""What becomes of a window that could not be analysed. Pure: the error goes in, what to do comes out."""

from dataclasses import dataclass
from datetime import timedelta

from analytics.analysis.correcting import NotOfThisWindow
from core.errors import MaskingError, ModelCallError
from core.llm.errors import (
    BrokenReply,
    BudgetExhausted,
    CallFailed,
    HeldBack,
    NotAuthorised,
    Refused,
    Rejected,
    SchemaBroken,
    Truncated,
    Unknown,
    UnpricedModel,
)

NO_MONEY = timedelta(minutes=15)
"""The budget's next period begins at midnight; looking four times an hour costs nothing."""
NO_MODEL = timedelta(minutes=1)
AGAIN = timedelta(minutes=1)

SETTINGS = (BudgetExhausted, UnpricedModel, NotAuthorised, Unknown)
"""Somebody has to change something, or the next period to begin."""
HOPELESS = (Refused, Rejected, Truncated)
"""The same request will end the same way."""
ITS_OWN = (SchemaBroken, NotOfThisWindow, BrokenReply, MaskingError)
"""The model's words, which another time may be others; they have been paid for."""


@dataclass(frozen=True, slots=True)
class Wait:
    """It is none of the window's faults: it waits, and none of its tries is used up."""

    pause: timedelta


@dataclass(frozen=True, slots=True)
class Retry:
    """It is tried again, a few times."""

    pause: timedelta


@dataclass(frozen=True, slots=True)
class SetAside:
    """It is given up, and kept for a person to look at."""


def what_now(error: ModelCallError | MaskingError, tries: int) -> Wait | Retry | SetAside:
    """What to do after the try with this number failed.

    >>> what_now(BudgetExhausted("the total budget of the day is $5.00"), 1)
    Wait(pause=datetime.timedelta(seconds=900))
    """
    if isinstance(error, SETTINGS):
        return Wait(NO_MONEY)
    if isinstance(error, HOPELESS):
        return SetAside()
    if isinstance(error, ITS_OWN):
        return Retry(AGAIN * tries)
    asked = error.retry_after if isinstance(error, (CallFailed, HeldBack)) else None
    return Wait(max(NO_MODEL, timedelta(seconds=asked or 0)))
