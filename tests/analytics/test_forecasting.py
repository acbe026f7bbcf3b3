"""What the month will have cost, from what its days have cost."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from analytics.forecasting import LOOK_BACK, Forecast, forecast

MOSCOW = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 11, 21, 12, tzinfo=MOSCOW)
"""Of November half of this day and nine more are left."""


def days(amount: str, first: date, last: date) -> dict[date, Decimal]:
    return {first + timedelta(days=day): Decimal(amount) for day in range((last - first).days + 1)}


def found(spent: dict[date, Decimal], budget: str = "50", now: datetime = NOON) -> Forecast:
    return forecast(spent, now, MOSCOW, Decimal(budget))


def test_an_even_month_goes_on_evenly() -> None:
    spent = days("1", date(2026, 10, 1), date(2026, 11, 20)) | {NOON.date(): Decimal("0.5")}
    assert found(spent) == Forecast(
        spent=Decimal("20.5"), a_day=Decimal(1), expected=Decimal(30), budget=Decimal(50), reached_on=None
    )


def test_only_the_last_two_weeks_tell_how_it_goes_on_and_days_without_a_call_count() -> None:
    spent = days("9", date(2026, 11, 1), date(2026, 11, 6)) | {date(2026, 11, 10): Decimal(14)}
    assert found(spent).a_day == Decimal(14) / LOOK_BACK
    assert found(spent).spent == 6 * 9 + 14


def test_a_ledger_that_began_lately_is_not_diluted() -> None:
    assert found(days("3", date(2026, 11, 19), date(2026, 11, 20))).a_day == 3


def test_on_the_first_day_today_stands_for_a_day() -> None:
    assert found({NOON.date(): Decimal(2)}).expected == 2 + 2 * Decimal("9.5")


def test_nothing_spent_nothing_expected() -> None:
    assert found({}) == Forecast(Decimal(0), Decimal(0), Decimal(0), Decimal(50), None)


def test_the_day_on_which_the_budget_is_reached() -> None:
    spent = days("2", date(2026, 11, 1), date(2026, 11, 20))
    assert found(spent, "45").reached_on == date(2026, 11, 23)
    assert found(spent, "30").reached_on == date(2026, 11, 15)  # it was
    assert found(spent, "60").reached_on is None  # not in this month
    assert found(spent, "0").reached_on == date(2026, 11, 1)


def test_the_month_is_the_operators() -> None:
    """At 22:00 UTC of the last day it is December in Moscow."""
    spent = days("2", date(2026, 11, 1), date(2026, 11, 30))
    turned = found(spent, now=datetime.fromisoformat("2026-11-30T22:00+00:00"))
    assert turned.spent == 0
    assert turned.a_day == 2
    assert round(turned.expected, 6) == round(2 * (31 - Decimal(1) / 24), 6)
