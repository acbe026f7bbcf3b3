"""*Pipeline*: what is held of each chat, what waits, what failed, and which alarms were raised. It renews itself."""

from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from analytics.queries import pipeline
from analytics.queries.pipeline import AlarmRow, Backlog, ChatCoverage, DeadLetterRow
from core.streams.broker import Depth
from dashboard.cards import Badge, Card, cards
from dashboard.desk import RedisAway, desk
from dashboard.doing import done
from dashboard.figures import Column, Table, listed, rows
from dashboard.shell import opened
from dashboard.texts import cost as cost_texts
from dashboard.texts import pipeline as texts
from dashboard.texts import shell
from dashboard.tiles import Tile, tiles
from dashboard.view import View
from dashboard.words import NONE

LETTERS: Final = 6
"""Dead letters with a button of their own."""
LISTED: Final = 100


def show(view: View) -> None:
    """The page."""
    backlog, depths = view.seen(pipeline.backlog), _depths(view)
    _tiles(view, backlog, depths)
    _dead_letters(view)
    if depths is not None:
        _streams(view, depths)
    listed(view, "coverage", texts.COVERAGE, _coverage(view, view.seen(pipeline.coverage)))
    if backlog.windows:
        _windows(view, backlog)
    _alarms(view)


def _depths(view: View) -> Mapping[str, Depth] | None:
    try:
        return desk().run(desk().depths())
    except RedisAway:
        st.error(view.say(shell.REDIS_AWAY), icon=":material/cloud_off:")
        return None


def _tiles(view: View, backlog: Backlog, depths: Mapping[str, Depth] | None) -> None:
    queued = None if depths is None else sum(one.length for one in depths.values())
    since = backlog.unwindowed_since
    oldest = "" if since is None else view.say(texts.SINCE, age=view.ago(since))
    tiles(
        view,
        [
            Tile(texts.QUEUED, view.number(queued), help=texts.QUEUED_HELP),
            Tile(texts.DEAD, view.number(backlog.dead_letters)),
            Tile(texts.UNEMBEDDED, view.number(backlog.unembedded), help=texts.UNEMBEDDED_HELP),
            Tile(texts.UNPLACED, view.number(backlog.unplaced)),
            Tile(texts.UNWINDOWED, view.number(backlog.unwindowed), oldest),
            Tile(texts.URGENT, view.number(backlog.urgent)),
        ],
    )


# --- dead letters


def _dead_letters(view: View) -> None:
    st.subheader(view.say(texts.DEAD_LETTERS), anchor=False)
    if st.session_state.pop("letter_sent", False):
        st.success(view.say(texts.RETRIED), icon=":material/check:")
    if not view.whole.every_chat:
        st.caption(view.say(texts.ONLY_WITH_ALL))
        return
    found = view.seen_at_all(pipeline.dead_letters, limit=LISTED)
    if not found:
        st.success(view.say(texts.NO_DEAD), icon=":material/check:")
        return
    st.caption(view.say(texts.DEAD_NOTE))
    for one in found[:LETTERS]:
        cards([_letter(view, one)])
        if view.visitor.is_admin and st.button(view.say(texts.RETRY), key=f"retry_{one.id}", icon=":material/replay:"):
            _retry(view, [one.id])
    if view.visitor.is_admin and len(found) > 1:
        all_of_them = view.say(texts.RETRY_ALL, count=len(found))
        if st.button(all_of_them, key="retry_all", icon=":material/replay:", type="tertiary"):
            _retry(view, [one.id for one in found])
    columns = (
        Column[DeadLetterRow](texts.NUMBER, lambda one: one.id, "number"),
        Column[DeadLetterRow](texts.FAILED, lambda one: one.failed_at, "moment"),
        Column[DeadLetterRow](texts.STREAM, lambda one: one.stream),
        Column[DeadLetterRow](texts.ERROR, lambda one: one.error),
    )
    with st.expander(view.say(shell.TABLE), icon=":material/table_rows:"):
        rows(view, "dead-letters", Table(columns, found, LISTED))


def _letter(view: View, one: DeadLetterRow) -> Card:
    return Card(
        lead=f"{view.say(texts.NUMBER)} {one.id}",
        title=_stream(view, one.stream),
        badges=[Badge(view.moment(one.failed_at))],
        mood="bad",
        text=one.error,
    )


def _retry(view: View, letter_ids: Sequence[int]) -> None:
    if done(view, "resend", desk().deeds.resend(view.visitor, letter_ids)):
        st.session_state["letter_sent"] = True
        st.rerun()


# --- streams, chats, windows, alarms


def _streams(view: View, depths: Mapping[str, Depth]) -> None:
    found = list(depths.items())
    columns = (
        Column[tuple[str, Depth]](texts.STREAM, lambda row: _stream(view, row[0])),
        Column[tuple[str, Depth]](texts.LENGTH, lambda row: row[1].length, "number"),
        Column[tuple[str, Depth]](texts.PENDING, lambda row: row[1].pending, "number"),
        Column[tuple[str, Depth]](texts.LAG, lambda row: row[1].lag, "number"),
    )
    listed(view, "streams", texts.STREAMS, Table(columns, found))


def _stream(view: View, name: str) -> str:
    return view.say(texts.NAMES[name]) if name in texts.NAMES else name


def _coverage(view: View, found: Sequence[ChatCoverage]) -> Table[ChatCoverage]:
    columns = (
        Column[ChatCoverage](shell.CHAT, lambda one: view.title(one.chat_id, one.chat)),
        Column[ChatCoverage](texts.MESSAGES, lambda one: one.messages, "number"),
        Column[ChatCoverage](texts.LAST_HOUR, lambda one: one.last_hour, "moment"),
        Column[ChatCoverage](texts.COMPLETE_TO, lambda one: one.complete_to, "number"),
        Column[ChatCoverage](texts.HOLES, lambda one: _holes(one), help=texts.HOLES_HELP),
        Column[ChatCoverage](texts.UNMASKED, lambda one: one.unmasked, "number", texts.UNMASKED_HELP),
        Column[ChatCoverage](texts.HEARD, lambda one: one.heard_at, "moment"),
    )
    return Table(columns, found)


def _holes(one: ChatCoverage) -> str:
    """The latest, and how many more there are."""
    shown = [f"{first}–{last}" if first != last else f"{first}" for first, last in one.holes[:3]]
    more = one.hole_count - len(shown)
    return ", ".join([*shown, *([f"+{more}"] if more else [])]) or NONE


def _windows(view: View, backlog: Backlog) -> None:
    found = sorted(backlog.windows.items())
    columns = (
        Column[tuple[str, int]](texts.STATE, lambda row: view.say(texts.STATES[row[0]])),
        Column[tuple[str, int]](texts.COUNT, lambda row: row[1], "number"),
    )
    listed(view, "windows", texts.WINDOWS, Table(columns, found))


def _alarms(view: View) -> None:
    st.subheader(view.say(texts.ALARMS), anchor=False)
    if not view.whole.every_chat:
        st.caption(view.say(texts.ONLY_WITH_ALL))
        return
    found = view.seen_at_all(pipeline.alarms)
    if not found:
        st.success(view.say(texts.NO_ALARMS), icon=":material/check:")
        return
    columns = (
        Column[AlarmRow](texts.RAISED, lambda one: one.raised_at, "moment"),
        Column[AlarmRow](texts.BUDGET, lambda one: _budget(view, one.budget)),
        Column[AlarmRow](texts.PER, lambda one: view.say(texts.PERIODS[one.period])),
        Column[AlarmRow](texts.PERCENT, lambda one: one.percent, "number"),
    )
    rows(view, "alarms", Table(columns, found))


def _budget(view: View, name: str) -> str:
    known = {**cost_texts.PURPOSES, "total": texts.TOTAL}
    return view.say(known[name]) if name in known else name


opened(show, "pipeline", live=True)
