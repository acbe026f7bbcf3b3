"""Days as people write them, and the steps of a chart over a change of the clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from analytics.queries.inputs import Period, Step
from analytics.reports import dates
from analytics.reports.facts import step_of
from tests.analytics.reports.making import MOSCOW, WEEK, words

BERLIN = ZoneInfo("Europe/Berlin")


def days(first: str, last: str, zone: ZoneInfo = MOSCOW) -> Period:
    return Period.of_dates(date.fromisoformat(first), date.fromisoformat(last), zone)


@pytest.mark.parametrize(
    ("first", "last", "russian", "english"),
    [
        ("2026-11-23", "2026-11-29", "23–29 ноября 2026", "23–29 November 2026"),
        ("2026-05-05", "2026-05-05", "5 мая 2026", "5 May 2026"),
        ("2026-10-30", "2026-11-02", "30 октября – 2 ноября 2026", "30 October – 2 November 2026"),
        ("2025-12-29", "2026-01-04", "29 декабря 2025 – 4 января 2026", "29 December 2025 – 4 January 2026"),
    ],
)
def test_a_span_says_month_and_year_once_where_it_can(first: str, last: str, russian: str, english: str) -> None:
    assert (dates.span(days(first, last), "ru"), dates.span(days(first, last), "en")) == (russian, english)


@pytest.mark.parametrize(
    ("last", "russian", "english"),
    [
        ("2026-11-01", "днём раньше", "on the day before"),
        ("2026-11-02", "в предыдущие 2 дня", "in the 2 days before"),
        ("2026-11-05", "в предыдущие 5 дней", "in the 5 days before"),
        ("2026-11-11", "в предыдущие 11 дней", "in the 11 days before"),
        ("2026-11-21", "в предыдущий 21 день", "in the 21 days before"),
    ],
)
def test_the_time_before_is_as_many_days(last: str, russian: str, english: str) -> None:
    period = days("2026-11-01", last)
    assert words([dates.before(period, "ru"), dates.before(period, "en")]) == [russian, english]


def test_a_week_with_an_hour_more_is_seven_days_and_half_a_day_is_none() -> None:
    assert dates.whole_days(days("2026-10-19", "2026-10-25", BERLIN)) == 7
    noon = Period(WEEK.since, WEEK.since + timedelta(hours=12), MOSCOW)
    assert dates.whole_days(noon) is None
    assert words([dates.before(noon, "ru"), dates.before(noon, "en")]) == [
        "за такое же время до этого", "in as much time before",
    ]  # fmt: skip


def test_steps_are_the_calendars_also_where_the_clock_is_put_back() -> None:
    period = days("2026-10-24", "2026-10-26", BERLIN)
    assert [dates.tick(at, "day", "ru") for at in dates.steps(period, "day")] == ["24.10", "25.10", "26.10"]
    day = days("2026-10-25", "2026-10-25", BERLIN)
    hours = dates.steps(day, "hour")
    assert len({at.astimezone(UTC) for at in hours}) == 25
    assert [dates.tick(at, "hour", "en") for at in hours[1:5]] == ["01:00", "02:00", "02:00", "03:00"]


def test_weeks_begin_on_monday_and_months_on_their_first() -> None:
    period = days("2026-11-25", "2026-12-08")
    assert [dates.tick(at, "week", "en") for at in dates.steps(period, "week")] == ["23 Nov", "30 Nov", "7 Dec"]
    assert [dates.tick(at, "month", "ru") for at in dates.steps(period, "month")] == ["ноя 2026", "дек 2026"]


@pytest.mark.parametrize(
    ("length", "step"), [(1, "hour"), (2, "hour"), (3, "day"), (62, "day"), (63, "week"), (400, "week"), (401, "month")]
)
def test_a_chart_has_a_few_dozen_bars(length: int, step: Step) -> None:
    assert step_of(Period(WEEK.since, WEEK.since + timedelta(days=length), MOSCOW)) == step


def test_a_moment_is_told_in_its_own_zone() -> None:
    at = datetime(2026, 3, 5, 14, 5, tzinfo=MOSCOW)
    assert (dates.moment(at, "ru"), dates.moment(at, "en")) == ("5 марта в 14:05", "5 March, 14:05")
