"""*Assistant*: what it was asked, what became of it, how its answers are liked, and what it could not answer."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from analytics.queries import assistant
from analytics.queries.assistant import AnswerRow, Draft, GapRow, PromptRow, QuestionStep, ReasonRow, VoteStep
from assistant.texts.phrases import REASONS
from dashboard.cards import Badge, Card, Link, cards
from dashboard.deeds import Filling
from dashboard.desk import desk
from dashboard.doing import done
from dashboard.figures import AMBER, GREEN, GREY, INDIGO, PALETTE, Column, Table, bars, figure, listed, rows
from dashboard.shell import opened
from dashboard.texts import assistant as texts
from dashboard.texts import shell
from dashboard.tiles import Tile, tiles
from dashboard.view import View

GAP: Final = "gap"
"""In the address: the gap that is being filled."""
GAPS: Final = 5
ANSWERS: Final = 8
LISTED: Final = 200
LONGEST: Final = 4_000
"""Characters of a vetted answer: as much as a message of Telegram holds."""


def show(view: View) -> None:
    """The page."""
    steps = view.seen(assistant.questions, view.step)
    if not steps:
        st.info(view.say(texts.NOTHING))
        return
    votes = view.seen(assistant.votes, view.step)
    _tiles(view, steps, votes)
    _questions(view, steps)
    _gaps(view)
    _votes(view, votes)
    left, right = st.columns([2, 1])
    with left:
        listed(view, "prompts", texts.PROMPTS, _prompts(view, view.seen(assistant.prompts)))
    with right:
        listed(view, "reasons", texts.WHY_NOT, _reasons(view, view.seen(assistant.reasons)))
    _answers(view)


def _tiles(view: View, steps: Sequence[QuestionStep], votes: Sequence[VoteStep]) -> None:
    asked, refused = sum(one.asked for one in steps), sum(one.refused for one in steps)
    up, cast = sum(one.up for one in votes), sum(one.up + one.down for one in votes)
    tiles(
        view,
        [
            Tile(texts.ASKED, view.number(asked)),
            Tile(texts.ANSWERED, view.share(1 - refused / asked), view.number(asked - refused)),
            Tile(texts.REFUSED, view.share(refused / asked), view.number(refused)),
            Tile(texts.HANDED_OVER, view.number(sum(one.handed_over for one in steps))),
            Tile(
                texts.LIKED,
                view.share(up / cast if cast else None),
                view.say(texts.LIKED_NOTE, count=view.number(cast)),
            ),
        ],
    )


def _questions(view: View, steps: Sequence[QuestionStep]) -> None:
    written, quoted, refused = (view.say(one) for one in (texts.WRITTEN, texts.QUOTED, texts.REFUSED))
    points = [
        point
        for one in steps
        for point in (
            (one.at, written, one.answered - one.quoted), (one.at, quoted, one.quoted), (one.at, refused, one.refused)
        )
    ]  # fmt: skip
    columns = (
        Column[QuestionStep](texts.WHEN, lambda one: one.at, "moment"),
        Column[QuestionStep](texts.ASKED, lambda one: one.asked, "number"),
        Column[QuestionStep](texts.WRITTEN, lambda one: one.answered - one.quoted, "number"),
        Column[QuestionStep](texts.QUOTED, lambda one: one.quoted, "number"),
        Column[QuestionStep](texts.REFUSED, lambda one: one.refused, "number"),
        Column[QuestionStep](texts.HANDED_OVER, lambda one: one.handed_over, "number"),
    )
    chart = bars(view, texts.COUNT, [(written, GREEN), (quoted, GREY), (refused, AMBER)], points)
    figure(view, "questions", texts.QUESTIONS, chart, Table(columns, steps))


# --- gaps


def _gaps(view: View) -> None:
    st.subheader(view.say(texts.GAPS), anchor=False)
    st.caption(view.say(texts.GAPS_NOTE))
    if st.session_state.pop("gap_filled", False):
        st.success(view.say(texts.VOUCHED), icon=":material/check:")
    found = view.seen(assistant.gaps)
    open_ones, closed = [one for one in found if not one.is_closed], [one for one in found if one.is_closed]
    if not open_ones:
        st.success(view.say(texts.NO_GAPS), icon=":material/check:")
    for one in open_ones[:GAPS]:
        _gap(view, one)
    if open_ones[GAPS:]:
        filled = any(str(one.gap.answer_ids[0]) == st.query_params.get(GAP) for one in open_ones[GAPS:])
        with st.expander(view.say(texts.MORE_GAPS, count=len(open_ones) - GAPS), expanded=filled):
            for one in open_ones[GAPS:]:
                _gap(view, one)
    if closed:
        with st.expander(view.say(texts.CLOSED, count=len(closed)), icon=":material/check:"):
            cards([_gap_card(view, one) for one in closed])
    if found:
        with st.expander(view.say(shell.TABLE), icon=":material/table_rows:"):
            rows(view, "gaps", _gaps_table(view, found))


def _gap(view: View, one: GapRow) -> None:
    cards([_gap_card(view, one)])
    _filling(view, one)


def _gap_card(view: View, one: GapRow) -> Card:
    gap = one.gap
    badges = [Badge(view.say(texts.LATEST, age=view.ago(gap.last_at)))]
    badges += [Badge(view.title(chat_id)) for chat_id in one.chat_ids[:3]]
    if one.vetted_at is not None:
        badges.append(Badge(view.say(texts.CLOSED_AT, date=view.day(one.vetted_at)), "good"))
    notes = [(view.say(texts.ALSO), "\n".join(gap.wordings))] if gap.wordings else []
    if one.draft is not None:
        notes.append((view.say(texts.FROM_STAFF), one.draft.text))
    return Card(
        lead=view.say(texts.TIMES, count=gap.count),
        mood="good" if one.is_closed else "warn" if gap.count > 1 else "calm",
        badges=badges,
        text=gap.question,
        notes=notes,
    )


def _filling(view: View, one: GapRow) -> None:
    """The button, or the form where it was pressed."""
    name = str(one.gap.answer_ids[0])
    if st.query_params.get(GAP) != name:
        st.button(view.say(texts.LOOK), key=f"look_{name}", icon=":material/edit:", on_click=_look, args=(name,))
        return
    draft = one.draft or view.seen(assistant.nearest_draft, one.gap.answer_ids[0])
    with st.form(f"gap_{name}"):
        _nearest(view, draft)
        words = st.text_area(
            view.say(texts.ANSWER),
            value="" if draft is None else draft.text,
            key=f"words_{name}",
            height=140,
            max_chars=LONGEST,
        )
        chat_id = one.chat_id
        if chat_id is None:
            chat_id = st.selectbox(
                view.say(texts.FOR_CHAT), list(view.held), format_func=view.title, key=f"chat_{name}"
            )
        with st.container(horizontal=True):
            is_sent = st.form_submit_button(view.say(texts.VOUCH), type="primary", icon=":material/verified:")
            st.form_submit_button(view.say(shell.CANCEL), on_click=_look, args=(None,))
    if is_sent:
        filling = Filling(one.gap.answer_ids[0], words or "", None if one.chat_id is not None else chat_id)
        if done(view, "fill_gap", desk().deeds.fill_gap(view.visitor, view.whole, filling)):
            _look(None)
            st.session_state["gap_filled"] = True
            st.rerun()


def _nearest(view: View, draft: Draft | None) -> None:
    if draft is not None and draft.origin == "unit":
        links = [Link(view.say(texts.SOURCE), draft.link)] if draft.link else []
        cards([Card(title=view.say(texts.FROM_UNIT), text=draft.text, links=links)])


def _look(name: str | None) -> None:
    if name is None:
        st.query_params.pop(GAP, None)
    else:
        st.query_params[GAP] = name


def _gaps_table(view: View, found: Sequence[GapRow]) -> Table[GapRow]:
    columns = (
        Column[GapRow](texts.GAP, lambda one: one.gap.question),
        Column[GapRow](texts.ASKED_TIMES, lambda one: one.gap.count, "number"),
        Column[GapRow](texts.FIRST, lambda one: one.gap.first_at, "moment"),
        Column[GapRow](texts.LAST, lambda one: one.gap.last_at, "moment"),
        Column[GapRow](shell.CHAT, lambda one: ", ".join(view.title(chat_id) for chat_id in one.chat_ids)),
        Column[GapRow](texts.FROM_STAFF, lambda one: None if one.draft is None else one.draft.text),
    )
    return Table(columns, found)


# --- votes


def _votes(view: View, votes: Sequence[VoteStep]) -> None:
    names = list(dict.fromkeys(_prompt(view, one.prompt) for one in votes))
    points = [
        point
        for one in votes
        for point in ((one.at, _prompt(view, one.prompt), one.up), (one.at, _prompt(view, one.prompt), -one.down))
    ]
    columns = (
        Column[VoteStep](texts.WHEN, lambda one: one.at, "moment"),
        Column[VoteStep](texts.PROMPT, lambda one: _prompt(view, one.prompt)),
        Column[VoteStep](texts.UP, lambda one: one.up, "number"),
        Column[VoteStep](texts.DOWN, lambda one: one.down, "number"),
    )
    colours = (INDIGO, GREEN, *PALETTE[1:])
    chart = bars(view, texts.VOTES, list(zip(names, colours, strict=False)), points) if names else None
    figure(view, "votes", texts.VOTES, chart, Table(columns, votes), note=view.say(texts.VOTES_NOTE))


def _prompt(view: View, name: str | None) -> str:
    return name or view.say(texts.NO_PROMPT)


def _prompts(view: View, found: Sequence[PromptRow]) -> Table[PromptRow]:
    columns = (
        Column[PromptRow](texts.PROMPT, lambda one: _prompt(view, one.prompt)),
        Column[PromptRow](texts.ANSWERS, lambda one: one.answers, "number"),
        Column[PromptRow](texts.UP, lambda one: one.up, "number"),
        Column[PromptRow](texts.DOWN, lambda one: one.down, "number"),
        Column[PromptRow](
            texts.LIKED_SHARE, lambda one: one.up / (one.up + one.down) if one.up + one.down else None, "share"
        ),
        Column[PromptRow](texts.LAST, lambda one: one.last_at, "moment"),
    )
    return Table(columns, found)


def _reasons(view: View, found: Sequence[ReasonRow]) -> Table[ReasonRow]:
    columns = (
        Column[ReasonRow](texts.REASON, lambda one: view.say(REASONS.get(one.reason, texts.NO_REASON))),
        Column[ReasonRow](texts.VOTES, lambda one: one.votes, "number"),
        Column[ReasonRow](texts.CORRECTIONS, lambda one: one.corrections, "number"),
    )
    return Table(columns, found)


# --- answers


def _answers(view: View) -> None:
    st.subheader(view.say(texts.LATEST_ANSWERS), anchor=False)
    kinds = {"all": texts.ALL, "answered": texts.ANSWERED, "refused": texts.REFUSED}
    kind = st.segmented_control(
        view.say(texts.WHICH), list(kinds), default="all", required=True, key="answer_kind", label_visibility="collapsed",
        format_func=lambda one: view.say(kinds[one]),
    )  # fmt: skip
    refused = {"all": None, "answered": False, "refused": True}[kind]
    found = view.seen(assistant.answers, refused=refused, limit=LISTED)
    cards([_answer_card(view, one) for one in found[:ANSWERS]])
    if found:
        with st.expander(view.say(shell.TABLE), icon=":material/table_rows:"):
            rows(view, "answers", _answers_table(view, found))
    else:
        st.caption(view.say(shell.NOTHING))


def _answer_card(view: View, one: AnswerRow) -> Card:
    where = view.say(texts.IN_TERMINAL) if one.chat_id is None else view.title(one.chat_id, one.chat)
    return Card(
        title=f"{where} · {view.moment(one.asked_at)}",
        mood="warn" if one.refused else "calm",
        badges=_answer_badges(view, one),
        text=one.question,
        notes=[(_by_whom(view, one), one.answer)] if one.answer else [],
        links=[
            Link(view.say(texts.SOURCE_NUMBER, number=place), link) for place, link in enumerate(one.links, start=1)
        ],
    )


def _by_whom(view: View, one: AnswerRow) -> str:
    if one.refused:
        return view.say(texts.REFUSED)
    return view.say(texts.QUOTED if one.model is None else texts.WRITTEN)


def _answer_badges(view: View, one: AnswerRow) -> list[Badge]:
    found = [Badge(f"👍 {one.up}", "good")] if one.up else []
    found += [Badge(f"👎 {one.down}", "bad")] if one.down else []
    if one.handover is not None:
        found.append(Badge(view.say(texts.WITH_HUMAN[one.handover]), "warn" if one.handover == "open" else "good"))
    if one.source_deleted_at is not None:
        found.append(Badge(view.say(texts.SOURCES_GONE), "bad"))
    if one.latency_ms is not None:
        found.append(Badge(view.say(texts.TOOK, time=view.number(one.latency_ms))))
    return found


def _answers_table(view: View, found: Sequence[AnswerRow]) -> Table[AnswerRow]:
    columns = (
        Column[AnswerRow](texts.WHEN, lambda one: one.asked_at, "moment"),
        Column[AnswerRow](shell.CHAT, lambda one: view.title(one.chat_id, one.chat)),
        Column[AnswerRow](texts.QUESTION, lambda one: one.question),
        Column[AnswerRow](texts.REPLY, lambda one: one.answer),
        Column[AnswerRow](texts.PROMPT, lambda one: _prompt(view, one.prompt)),
        Column[AnswerRow](texts.UP, lambda one: one.up, "number"),
        Column[AnswerRow](texts.DOWN, lambda one: one.down, "number"),
    )
    return Table(columns, found, LISTED)


opened(show, "assistant")
