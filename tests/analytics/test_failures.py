"""What becomes of a window that could not be read."""

from datetime import timedelta

import pytest

from analytics.failures import AGAIN, NO_MODEL, NO_MONEY, Retry, SetAside, Wait, what_now
from core.errors import MaskingError, ModelCallError
from core.llm.errors import (
    BrokenReply,
    BudgetExhausted,
    HeldBack,
    ModelUnavailable,
    NotAuthorised,
    Overloaded,
    RateLimited,
    Refused,
    Rejected,
    SchemaBroken,
    TimedOut,
    Truncated,
    Unknown,
)


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        (BudgetExhausted("spent"), Wait(NO_MONEY)),
        (NotAuthorised("wrong key"), Wait(NO_MONEY)),
        (Unknown("a model that was retired"), Wait(NO_MONEY)),
        (ModelUnavailable("away"), Wait(NO_MODEL)),
        (TimedOut("slow"), Wait(NO_MODEL)),
        (HeldBack("in trouble"), Wait(NO_MODEL)),
        (RateLimited("too much", retry_after=20), Wait(NO_MODEL)),
        (RateLimited("too much", retry_after=900), Wait(timedelta(minutes=15))),
        (Overloaded("too much", retry_after=900), Wait(timedelta(minutes=15))),
        (HeldBack("a pause", retry_after=900), Wait(timedelta(minutes=15))),
        (BrokenReply("nonsense"), Retry(AGAIN * 3)),
        (SchemaBroken("call", "breaches"), Retry(AGAIN * 3)),
        (MaskingError("unmasked"), Retry(AGAIN * 3)),
        (Refused("no"), SetAside()),
        (Rejected("malformed"), SetAside()),
        (Truncated("too long"), SetAside()),
    ],
)
def test_what_is_nobodys_fault_waits_as_long_as_it_was_told(
    error: ModelCallError | MaskingError, wanted: Wait | Retry | SetAside
) -> None:
    assert what_now(error, 3) == wanted
