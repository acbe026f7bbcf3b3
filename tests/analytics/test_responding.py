"""Percentiles of response times, by when it was asked."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from analytics.responding import UNANSWERED, Responses, response_times_of

BERLIN = ZoneInfo("Europe/Berlin")


def hour(year: int, month: int, day: int, hour: int) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp()) // 3_600


def test_nothing_was_asked() -> None:
    found = response_times_of([], [], BERLIN)
    assert found.overall == Responses(0, 0, None, None)
    assert not found.by_hour
    assert not found.by_week_hour


def test_an_hour_is_the_zones_in_summer_and_in_winter() -> None:
    """12:00 UTC on a Monday of July is 14:00 in Berlin, of January 13:00."""
    found = response_times_of([hour(2026, 7, 6, 12), hour(2026, 1, 5, 12)], [60, UNANSWERED], BERLIN)
    assert found.by_hour == {14: Responses(1, 1, 60.0, 60.0), 13: Responses(1, 0, None, None)}
    assert found.by_weekday == {1: Responses(2, 1, 60.0, 60.0)}
    assert set(found.by_week_hour) == {(1, 14), (1, 13)}


def test_the_day_is_the_zones() -> None:
    """23:00 UTC on Sunday is Monday in Berlin."""
    assert set(response_times_of([hour(2026, 1, 4, 23)], [1], BERLIN).by_week_hour) == {(1, 0)}


def test_percentiles_are_of_the_answered_alone() -> None:
    hours, taken = [hour(2026, 1, 5, 9)] * 6, [10, UNANSWERED, 20, 30, UNANSWERED, 40]
    assert response_times_of(hours, taken, BERLIN).overall == Responses(6, 4, 25.0, 37.0)
