"""*Chats*: how much is written, how soon the team answers, what is resolved; down to the messages of one thread."""

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import streamlit as st

from analytics.queries import chats
from analytics.queries.chats import ChatRow, ThreadMessage, ThreadRow, ThreadState, Volume, WeekHour
from analytics.responding import Responses, ResponseTimes
from dashboard.cards import Badge, Card, Link, cards
from dashboard.figures import AMBER, GREEN, Column, Table, bars, figure, listed, rows, spread, week
from dashboard.links import thread_url
from dashboard.shell import elsewhen, opened
from dashboard.texts import chats as texts
from dashboard.texts import now as now_texts
from dashboard.texts import shell
from dashboard.texts.phrase import Phrase
from dashboard.tiles import Tile, tiles
from dashboard.view import View

THREAD: Final = "thread"
"""In the address: the chat and the thread that are read."""
PAGE: Final = 10
LISTED: Final = 200

Row: TypeAlias = tuple[str, Responses]
"""What a chart of response times names, and what is true of it."""


def show(view: View) -> None:
    """One thread where the address names one, else the overview."""
    named = st.query_params.get(THREAD)
    if named is None:
        _overview(view)
    else:
        _thread(view, named)


def _overview(view: View) -> None:
    volume = view.seen(chats.volume, view.step)
    if not volume:
        elsewhen(view)
        return
    found = view.seen(chats.chats)
    responses = view.seen(chats.response_times)
    _tiles(view, found, responses.overall)
    _volume(view, volume)
    _responses(view, responses)
    _pattern(view)
    listed(view, "chats", texts.BY_CHAT, _by_chat(view, found))
    _threads(view)


def _volume(view: View, found: Sequence[Volume]) -> None:
    clients, team = view.say(texts.CLIENTS), view.say(texts.TEAM)
    points = [
        point
        for one in found
        for point in ((one.at, clients, one.messages - one.staff_messages), (one.at, team, one.staff_messages))
    ]
    columns = (
        Column[Volume](texts.WHEN, lambda one: one.at, "moment"),
        Column[Volume](texts.MESSAGES, lambda one: one.messages, "number"),
        Column[Volume](texts.BY_TEAM, lambda one: one.staff_messages, "number"),
        Column[Volume](texts.URGENT, lambda one: one.urgent, "number"),
    )
    chart = bars(view, texts.MESSAGES, [(clients, AMBER), (team, GREEN)], points)
    figure(view, "volume", texts.VOLUME, chart, Table(columns, found))


def _tiles(view: View, found: Sequence[ChatRow], now: Responses) -> None:
    before = view.seen_before(chats.chats)
    messages, messages_before = (sum(one.messages for one in rows_) for rows_ in (found, before))
    asked_before = sum(one.responses.asked for one in before)
    then = view.seen_before(chats.response_times).overall
    resolved = _share(sum(one.resolved for one in found), sum(one.unresolved for one in found))
    tiles(
        view,
        [
            Tile(texts.MESSAGES, view.number(messages), change=_change(messages, messages_before)),
            Tile(texts.ASKED, view.number(now.asked), change=_change(now.asked, asked_before), help=texts.ASKED_HELP),
            Tile(texts.ANSWERED, view.share(_answered(now))),
            Tile(texts.MEDIAN, view.duration(now.p50), change=_change(now.p50, then.p50), good="down"),
            Tile(
                texts.SLOWEST,
                view.duration(now.p90),
                change=_change(now.p90, then.p90),
                good="down",
                help=texts.SLOWEST_HELP,
            ),
            Tile(texts.RESOLVED, view.share(resolved), help=texts.RESOLVED_HELP),
        ],
    )


def _change(now: float | None, before: float | None) -> str:
    """In percent, with its sign; nothing where there is nothing to compare with."""
    if not before or now is None:
        return ""
    change = round((now - before) / before * 100)
    return f"{change:+d}%" if abs(change) <= 999 else ""


def _answered(found: Responses) -> float | None:
    return found.answered / found.asked if found.asked else None


def _share(part: int, rest: int) -> float | None:
    return part / (part + rest) if part + rest else None


def _responses(view: View, found: ResponseTimes) -> None:
    left, right = st.columns(2)
    with left:
        by_hour = {f"{hour:02}": one for hour, one in sorted(found.by_hour.items())}
        _spread(view, "by-hour", texts.BY_HOUR, texts.HOUR, [f"{hour:02}" for hour in range(24)], by_hour)
    with right:
        days = [view.say(shell.WEEKDAYS[day]) for day in range(1, 8)]
        by_day = {days[day - 1]: one for day, one in sorted(found.by_weekday.items())}
        _spread(view, "by-weekday", texts.BY_WEEKDAY, texts.WEEKDAY, days, by_day)


def _spread(
    view: View, name: str, title: Phrase, at: Phrase, order: Sequence[str], found: Mapping[str, Responses]
) -> None:
    points = {label: (one.p50, one.p90) for label, one in found.items() if one.p50 is not None and one.p90 is not None}
    columns = (
        Column[Row](at, lambda row: row[0]),
        Column[Row](texts.ASKED, lambda row: row[1].asked, "number"),
        Column[Row](texts.ANSWERED, lambda row: row[1].answered, "number"),
        Column[Row](texts.P50, lambda row: row[1].p50, "duration"),
        Column[Row](texts.P90, lambda row: row[1].p90, "duration"),
    )
    chart = spread(view, order, points) if points else None
    figure(view, name, title, chart, Table(columns, list(found.items())), note=view.say(texts.SPREAD_NOTE))


def _pattern(view: View) -> None:
    found = view.seen(chats.week_pattern)
    cells = {(one.weekday, one.hour): (float(one.client_messages), view.number(one.client_messages)) for one in found}
    columns = (
        Column[WeekHour](texts.WEEKDAY, lambda one: view.say(shell.WEEKDAYS[one.weekday])),
        Column[WeekHour](texts.HOUR, lambda one: one.hour, "number"),
        Column[WeekHour](texts.CLIENTS, lambda one: one.client_messages, "number"),
        Column[WeekHour](texts.MESSAGES, lambda one: one.messages, "number"),
    )
    chart = week(view, texts.CLIENTS, cells)
    figure(view, "pattern", texts.PATTERN, chart, Table(columns, found), note=view.say(texts.PATTERN_NOTE))


def _by_chat(view: View, found: Sequence[ChatRow]) -> Table[ChatRow]:
    columns = (
        Column[ChatRow](shell.CHAT, lambda one: view.title(one.chat_id, one.chat)),
        Column[ChatRow](texts.MESSAGES, lambda one: one.messages, "number"),
        Column[ChatRow](texts.BY_TEAM, lambda one: one.staff_messages, "number"),
        Column[ChatRow](texts.URGENT, lambda one: one.urgent, "number"),
        Column[ChatRow](texts.ASKED, lambda one: one.responses.asked, "number", texts.ASKED_HELP),
        Column[ChatRow](texts.ANSWERED_SHARE, lambda one: _answered(one.responses), "share"),
        Column[ChatRow](texts.P50, lambda one: one.responses.p50, "duration"),
        Column[ChatRow](texts.P90, lambda one: one.responses.p90, "duration"),
        Column[ChatRow](texts.WAITING, lambda one: one.waiting, "number"),
        Column[ChatRow](texts.RESOLVED_SHARE, lambda one: one.resolved_share, "share", texts.RESOLVED_HELP),
    )
    return Table(columns, found)


def _threads(view: View) -> None:
    st.subheader(view.say(texts.THREADS), anchor=False)
    names: list[ThreadState] = list(texts.STATES)  # type: ignore[arg-type]
    state: ThreadState = st.segmented_control(
        view.say(texts.WHICH), names, default="asked", required=True, key="thread_state", label_visibility="collapsed",
        format_func=lambda one: view.say(texts.STATES[one]),
    )  # fmt: skip
    shown = st.session_state.setdefault("threads_shown", PAGE)
    found = view.seen(chats.threads, state=state, limit=LISTED)
    if not found:
        st.caption(view.say(texts.NO_THREADS))
        return
    cards([_thread_card(view, one) for one in found[:shown]])
    if len(found) > shown:
        st.button(view.say(texts.MORE), key="more_threads", on_click=_more)
    with st.expander(view.say(shell.TABLE), icon=":material/table_rows:"):
        rows(view, "threads", _threads_table(view, found))


def _more() -> None:
    st.session_state["threads_shown"] += PAGE


def _thread_card(view: View, one: ThreadRow) -> Card:
    link = [Link(view.say(shell.IN_TELEGRAM), one.link)] if one.link else []
    return Card(
        title=f"{view.title(one.chat_id, one.chat)} · {view.moment(one.last_at)}",
        mood="warn" if one.open_at else "calm",
        badges=[Badge(view.say(texts.SIZE, count=one.messages)), *_badges(view, one)],
        text=one.text or view.say(texts.NO_TEXT),
        links=[Link(view.say(texts.READ), thread_url(view, one.chat_id, one.thread_id)), *link],
    )


def _badges(view: View, one: ThreadRow) -> list[Badge]:
    found = []
    if one.open_at is not None and one.resolved is not True:
        found.append(Badge(view.say(texts.WAITS, age=view.ago(one.open_at)), "warn"))
    elif one.answered_at is not None and one.asked_at is not None:
        found.append(Badge(view.say(texts.ANSWERED_IN, age=view.duration(one.answered_at - one.asked_at))))
    if one.resolved is not None:
        said = (
            Badge(view.say(texts.IS_RESOLVED), "good") if one.resolved else Badge(view.say(texts.IS_UNRESOLVED), "warn")
        )
        found.append(said)
    return found


def _threads_table(view: View, found: Sequence[ThreadRow]) -> Table[ThreadRow]:
    columns = (
        Column[ThreadRow](texts.LAST, lambda one: one.last_at, "moment"),
        Column[ThreadRow](shell.CHAT, lambda one: view.title(one.chat_id, one.chat)),
        Column[ThreadRow](texts.QUESTION, lambda one: one.text),
        Column[ThreadRow](texts.MESSAGES, lambda one: one.messages, "number"),
        Column[ThreadRow](texts.STATE, lambda one: ", ".join(badge.text for badge in _badges(view, one))),
        Column[ThreadRow](texts.LINK, lambda one: one.link, "link"),
    )
    return Table(columns, found, LISTED)


# --- one thread


def _thread(view: View, named: str) -> None:
    st.button(view.say(texts.BACK), icon=":material/arrow_back:", type="tertiary", on_click=_back)
    chat, _, thread = named.partition(":")
    found: Sequence[ThreadMessage] = []
    if chat.removeprefix("-").isdecimal() and thread.removeprefix("-").isdecimal() and max(len(chat), len(thread)) < 19:
        found = view.seen_at_all(chats.thread_messages, int(chat), int(thread))
    if not found:
        st.warning(view.say(texts.NO_THREAD))
        return
    st.subheader(view.say(texts.ONE_THREAD, chat=view.title(found[0].chat_id)), anchor=False)
    people = list(dict.fromkeys(one.sender for one in found if not one.is_staff))
    cards([_message(view, one, people) for one in found])
    columns = (
        Column[ThreadMessage](texts.WHEN, lambda one: one.sent_at, "moment"),
        Column[ThreadMessage](texts.WHO, lambda one: _who(view, one, people)),
        Column[ThreadMessage](texts.TEXT, lambda one: one.text),
        Column[ThreadMessage](texts.LANE, lambda one: one.lane),
        Column[ThreadMessage](texts.LINK, lambda one: one.link, "link"),
    )
    with st.expander(view.say(shell.TABLE), icon=":material/table_rows:"):
        rows(view, "thread", Table(columns, found))


def _back() -> None:
    del st.query_params[THREAD]


def _message(view: View, one: ThreadMessage, people: Sequence[str]) -> Card:
    badges = []
    if one.lane == "HIGH" and not one.is_staff:
        badges.append(Badge(view.say(now_texts.IS_URGENT), "bad" if one.urgent is not False else "calm"))
    if one.category is not None:
        badges.append(Badge(view.say(now_texts.CATEGORIES[one.category])))
    if one.link_how == "inferred":
        badges.append(Badge(view.say(texts.INFERRED)))
    return Card(
        title=f"{_who(view, one, people)} · {view.moment(one.sent_at)}",
        mood="bad" if one.urgent else "calm",
        side="staff" if one.is_staff else "",
        badges=badges,
        text=one.text,
        notes=[(view.say(now_texts.SUMMARY), one.summary)] if one.summary else [],
        links=[Link(view.say(shell.IN_TELEGRAM), one.link)] if one.link else [],
    )


def _who(view: View, one: ThreadMessage, people: Sequence[str]) -> str:
    """Pseudonyms are long; within one thread a number tells people apart."""
    return view.say(texts.STAFF) if one.is_staff else view.say(texts.CLIENT, number=people.index(one.sender) + 1)


opened(show, "chats")
