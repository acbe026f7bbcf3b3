"""Charts and tables. Every chart has its table, every table its CSV, all by this one way."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar

import altair as alt
import streamlit as st

from analytics.queries.inputs import Period, Step
from dashboard.texts import shell as texts
from dashboard.texts.phrase import Phrase
from dashboard.view import View

R = TypeVar("R")

Kind: TypeAlias = Literal["text", "number", "figure", "dollars", "share", "duration", "moment", "day", "link", "yes"]

HEIGHT: Final = 260
"""Pixels of a chart."""
ROWS: Final = 8
"""Rows of a table that are seen at once; more are scrolled."""
DURATIONS: Final = (1, 10, 60, 300, 900, 3_600, 4 * 3_600, 86_400, 7 * 86_400, 30 * 86_400)
"""Seconds that an axis of durations names."""
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""

GREEN: Final = "#0f766e"
AMBER: Final = "#f59e0b"
RED: Final = "#dc2626"
INDIGO: Final = "#6366f1"
GREY: Final = "#94a3b8"
PALETTE: Final = (GREEN, AMBER, INDIGO, "#ec4899", "#84cc16", "#0ea5e9", GREY)


@dataclass(frozen=True)  # with slots Python 3.11 does not let `Column[Row](...)` be written
class Column(Generic[R]):
    """One column of a table."""

    title: Phrase
    of: Callable[[R], Any]
    """What it has of a row, as plain as it is; None is nothing known."""
    kind: Kind = "text"
    help: Phrase | None = None


@dataclass(frozen=True)
class Table(Generic[R]):
    """Rows of whatever a query gives."""

    columns: Sequence[Column[R]]
    rows: Sequence[R]
    most: int | None = None
    """How many were asked for, where there may be more."""


def figure(
    view: View, name: str, title: Phrase, chart: alt.Chart | alt.LayerChart | None, table: Table[R], *, note: str = ""
) -> None:
    """A chart with its table. `name`: of the CSV file, and of the widgets. Without rows it says that there is nothing."""
    with st.container(border=True, key=f"figure_{name}"):
        st.subheader(view.say(title), anchor=False)
        if note:
            st.caption(note)
        if not table.rows:
            st.caption(view.say(texts.NOTHING))
            return
        if chart is not None:
            st.altair_chart(chart, width="stretch", key=f"chart_{name}")
        with st.expander(view.say(texts.TABLE), icon=":material/table_rows:"):
            rows(view, name, table)


def listed(view: View, name: str, title: Phrase, table: Table[R], *, note: str = "") -> None:
    """A table that speaks for itself."""
    with st.container(border=True, key=f"figure_{name}"):
        st.subheader(view.say(title), anchor=False)
        if note:
            st.caption(note)
        if table.rows:
            rows(view, name, table)
        else:
            st.caption(view.say(texts.NOTHING))


def rows(view: View, name: str, table: Table[R]) -> None:
    """A table and its CSV."""
    frame = {
        str(place): [_shown(view, column.kind, column.of(row)) for row in table.rows]
        for place, column in enumerate(table.columns)
    }
    st.dataframe(
        frame, hide_index=True, height=min(len(table.rows), ROWS) * 35 + 38, key=f"table_{name}", placeholder="—",
        column_config={str(place): _column(view, column) for place, column in enumerate(table.columns)},
    )  # fmt: skip
    if table.most is not None and len(table.rows) >= table.most:
        st.caption(view.say(texts.CUT, count=table.most))
    st.download_button(
        view.say(texts.CSV), lambda: written(view, table), f"otklik-{name}-{view.at:%Y-%m-%d}.csv", "text/csv",
        key=f"csv_{name}", icon=":material/download:", type="tertiary", on_click="ignore",
    )  # fmt: skip


def written(view: View, table: Table[R]) -> bytes:
    """A table as CSV: comma-separated, with the mark by which Excel knows UTF-8, and with nothing that it would compute."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(view.say(column.title) for column in table.columns)
    for row in table.rows:
        writer.writerow(_cell(view, column.of(row)) for column in table.columns)
    return file.getvalue().encode("utf-8-sig")


# --- charts


def bars(
    view: View,
    count: Phrase,
    series: Sequence[tuple[str, str]],
    points: Iterable[tuple[datetime, str, float]],
    *,
    money: bool = False,
) -> alt.Chart:
    """Bars over the period, one upon another. `series`: name and colour of each; `points`: a step, a name, the figure. Below
    nothing counts downwards."""
    known, order = dict(labels(view)), {name: place for place, (name, _) in enumerate(series)}
    values = [
        {"at": known[at], "part": name, "order": order[name], "count": float(figure), "size": abs(float(figure))}
        for at, name, figure in points
        if at in known
    ]
    names = [name for name, _ in series]
    scale = alt.Scale(domain=names, range=[colour for _, colour in series])
    tips = [
        alt.Tooltip("at:O", title=" "),
        alt.Tooltip("part:N", title=" "),
        alt.Tooltip("size:Q", title=view.say(count), format="$,.2f" if money else ",.0f"),
    ]
    chart: alt.Chart = (
        alt.Chart(_data(values), height=HEIGHT)
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            x=_over_time(view),
            y=alt.Y("count:Q", title=None, axis=_money_axis() if money else _count_axis()),
            color=alt.Color("part:N", title=None, scale=scale, legend=_legend(names) if len(names) > 1 else None),
            order=alt.Order("order:Q"),
            tooltip=tips,
        )
    )
    return chart


def course(
    view: View, value: Phrase, points: Sequence[tuple[datetime, float]], ends: tuple[float, float], mark: float
) -> alt.LayerChart:
    """A line over the period between two ends, with a line across at what is remarkable."""
    known = dict(labels(view))
    data = _data([{"at": known[at], "value": figure} for at, figure in points if at in known])
    line = (
        alt.Chart(data, height=HEIGHT)
        .mark_line(point=alt.OverlayMarkDef(size=40, color=GREEN), strokeWidth=2, color=GREEN)
        .encode(
            x=_over_time(view),
            y=alt.Y(
                "value:Q", title=None, scale=alt.Scale(domain=list(ends)), axis=alt.Axis(format="+.1f", tickCount=5)
            ),
            tooltip=[alt.Tooltip("at:O", title=" "), alt.Tooltip("value:Q", title=view.say(value), format="+.2f")],
        )
    )
    across = alt.Chart(_data([{"value": mark}])).mark_rule(strokeDash=[4, 4], color=RED).encode(y="value:Q")
    return alt.LayerChart(layer=[across, line])


def spread(view: View, order: Sequence[str], points: Mapping[str, tuple[float, float]]) -> alt.LayerChart:
    """How long things took, from the median to nine of ten: seconds, by what `order` names. Minutes and days are far apart, so
    the scale is a logarithm."""
    data = _data(
        [
            {
                "name": name,
                "p50": max(p50, 1),
                "p90": max(p90, 1),
                "said": f"{view.duration(p50)} … {view.duration(p90)}",
            }
            for name, (p50, p90) in points.items()
        ]
    )
    said = " : ".join(f"datum.value == {seconds} ? '{view.duration(seconds)}'" for seconds in DURATIONS)
    axis = alt.Axis(values=list(DURATIONS), labelExpr=f"{said} : ''")
    ends = [min(p50 for p50, _ in points.values()), max(p90 for _, p90 in points.values())]
    shown = [
        max((one for one in DURATIONS if one <= ends[0]), default=1),
        min((one for one in DURATIONS if one >= ends[1]), default=ends[1]),
    ]
    base = alt.Chart(data, height=HEIGHT).encode(
        x=alt.X(
            "name:O",
            title=None,
            sort=list(order),
            scale=alt.Scale(domain=list(order)),
            axis=alt.Axis(labelAngle=0, labelOverlap=True),
        ),
        tooltip=[alt.Tooltip("name:O", title=" "), alt.Tooltip("said:N", title=" ")],
    )
    return alt.LayerChart(
        layer=[
            base.mark_rule(color=GREY, strokeWidth=2).encode(
                y=alt.Y("p50:Q", title=None, axis=axis, scale=alt.Scale(type="log", domain=shown)), y2="p90:Q"
            ),
            base.mark_point(filled=True, size=80, color=GREEN, opacity=1).encode(y="p50:Q"),
            base.mark_point(filled=False, size=60, color=GREEN, opacity=1).encode(y="p90:Q"),
        ]
    )


def week(view: View, value: Phrase, cells: Mapping[tuple[int, int], tuple[float, str]]) -> alt.Chart:
    """A week as a map: what is true of an hour of a weekday, by colour, and in words."""
    days = [view.say(texts.WEEKDAYS[day]) for day in range(1, 8)]
    data = _data(
        [
            {"day": name, "hour": hour, "value": figure, "said": said}
            for day, name in enumerate(days, start=1)
            for hour in range(24)
            for figure, said in [cells.get((day, hour), (0.0, "0"))]
        ]
    )
    tips = [
        alt.Tooltip("day:O", title=" "),
        alt.Tooltip("hour:O", title=" "),
        alt.Tooltip("said:N", title=view.say(value)),
    ]
    hours = alt.Axis(labelAngle=0, labelOverlap=True, values=list(range(0, 24, 3)))
    chart: alt.Chart = (
        alt.Chart(data, height=HEIGHT)
        .mark_rect(cornerRadius=2, color=GREEN)
        .encode(
            x=alt.X("hour:O", title=None, scale=alt.Scale(domain=list(range(24))), axis=hours),
            y=alt.Y("day:O", title=None, sort=days, scale=alt.Scale(domain=days)),
            opacity=alt.Opacity("value:Q", legend=None, scale=alt.Scale(range=[0.12, 1])),
            tooltip=tips,
        )
    )
    return chart


def pairs(view: View, sides: tuple[Phrase, Phrase], points: Sequence[tuple[str, float, float]]) -> alt.LayerChart:
    """Shares of one, before and after, a line for each name."""
    before, after = (view.say(side) for side in sides)
    order = [name for name, _, _ in points]
    data = _data([{"name": name, "before": old, "after": new} for name, old, new in points])
    tips = [
        alt.Tooltip("name:N", title=" "),
        alt.Tooltip("before:Q", title=before, format=".3f"),
        alt.Tooltip("after:Q", title=after, format=".3f"),
    ]
    base = alt.Chart(data, height=32 * len(points) + 30).encode(
        y=alt.Y("name:N", title=None, sort=order, axis=alt.Axis(labelLimit=230)), tooltip=tips
    )
    whole = alt.X("before:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format=".0%", tickCount=5))
    return alt.LayerChart(
        layer=[
            base.mark_rule(color=GREY, strokeWidth=3).encode(x=whole, x2="after:Q"),
            base.mark_point(filled=True, size=110, color=GREY, opacity=1).encode(x="before:Q"),
            base.mark_point(filled=True, size=110, color=GREEN, opacity=1).encode(x="after:Q"),
        ]
    )


def ranked(view: View, value: Phrase, points: Sequence[tuple[str, float]], *, money: bool = False) -> alt.Chart:
    """Bars beside each other, the longest first."""
    form = "$,.2f" if money else ",.0f"
    data = _data([{"name": name, "value": float(figure)} for name, figure in points])
    chart: alt.Chart = (
        alt.Chart(data, height=max(28 * len(points) + 30, 90))
        .mark_bar(cornerRadiusEnd=2, color=GREEN)
        .encode(
            x=alt.X("value:Q", title=None, axis=alt.Axis(format=form, tickCount=5)),
            y=alt.Y("name:N", title=None, sort="-x", axis=alt.Axis(labelLimit=200)),
            tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("value:Q", title=view.say(value), format=form)],
        )
    )
    return chart


def labels(view: View) -> list[tuple[datetime, str]]:
    """Every step of the period with its name. Names and not moments are drawn: a browser would turn moments to its own clock,
    and write months in its own language."""
    return [(at, _label(view, at)) for at in steps(view.period, view.step)]


def steps(period: Period, step: Step) -> Sequence[datetime]:
    """Every step of a period, as PostgreSQL's `date_trunc` gives them.

    >>> from zoneinfo import ZoneInfo
    >>> moscow = ZoneInfo("Europe/Moscow")
    >>> march = Period.of_dates(date(2026, 3, 1), date(2026, 3, 9), moscow)
    >>> [str(at.date()) for at in steps(march, "week")]
    ['2026-02-23', '2026-03-02', '2026-03-09']
    """
    since, until, found = period.since.astimezone(period.zone), period.until.astimezone(period.zone), list[datetime]()
    if step == "hour":
        first = since.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
        hours = int((until.astimezone(UTC) - first) / timedelta(hours=1)) + 1
        return [at for hour in range(hours) if (at := (first + timedelta(hours=hour)).astimezone(period.zone)) < until]
    day = since.date()
    if step == "week":
        day -= timedelta(days=day.weekday())
    elif step == "month":
        day = day.replace(day=1)
    while (at := datetime.combine(day, time(), period.zone)) < until:
        found.append(at)
        day = (
            (day + timedelta(days=32)).replace(day=1)
            if step == "month"
            else day + timedelta(days=7 if step == "week" else 1)
        )
    return found


def _label(view: View, at: datetime) -> str:
    match view.step:
        case "hour":
            return f"{at:%d.%m %H:%M}" if view.language == "ru" else f"{at.day} {at:%b %H:%M}"
        case "month":
            return f"{at:%m.%Y}" if view.language == "ru" else f"{at:%b %Y}"
        case _:
            return f"{at:%d.%m.%y}" if view.language == "ru" else f"{at.day} {at:%b %y}"


def _over_time(view: View) -> alt.X:
    names = [label for _, label in labels(view)]
    shown = names[:: max(1, -(-len(names) // 8))]
    axis = alt.Axis(labelAngle=0, values=shown, labelOverlap="greedy", grid=False)
    return alt.X("at:O", title=None, sort=names, scale=alt.Scale(domain=names), axis=axis)


def _count_axis() -> alt.Axis:
    return alt.Axis(labelExpr="format(abs(datum.value), '~s')", tickCount=5, tickMinStep=1)


def _money_axis() -> alt.Axis:
    return alt.Axis(format="$,.2f", tickCount=5)


def _data(values: list[dict[str, Any]]) -> alt.InlineData:
    return alt.InlineData(values=values)


def _legend(names: Sequence[str]) -> alt.Legend:
    """Above the chart: beside it there is no room on a phone. Long names get lines of their own."""
    longest = max(map(len, names))
    return alt.Legend(
        orient="top", direction="horizontal", columns=1 if longest > 34 else 2 if longest > 14 else 4, labelLimit=330,
        offset=4, padding=0, titlePadding=0, symbolType="circle",
    )  # fmt: skip


# --- cells

_SHOWN: Final[Mapping[Kind, Callable[[View, Any], Any]]] = {
    "figure": lambda _, value: round(value, 3),
    "dollars": lambda _, value: float(value),
    "share": lambda _, value: value * 100,
    "duration": lambda view, value: view.duration(value),
    "moment": lambda view, value: view.moment(value),
    "day": lambda view, value: view.day(value),
    "yes": lambda view, value: view.say(texts.YES if value else texts.NO),
}


def _shown(view: View, kind: Kind, value: Any) -> Any:
    return None if value is None else _SHOWN[kind](view, value) if kind in _SHOWN else value


def _column(view: View, column: Column[R]) -> Any:
    label, tip = view.say(column.title), None if column.help is None else view.say(column.help)
    match column.kind:
        case "number":
            return st.column_config.NumberColumn(label, help=tip, format="localized")
        case "figure":
            return st.column_config.NumberColumn(label, help=tip, format="localized")
        case "dollars":
            return st.column_config.NumberColumn(label, help=tip, format="$%.4f")
        case "share":
            return st.column_config.NumberColumn(label, help=tip, format="%.0f%%")
        case "link":
            return st.column_config.LinkColumn(label, help=tip, display_text=":material/open_in_new:", width="small")
        case _:
            return st.column_config.TextColumn(label, help=tip)


def _cell(view: View, value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(view.zone).isoformat(timespec="seconds")
    if isinstance(value, (date, Decimal)):
        return str(value)
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value
