"""Days and moments as people write them, in Russian and English. Pure."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from analytics.queries.inputs import Period, Step
from analytics.reports.numbers import days
from core.domain.counting import counted
from core.domain.language import Language

_MONTHS: Final[Mapping[Language, str]] = {
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "en": "January February March April May June July August September October November December",
}
_SHORT_MONTHS: Final[Mapping[Language, str]] = {
    "ru": "янв фев мар апр май июн июл авг сен окт ноя дек",
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
}


def day(at: date, language: Language) -> str:
    """Without its year: "5 марта"."""
    return f"{at.day} {_MONTHS[language].split()[at.month - 1]}"


def dated(at: date, language: Language) -> str:
    """With its year: "5 марта 2026"."""
    return f"{day(at, language)} {at.year}"


def moment(at: datetime, language: Language) -> str:
    """To the minute, in its own zone: "5 марта в 14:05"."""
    return f"{day(at, language)}{' в ' if language == 'ru' else ', '}{at:%H:%M}"


def span(period: Period, language: Language) -> str:
    """The days of a period, with the year: "23–29 ноября 2026"."""
    first, last = first_day(period), last_day(period)
    if first == last:
        return dated(last, language)
    if first.year != last.year:
        return f"{dated(first, language)} – {dated(last, language)}"
    if first.month != last.month:
        return f"{day(first, language)} – {dated(last, language)}"
    return f"{first.day}–{dated(last, language)}"


def first_day(period: Period) -> date:
    """The day on which it begins, in its zone."""
    return period.since.astimezone(period.zone).date()


def last_day(period: Period) -> date:
    """The last day that something of it is in."""
    return (period.until - timedelta(microseconds=1)).astimezone(period.zone).date()


def whole_days(period: Period) -> int | None:
    """How many days it is; None where it does not begin and end at midnight."""
    ends = [at.astimezone(period.zone).timetz() for at in (period.since, period.until)]
    if any(at.replace(tzinfo=None) != time() for at in ends):
        return None
    return (last_day(period) - first_day(period)).days + 1


def before(period: Period, language: Language) -> str:
    """When the period before it was, as after "more than": "in the 7 days before"."""
    count = whole_days(period)
    if count is None:
        return "за такое же время до этого" if language == "ru" else "in as much time before"
    if count == 1:
        return "днём раньше" if language == "ru" else "on the day before"
    if language == "ru":
        which = counted(count, ("предыдущий", "предыдущие", "предыдущие"), language)
        return f"в {which} {days(count, language)}"
    return f"in the {days(count, language)} before"


def steps(period: Period, step: Step) -> list[datetime]:
    """When each step of the period begins, in its zone; the first one may begin before the period does."""
    at, found = begin_of(period.since.astimezone(period.zone), step), []
    while at < period.until:
        found.append(at)
        at = _next(at, step)
    return found


def begin_of(at: datetime, step: Step) -> datetime:
    """When the step began that this moment is in."""
    if step == "hour":
        return at.replace(minute=0, second=0, microsecond=0)
    midnight = datetime.combine(at.date(), time(), at.tzinfo)
    match step:
        case "day":
            return midnight
        case "week":
            return midnight - timedelta(days=midnight.weekday())
        case "month":
            return midnight.replace(day=1)


def _next(at: datetime, step: Step) -> datetime:
    """The step after this one. Days are the calendar's: one may have 23 or 25 hours."""
    if step == "hour":
        return (at.astimezone(UTC) + timedelta(hours=1)).astimezone(at.tzinfo)
    length = {"day": 1, "week": 7, "month": 31}[step]
    return begin_of(at + timedelta(days=length), step)


def tick(at: datetime, step: Step, language: Language) -> str:
    """A step of time under a chart."""
    if step == "hour":
        return f"{at:%H:%M}"
    short = _SHORT_MONTHS[language].split()[at.month - 1]
    if step == "month":
        return f"{short} {at.year}"
    return f"{at:%d.%m}" if language == "ru" else f"{at.day} {short}"
