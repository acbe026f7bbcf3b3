"""*Cost*: what Claude cost, for what, what the month will have cost, and what batching and caching saved. For admins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

import streamlit as st

from analytics.forecasting import Forecast
from analytics.queries import cost
from analytics.queries.cost import ChatCost, DayCost
from analytics.queries.inputs import Step
from core.llm.budget import TOTAL, Period
from core.llm.ledger import Purse
from core.llm.spending import spending
from dashboard.desk import desk
from dashboard.figures import PALETTE, Column, Table, bars, figure, ranked
from dashboard.shell import opened
from dashboard.texts import cost as texts
from dashboard.texts import shell
from dashboard.texts.phrase import Phrase
from dashboard.tiles import Tile, tiles
from dashboard.view import View

PURPOSES: Final = tuple(texts.PURPOSES)


@dataclass(frozen=True, slots=True)
class Part:
    """A share of what was spent."""

    name: str
    dollars: Decimal
    calls: int
    unpriced: int


def show(view: View) -> None:
    """The page."""
    rules = desk().rules()
    purse = Purse(rules.budget, ZoneInfo(rules.time_zone))
    month = view.looked_up(cost.month, view.whole, purse, view.at)
    days = view.seen(cost.days)
    _tiles(view, days, month, purse)
    if month.reached_on is not None:
        st.warning(view.say(texts.OVER, budget=view.dollars(month.budget), date=view.day(month.reached_on)))
    if not days:
        st.info(view.say(texts.NOTHING) if view.with_claude else view.say(texts.WITHOUT_KEY))
        return
    _by_day(view, days)
    left, right = st.columns(2)
    with left:
        _parts(view, "by-purpose", texts.BY_PURPOSE, texts.PURPOSE, days, lambda one: _purpose(view, one.purpose))
    with right:
        _parts(view, "by-model", texts.BY_MODEL, texts.MODEL, days, lambda one: one.model)
    _by_chat(view)


def _tiles(view: View, days: Sequence[DayCost], month: Forecast, purse: Purse) -> None:
    today = view.looked_up(spending, view.at, purse.zone).spent[TOTAL, Period.DAY]
    each, saved = view.seen(cost.each), view.seen(cost.savings, desk().prices)
    tiles(
        view,
        [
            Tile(texts.SPENT, view.dollars(sum((one.dollars for one in days), Decimal(0)))),
            Tile(texts.TODAY, view.dollars(today), view.say(texts.OF_BUDGET, budget=view.dollars(purse.budgets.day))),
            Tile(texts.MONTH, view.dollars(month.spent), view.say(texts.OF_BUDGET, budget=view.dollars(month.budget))),
            Tile(texts.FORECAST, view.dollars(month.expected), help=texts.FORECAST_HELP),
            Tile(texts.PER_MESSAGE, view.dollars(each.per_message), help=texts.PER_MESSAGE_HELP),
            Tile(texts.PER_ANSWER, view.dollars(each.per_answer), help=texts.PER_ANSWER_HELP),
            Tile(texts.BATCHING, view.dollars(saved.batching)),
            Tile(texts.CACHING, view.dollars(saved.caching)),
        ],
    )


def _by_day(view: View, days: Sequence[DayCost]) -> None:
    known = [name for name in PURPOSES if any(one.purpose == name for one in days)]
    others = sorted({one.purpose for one in days} - set(known))
    series = [(_purpose(view, name), colour) for name, colour in zip([*known, *others], PALETTE * 2, strict=False)]
    points = [(_step_of(one, view.step, view.zone), _purpose(view, one.purpose), float(one.dollars)) for one in days]
    columns = (
        Column[DayCost](texts.DAY, lambda one: one.day, "day"),
        Column[DayCost](texts.PURPOSE, lambda one: _purpose(view, one.purpose)),
        Column[DayCost](texts.MODEL, lambda one: one.model),
        Column[DayCost](texts.DOLLARS, lambda one: one.dollars, "dollars"),
        Column[DayCost](texts.CALLS, lambda one: one.calls, "number"),
        Column[DayCost](texts.UNPRICED, lambda one: one.unpriced, "number", texts.UNPRICED_HELP),
    )
    figure(view, "cost-days", texts.BY_DAY, bars(view, texts.DOLLARS, series, points, money=True), Table(columns, days))


def _step_of(one: DayCost, step: Step, zone: ZoneInfo) -> datetime:
    """The bar that a day belongs to; where bars are hours, its first."""
    day = one.day
    if step == "week":
        day -= timedelta(days=day.weekday())
    elif step == "month":
        day = day.replace(day=1)
    return datetime.combine(day, time(), zone)


def _purpose(view: View, name: str) -> str:
    return view.say(texts.PURPOSES[name]) if name in texts.PURPOSES else name


def _parts(
    view: View, name: str, title: Phrase, what: Phrase, days: Sequence[DayCost], part: Callable[[DayCost], str]
) -> None:
    found = [
        Part(
            one,
            sum((day.dollars for day in its), Decimal(0)),
            sum(day.calls for day in its),
            sum(day.unpriced for day in its),
        )
        for one in dict.fromkeys(part(day) for day in days)
        for its in [[day for day in days if part(day) == one]]
    ]
    found.sort(key=lambda one: one.dollars, reverse=True)
    columns = (
        Column[Part](what, lambda one: one.name),
        Column[Part](texts.DOLLARS, lambda one: one.dollars, "dollars"),
        Column[Part](texts.CALLS, lambda one: one.calls, "number"),
        Column[Part](texts.UNPRICED, lambda one: one.unpriced, "number", texts.UNPRICED_HELP),
    )
    chart = ranked(view, texts.DOLLARS, [(one.name, float(one.dollars)) for one in found], money=True)
    figure(view, name, title, chart, Table(columns, found))


def _by_chat(view: View) -> None:
    found = view.seen(cost.by_chat)
    columns = (
        Column[ChatCost](shell.CHAT, lambda one: _chat(view, one)),
        Column[ChatCost](texts.DOLLARS, lambda one: one.dollars, "dollars"),
        Column[ChatCost](texts.CALLS, lambda one: one.calls, "number"),
        Column[ChatCost](texts.MESSAGES, lambda one: one.messages, "number"),
    )
    points = [(_chat(view, one), float(one.dollars)) for one in found[:12]]
    figure(view, "cost-chats", texts.BY_CHAT, ranked(view, texts.DOLLARS, points, money=True), Table(columns, found))


def _chat(view: View, one: ChatCost) -> str:
    return view.say(texts.SHARED) if one.chat_id is None else view.title(one.chat_id, one.chat)


opened(show, "cost")
