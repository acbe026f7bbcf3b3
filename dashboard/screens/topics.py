"""*Topics*: what is talked about, what is new or rising, in which mood, with examples."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import streamlit as st

from analytics.queries import topics
from analytics.queries.topics import ANGRY, Example, MoodStep, TopicRow, TopicStep
from analytics.trends import Trend
from dashboard.cards import Badge, Card, Link, Mood, cards
from dashboard.figures import PALETTE, Column, Table, bars, course, figure, listed
from dashboard.links import thread_url
from dashboard.shell import elsewhen, opened
from dashboard.texts import shell
from dashboard.texts import topics as texts
from dashboard.tiles import Tile, tiles
from dashboard.view import View

DRAWN: Final = 6
"""Topics in the chart: more cannot be told apart by colour."""
EXAMPLES: Final = 8
TOPIC: Final = "topic"
"""In the address: whose examples are shown."""


def show(view: View) -> None:
    """The page."""
    found = view.seen(topics.topics)
    if not found:
        st.info(view.say(texts.NOTHING))
        elsewhen(view)
        return
    mood = view.seen(topics.mood, view.step)
    _tiles(view, found, mood)
    _course(view, found[:DRAWN])
    listed(view, "topics", texts.ALL_TOPICS, _table(view, found), note=_by_what(view))
    _examples(view, found)
    _mood(view, mood)


def _by_what(view: View) -> str:
    return view.say(texts.BY_RULES) if not view.with_claude else ""


def _tiles(view: View, found: Sequence[TopicRow], mood: Sequence[MoodStep]) -> None:
    windows = sum(one.windows for one in mood)
    mean = sum(one.sentiment * one.windows for one in mood) / windows if windows else None
    unresolved, resolved = sum(one.unresolved for one in found), sum(one.resolved for one in found)
    known = unresolved + resolved
    tiles(
        view,
        [
            Tile(texts.TOPICS, view.number(len(found))),
            Tile(texts.NEW, view.number(sum(one.trend is Trend.NEW for one in found)), help=texts.NEW_HELP),
            Tile(texts.RISING, view.number(sum(one.trend is Trend.RISING for one in found)), help=texts.RISING_HELP),
            Tile(texts.MOOD, _signed(view, mean), help=texts.MOOD_HELP),
            Tile(texts.UNRESOLVED, view.share(unresolved / known if known else None), help=texts.UNRESOLVED_HELP),
        ],
    )


def _signed(view: View, mood: float | None) -> str:
    said = view.number(mood, 2)
    return said.replace("-", "−") if mood is None or mood < 0 else f"+{said}"


def _course(view: View, found: Sequence[TopicRow]) -> None:
    steps = view.seen(topics.course, [one.topic_id for one in found], view.step)
    names = {one.topic_id: _name(view, one, found) for one in found}
    points = [(one.at, names[one.topic_id], float(one.messages)) for one in steps]
    columns = (
        Column[TopicStep](texts.WHEN, lambda one: one.at, "moment"),
        Column[TopicStep](texts.TOPIC, lambda one: names[one.topic_id]),
        Column[TopicStep](texts.MESSAGES, lambda one: one.messages, "number"),
        Column[TopicStep](texts.SENTIMENT, lambda one: one.sentiment, "figure"),
    )
    chart = bars(view, texts.MESSAGES, list(zip(names.values(), PALETTE, strict=False)), points)
    figure(view, "topics-course", texts.COURSE, chart, Table(columns, steps), note=view.say(texts.COURSE_NOTE))


def _name(view: View, one: TopicRow, among: Sequence[TopicRow]) -> str:
    """With its chat where two chats talk about the same."""
    is_alone = sum(other.name == one.name for other in among) == 1
    return one.name if is_alone else f"{one.name} ({view.title(one.chat_id, one.chat)})"


def _table(view: View, found: Sequence[TopicRow]) -> Table[TopicRow]:
    columns = (
        Column[TopicRow](texts.TOPIC, lambda one: one.name),
        Column[TopicRow](shell.CHAT, lambda one: view.title(one.chat_id, one.chat)),
        Column[TopicRow](texts.MESSAGES, lambda one: one.messages, "number"),
        Column[TopicRow](texts.BEFORE, lambda one: one.before, "number"),
        Column[TopicRow](texts.TREND, lambda one: view.say(texts.TRENDS[one.trend])),
        Column[TopicRow](texts.SENTIMENT, lambda one: one.sentiment, "figure"),
        Column[TopicRow](texts.RESOLVED, lambda one: one.resolved, "number"),
        Column[TopicRow](texts.UNRESOLVED, lambda one: one.unresolved, "number"),
        Column[TopicRow](texts.FIRST, lambda one: one.first_at, "moment"),
    )
    return Table(columns, found)


def _examples(view: View, found: Sequence[TopicRow]) -> None:
    st.subheader(view.say(texts.EXAMPLES), anchor=False)
    names = {one.topic_id: f"{one.name} · {view.title(one.chat_id, one.chat)}" for one in found}
    named = next((one for one in names if str(one) == st.query_params.get(TOPIC)), found[0].topic_id)
    st.session_state["choice_topic"] = named
    st.selectbox(
        view.say(texts.CHOOSE), list(names), key="choice_topic", format_func=lambda one: names[one], on_change=_chosen,
        label_visibility="collapsed",
    )  # fmt: skip
    examples = view.seen(topics.examples, named, EXAMPLES)
    if examples:
        cards([_card(view, one) for one in examples])
    else:
        st.caption(view.say(texts.NO_EXAMPLES))


def _chosen() -> None:
    chosen: UUID = st.session_state["choice_topic"]
    st.query_params[TOPIC] = str(chosen)


def _card(view: View, one: Example) -> Card:
    known: dict[bool | None, tuple[list[Badge], Mood]] = {
        True: ([Badge(view.say(texts.IS_RESOLVED), "good")], "good"),
        False: ([Badge(view.say(texts.IS_UNRESOLVED), "warn")], "warn"),
        None: ([], "calm"),
    }
    badges, mood = known[one.resolved]
    inside = (
        [] if one.thread_id is None else [Link(view.say(texts.THREAD), thread_url(view, one.chat_id, one.thread_id))]
    )
    return Card(
        title=f"{view.title(one.chat_id)} · {view.moment(one.sent_at)}",
        badges=badges,
        mood=mood,
        text=one.text,
        notes=[(view.say(texts.PROBLEM), one.problem)] if one.problem else [],
        links=[*inside, *([Link(view.say(shell.IN_TELEGRAM), one.link)] if one.link else [])],
    )


def _mood(view: View, found: Sequence[MoodStep]) -> None:
    columns = (
        Column[MoodStep](texts.WHEN, lambda one: one.at, "moment"),
        Column[MoodStep](texts.SENTIMENT, lambda one: one.sentiment, "figure"),
        Column[MoodStep](texts.WINDOWS, lambda one: one.windows, "number"),
        Column[MoodStep](texts.ANGRY, lambda one: one.angry, "number"),
    )
    chart = course(view, texts.SENTIMENT, [(one.at, one.sentiment) for one in found], (-1, 1), ANGRY)
    figure(view, "mood", texts.MOOD_COURSE, chart, Table(columns, found))


opened(show, "topics")
