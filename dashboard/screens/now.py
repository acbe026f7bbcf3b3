"""*Now*: who waits for an answer, what was urgent, and how much goes on. It renews itself."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

import streamlit as st

from analytics.queries import chats, now
from analytics.queries.chats import Volume
from analytics.queries.inputs import Period
from analytics.queries.now import Alert, Waiting
from dashboard import data
from dashboard.cards import Badge, Card, Link, cards
from dashboard.figures import AMBER, GREEN, Column, Table, bars, figure, rows
from dashboard.links import thread_url
from dashboard.shell import opened
from dashboard.texts import now as texts
from dashboard.texts import shell
from dashboard.tiles import Tile, tiles
from dashboard.view import View

CARDS: Final = 8
"""Of those who wait, beside the urgent ones; the rest is in the table."""
LISTED: Final = 200
ALERTS: Final = 8
LONG: Final = timedelta(hours=4)
"""Whoever has waited longer stands out."""


def show(view: View) -> None:
    """The page."""
    counters = view.seen(now.counters, view.at)
    longest = counters.waiting_since and view.say(texts.LONGEST, age=view.ago(counters.waiting_since))
    clients = view.say(texts.BY_CLIENTS, count=view.number(counters.client_messages_today))
    tiles(
        view,
        [
            Tile(texts.WAITING, view.number(counters.waiting), longest or ""),
            Tile(texts.URGENT, view.number(counters.urgent_today)),
            Tile(texts.MESSAGES, view.number(counters.messages_today), clients),
            Tile(texts.SUGGESTIONS, view.number(counters.suggestions), help=texts.SUGGESTIONS_HELP),
            Tile(texts.BOT, view.number(counters.bot_questions), help=texts.BOT_HELP),
        ],
    )
    _waiting(view, counters.waiting)
    _alerts(view)
    _last_day(view)


def _waiting(view: View, count: int) -> None:
    st.subheader(view.say(texts.WHO_WAITS), anchor=False)
    found = view.seen(now.waiting, LISTED)
    if not found:
        st.success(view.say(texts.NOBODY_WAITS), icon=":material/check:")
        return
    shown = [*found[:CARDS], *(one for one in found[CARDS:] if one.urgent)]
    cards([_card(view, one) for one in shown])
    if count > len(shown):
        st.caption(view.say(texts.MORE, count=CARDS, all=view.number(count)))
    with st.expander(view.say(shell.TABLE), icon=":material/table_rows:"):
        rows(view, "waiting", _waiting_table(view, found))


def _card(view: View, one: Waiting) -> Card:
    is_long = view.at - one.since > LONG
    badges = [Badge(view.say(texts.WHY[one.why]))]
    if one.category is not None:
        badges.append(Badge(view.say(texts.CATEGORIES[one.category])))
    if one.urgent:
        badges.append(Badge(view.say(texts.IS_URGENT), "bad"))
    return Card(
        title=view.title(one.chat_id, one.chat),
        lead=view.ago(one.since),
        mood="bad" if one.urgent else "warn" if is_long else "calm",
        badges=badges,
        text=one.text or view.say(texts.GONE),
        notes=[(view.say(texts.DRAFT), one.suggestion)] if one.suggestion else [],
        links=_links(view, one.chat_id, one.thread_id, one.link),
    )


def _links(view: View, chat_id: int, thread_id: int | None, link: str | None) -> Sequence[Link]:
    inside = [] if thread_id is None else [Link(view.say(texts.THREAD), thread_url(view, chat_id, thread_id))]
    return [*inside, *([Link(view.say(shell.IN_TELEGRAM), link)] if link else [])]


def _waiting_table(view: View, found: Sequence[Waiting]) -> Table[Waiting]:
    columns = (
        Column[Waiting](texts.AGE, lambda one: view.at - one.since, "duration"),
        Column[Waiting](texts.SINCE, lambda one: one.since, "moment"),
        Column[Waiting](shell.CHAT, lambda one: view.title(one.chat_id, one.chat)),
        Column[Waiting](texts.REASON, lambda one: view.say(texts.WHY[one.why])),
        Column[Waiting](texts.CATEGORY, lambda one: one.category and view.say(texts.CATEGORIES[one.category])),
        Column[Waiting](texts.IS_URGENT, lambda one: one.urgent, "yes"),
        Column[Waiting](texts.TEXT, lambda one: one.text),
        Column[Waiting](texts.LINK, lambda one: one.link, "link"),
    )
    return Table(columns, found, LISTED)


def _alerts(view: View) -> None:
    st.subheader(view.say(texts.ALERTS), anchor=False, help=view.say(texts.ALERTS_NOTE))
    found = view.seen(now.alerts, LISTED)
    if not found:
        st.caption(view.say(texts.NO_ALERTS))
        return
    cards([_alert_card(view, one) for one in found[:ALERTS]])
    with st.expander(view.say(shell.TABLE), icon=":material/table_rows:"):
        rows(view, "alerts", _alerts_table(view, found))


def _alert_card(view: View, one: Alert) -> Card:
    answered = Badge(view.say(texts.ANSWERED), "good") if one.answered else Badge(view.say(texts.UNANSWERED), "warn")
    return Card(
        title=view.title(one.chat_id, one.chat),
        lead=view.ago(one.sent_at),
        mood="calm" if one.answered else "bad",
        badges=[Badge(view.say(texts.STATES[_state(one)])), answered],
        text=one.text,
        notes=[(view.say(texts.SUMMARY), one.summary)] if one.summary and not one.answered else [],
        links=_links(view, one.chat_id, one.thread_id, one.link),
    )


def _state(one: Alert) -> str:
    return one.state if one.state != "done" else "confirmed" if one.urgent else "not_confirmed"


def _alerts_table(view: View, found: Sequence[Alert]) -> Table[Alert]:
    columns = (
        Column[Alert](texts.SINCE, lambda one: one.sent_at, "moment"),
        Column[Alert](shell.CHAT, lambda one: view.title(one.chat_id, one.chat)),
        Column[Alert](texts.STATE, lambda one: view.say(texts.STATES[_state(one)])),
        Column[Alert](texts.ANSWERED, lambda one: one.answered, "yes"),
        Column[Alert](texts.TEXT, lambda one: one.text),
        Column[Alert](texts.SUMMARY, lambda one: one.summary),
        Column[Alert](texts.LINK, lambda one: one.link, "link"),
    )
    return Table(columns, found, LISTED)


def _last_day(view: View) -> None:
    """Whatever the period: a day tells how busy it is now."""
    day = Period(view.at - timedelta(hours=24), view.at, view.zone)
    found = data.seen(view.at, view.scope, day, chats.volume, "hour")
    of_day = replace(view, shown=day)
    clients, team = view.say(texts.CLIENTS), view.say(texts.BY_STAFF)
    points = [
        point
        for one in found
        for point in ((one.at, clients, one.messages - one.staff_messages), (one.at, team, one.staff_messages))
    ]
    chart = bars(of_day, texts.COUNT, [(clients, AMBER), (team, GREEN)], points)
    columns = (
        Column[Volume](texts.HOUR, lambda one: one.at, "moment"),
        Column[Volume](texts.ALL, lambda one: one.messages, "number"),
        Column[Volume](texts.BY_STAFF, lambda one: one.staff_messages, "number"),
    )
    figure(of_day, "last-day", texts.LAST_DAY, chart, Table(columns, found))


opened(show, "now", live=True)
