"""Whether there is money for a call. Pure: what is spent and reserved goes in, decision and reason come out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from core.llm.calls import Purpose

TOTAL = "total"

SHARES: Mapping[Purpose, Decimal] = {
    Purpose.ANALYSIS_BATCH: Decimal("0.80"),
    Purpose.EVAL: Decimal("0.80"),
    Purpose.JUDGE: Decimal("0.80"),
    Purpose.SUGGESTION: Decimal("0.90"),
    Purpose.CONDENSE: Decimal("0.95"),
    Purpose.ANSWER: Decimal("0.95"),
    Purpose.ANALYSIS_FAST: Decimal("1.00"),
}
"""Up to which share of the total each purpose may spend: the order in which things degrade when money runs short. First
what can wait (a window is analysed tomorrow), then what nobody asked for, then answers, which can be quoted instead;
urgent messages are read to the last cent."""

ALARMS = (50, 80, 100)
"""Percent of a budget at which people are told."""

Dollars = Annotated[Decimal, Field(ge=0, le=1_000_000)]


class Limits(BaseModel):
    """What may be spent, in US dollars. 0 means nothing at all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    day: Dollars
    month: Dollars


class Budgets(Limits):
    """The section `[budget]` of `otklik.toml`: what Claude may cost in total."""

    day: Dollars = Decimal(5)
    month: Dollars = Decimal(50)
    purposes: Mapping[Purpose, Limits] = Field(default_factory=dict)
    """A budget of its own for one purpose, inside the total."""

    def of(self, purpose: Purpose) -> Iterator[tuple[str, Limits, Decimal]]:
        """Every budget that a call of this purpose is taken from: its name, its limits, the share it may be used to."""
        yield TOTAL, self, SHARES[purpose]
        if purpose in self.purposes:
            yield purpose.value, self.purposes[purpose], Decimal(1)


class Period(StrEnum):
    """What a limit holds for."""

    DAY = "day"
    MONTH = "month"

    def begins(self, now: datetime, zone: ZoneInfo) -> date:
        """The first day of the period that `now` is in, on the operator's calendar.

        >>> Period.MONTH.begins(datetime.fromisoformat("2026-11-30T22:30Z"), ZoneInfo("Europe/Moscow"))
        datetime.date(2026, 12, 1)
        """
        today = now.astimezone(zone).date()
        return today if self is Period.DAY else today.replace(day=1)

    def limit(self, limits: Limits) -> Decimal:
        """Its limit."""
        return limits.day if self is Period.DAY else limits.month


@dataclass(frozen=True, slots=True)
class Shortage:
    """Why a call is not made."""

    budget: str
    period: Period
    limit: Decimal
    spent: Decimal
    """Spent and reserved."""
    share: Decimal

    def __str__(self) -> str:
        return (
            f"the {self.budget} budget of the {self.period} is ${self.limit:.2f}, ${self.spent:.2f} of it is spent or "
            f"reserved, and this may use it only up to {self.share:.0%}"
        )


@dataclass(frozen=True, slots=True)
class Alarm:
    """A share of a budget that is used up."""

    budget: str
    period: Period
    percent: int
    limit: Decimal
    spent: Decimal


Spent = Mapping[tuple[str, Period], Decimal]
"""US dollars, by budget and period."""


def shortage(purpose: Purpose, estimate: Decimal, budgets: Budgets, taken: Spent) -> Shortage | None:
    """What forbids a call that may cost up to `estimate`, beside what is spent and reserved; None where nothing does. A free
    call is always allowed."""
    if not estimate:
        return None
    for name, limits, share in budgets.of(purpose):
        for period in Period:
            limit, used = period.limit(limits), taken.get((name, period), Decimal(0))
            if used + estimate > limit * share:
                return Shortage(name, period, limit, used, share)
    return None


def alarms(budgets: Budgets, spent: Spent) -> Iterator[Alarm]:
    """Every share that is spent, the lower ones too. What is only reserved alarms nobody, and neither does a budget of
    nothing."""
    named = {TOTAL: budgets, **{purpose.value: limits for purpose, limits in budgets.purposes.items()}}
    for name, limits in named.items():
        for period in Period:
            limit, used = period.limit(limits), spent.get((name, period), Decimal(0))
            for percent in ALARMS:
                if limit and used * 100 >= limit * percent:
                    yield Alarm(name, period, percent, limit, used)


def alarm_of_refusal(purpose: Purpose, estimate: Decimal, budgets: Budgets, spent: Spent) -> Alarm | None:
    """The share that is as good as spent, since what is left of it is too little for a call. None where the call will have
    room once others have given back what they reserved."""
    short = shortage(purpose, estimate, budgets, spent)
    if short is None or not short.limit:
        return None
    percent = max(percent for percent in ALARMS if percent <= short.share * 100)
    return Alarm(short.budget, short.period, percent, short.limit, short.spent)
