"""Who may spend what is left, and when people are told."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.llm.budget import ALARMS, SHARES, TOTAL, Budgets, Limits, Period, alarms, shortage
from core.llm.calls import Purpose

TEN = Budgets(day=Decimal(10), month=Decimal(100))


def spent(day: str, month: str = "0", name: str = TOTAL) -> dict[tuple[str, Period], Decimal]:
    return {(name, Period.DAY): Decimal(day), (name, Period.MONTH): Decimal(month)}


def test_every_purpose_has_its_place_in_the_order() -> None:
    assert SHARES.keys() == set(Purpose)
    assert max(SHARES, key=lambda purpose: SHARES[purpose]) is Purpose.ANALYSIS_FAST
    assert SHARES[Purpose.ANALYSIS_BATCH] < SHARES[Purpose.SUGGESTION] < SHARES[Purpose.ANSWER]


@pytest.mark.parametrize(
    ("used", "stopped"),
    [
        ("7.9", set()),
        ("8", {Purpose.ANALYSIS_BATCH, Purpose.EVAL, Purpose.JUDGE}),
        ("9", {Purpose.ANALYSIS_BATCH, Purpose.EVAL, Purpose.JUDGE, Purpose.SUGGESTION}),
        ("9.5", set(Purpose) - {Purpose.ANALYSIS_FAST}),
        ("10", set(Purpose)),
    ],
)
def test_things_degrade_in_the_stated_order(used: str, stopped: set[Purpose]) -> None:
    assert {purpose for purpose in Purpose if shortage(purpose, Decimal("0.01"), TEN, spent(used))} == stopped


def test_the_month_counts_as_well_as_the_day() -> None:
    found = shortage(Purpose.ANSWER, Decimal("0.01"), TEN, spent("0", "95"))
    assert found is not None
    assert found.period is Period.MONTH
    assert str(found) == (
        "the total budget of the month is $100.00, $95.00 of it is spent or reserved, and this may use it only up to 95%"
    )


def test_a_purpose_has_its_own_budget_inside_the_total() -> None:
    budgets = TEN.model_copy(update={"purposes": {Purpose.ANSWER: Limits(day=Decimal(1), month=Decimal(5))}})
    used = spent("1") | spent("1", name="answer")
    found = shortage(Purpose.ANSWER, Decimal("0.01"), budgets, used)
    assert found is not None
    assert (found.budget, found.period) == ("answer", Period.DAY)
    assert shortage(Purpose.ANALYSIS_FAST, Decimal("0.01"), budgets, used) is None


def test_nothing_is_a_budget_and_what_is_free_needs_none() -> None:
    nothing = Budgets(day=Decimal(0), month=Decimal(0))
    assert shortage(Purpose.ANALYSIS_FAST, Decimal("0.0000000001"), nothing, {}) is not None
    assert shortage(Purpose.ANSWER, Decimal(0), nothing, {}) is None
    assert list(alarms(nothing, spent("1"))) == []


money = st.decimals(min_value=0, max_value=20, places=4)


@given(st.sampled_from(Purpose), money, money, money)
def test_what_is_allowed_never_passes_a_limit(
    purpose: Purpose, estimate: Decimal, day: Decimal, month: Decimal
) -> None:
    if estimate and shortage(purpose, estimate, TEN, spent(str(day), str(month))) is None:
        assert day + estimate <= TEN.day
        assert month + estimate <= TEN.month


@given(money)
def test_alarms_tell_every_share_that_was_reached(day: Decimal) -> None:
    told = [alarm.percent for alarm in alarms(TEN, spent(str(day))) if alarm.period is Period.DAY]
    assert told == [percent for percent in ALARMS if day * 10 >= percent]


def test_days_and_months_begin_on_the_operators_calendar() -> None:
    now = datetime(2026, 11, 30, 22, 30, tzinfo=UTC)
    assert str(Period.DAY.begins(now, ZoneInfo("Europe/Moscow"))) == "2026-12-01"
    assert str(Period.MONTH.begins(now, ZoneInfo("UTC"))) == "2026-11-01"
