"""What the month will have cost. Pure."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

LOOK_BACK = 14
"""Days whose mean is carried on: two whole weeks, so that week-ends weigh as they come."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """The month's cost, in US dollars."""

    spent: Decimal
    """Since the month began."""
    a_day: Decimal
    """What the rest of the month is reckoned with."""
    expected: Decimal
    """For the whole month."""
    budget: Decimal
    reached_on: date | None
    """When the budget is spent at this rate, or was; None if not within the month."""


def forecast(spent: Mapping[date, Decimal], now: datetime, zone: ZoneInfo, budget: Decimal) -> Forecast:
    """What is spent, and for what is left of the month, today's rest included, the mean of the last `LOOK_BACK` whole days.
    Where the ledger begins later, of the whole days since then; where it has no whole day yet, today's so far stands for
    a day. `spent`: by day of the zone, from `LOOK_BACK` days before today, and from the first of the month, on; days
    without a call may be missing.
    """
    local = now.astimezone(zone)
    today = local.date()
    month = sum((amount for day, amount in spent.items() if _same_month(day, today)), Decimal(0))
    a_day = _mean(spent, today)
    left = _days_left(local)
    return Forecast(
        spent=month, a_day=a_day, expected=month + a_day * left, budget=budget,
        reached_on=_reached_on(month, a_day, budget, spent, today),
    )  # fmt: skip


def _mean(spent: Mapping[date, Decimal], today: date) -> Decimal:
    first = max(min(spent, default=today), today - timedelta(days=LOOK_BACK))
    days = (today - first).days
    if days <= 0:
        return spent.get(today, Decimal(0))
    return sum((amount for day, amount in spent.items() if first <= day < today), Decimal(0)) / days


def _days_left(local: datetime) -> Decimal:
    """Of the month, in days: the part of today that is left, and the days after it."""
    begins = datetime.combine(local.date(), time(), local.tzinfo)
    gone = Decimal((local - begins).total_seconds()) / 86_400
    return monthrange(local.year, local.month)[1] - local.day + 1 - min(gone, Decimal(1))


def _reached_on(
    month: Decimal, a_day: Decimal, budget: Decimal, spent: Mapping[date, Decimal], today: date
) -> date | None:
    if month >= budget:
        total = Decimal(0)
        for day in sorted(day for day in spent if _same_month(day, today)):
            total += spent[day]
            if total >= budget:
                return day
        return today
    if not a_day:
        return None
    on = today + timedelta(days=min(int((budget - month) / a_day), 366))
    return on if _same_month(on, today) else None


def _same_month(day: date, other: date) -> bool:
    return (day.year, day.month) == (other.year, other.month)
