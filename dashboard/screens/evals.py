"""*Evals*: runs, two of them compared, candidates to decide about, and experiments with their verdicts. For admins."""

import json
from collections.abc import Sequence
from typing import Final

import streamlit as st

from core.domain.experiments import Arm
from core.errors import BadInput
from dashboard.cards import Badge, Card, cards
from dashboard.desk import desk
from dashboard.doing import done
from dashboard.figures import Column, Table, figure, listed, pairs, rows
from dashboard.shell import opened
from dashboard.texts import evals as texts
from dashboard.texts import shell
from dashboard.tiles import Tile, tiles
from dashboard.view import View
from evals import candidates, experiments, results
from evals.candidates import Shown
from evals.comparing import Comparison
from evals.experiments import ENOUGH, Tried
from evals.gate import Gate, gate
from evals.results import Result, Run, Summary

RUNS: Final = 50
CASES: Final = 8
LISTED: Final = 200
CHANGED: Final = 6
"""Cases that are shown of those that were lost, and won."""
TRIED: Final = 5
EDITED: Final = "case"
"""In the address: the case that is being edited."""


def show(view: View) -> None:
    """The page."""
    runs, tried = view.looked_up(results.summaries, RUNS), view.looked_up(experiments.latest, TRIED)
    _tiles(view, runs, tried)
    finished = [one for one in runs if one.finished_at is not None]
    if len(finished) > 1:
        _comparison(view, finished)
    if runs:
        listed(view, "runs", texts.RUNS, _runs(view, runs))
    else:
        st.info(view.say(texts.NO_RUNS))
    _candidates(view)
    _experiments(view, tried)


def _tiles(view: View, runs: Sequence[Summary], tried: Sequence[Tried]) -> None:
    latest = runs[0] if runs else None
    live = next((one for one in tried if one.state in ("running", "adopted")), None)
    counts = {state: len(view.looked_up(candidates.shown, state, LISTED)) for state in ("candidate", "accepted")}
    tiles(
        view,
        [
            Tile(texts.LATEST_RIGHT, view.share(latest.right if latest else None), latest.label if latest else ""),
            Tile(texts.RUNS, view.number(len(runs))),
            Tile(texts.CANDIDATES_WAIT, _at_least(view, counts["candidate"])),
            Tile(texts.ACCEPTED, _at_least(view, counts["accepted"])),
            Tile(texts.EXPERIMENT, view.say(texts.NONE_RUNS if live is None else texts.EXPERIMENT_SHORT[live.state])),
        ],
    )


def _at_least(view: View, count: int) -> str:
    """No more are counted than are listed."""
    return view.number(count) if count < LISTED else f"{view.number(count)}+"


def _runs(view: View, runs: Sequence[Summary]) -> Table[Summary]:
    columns = (
        Column[Summary](texts.LABEL, lambda one: one.label),
        Column[Summary](texts.STARTED, lambda one: one.started_at, "moment"),
        Column[Summary](texts.RIGHT, lambda one: one.right, "share"),
        Column[Summary](texts.CASES, lambda one: one.cases, "number"),
        Column[Summary](texts.DATASETS, lambda one: ", ".join(one.setup["datasets"])),
        Column[Summary](texts.MODEL, lambda one: one.setup["model"] or view.say(texts.QUOTED)),
        Column[Summary](texts.COST, lambda one: one.paid_usd, "dollars"),
        Column[Summary](texts.FINISHED, lambda one: one.finished_at is not None, "yes"),
    )
    return Table(columns, runs)


# --- comparison


def _comparison(view: View, finished: Sequence[Summary]) -> None:
    st.subheader(view.say(texts.COMPARE), anchor=False)
    sides = _sides(view, finished)
    base, candidate = (view.looked_up(results.load, one.run_id) for one in sides)
    if base.run_id == candidate.run_id:
        st.info(view.say(texts.CHOOSE_OTHERS))
        return
    if base.fingerprint != candidate.fingerprint:
        st.warning(view.say(texts.OTHER_CASES))
        return
    verdict = _gate(str(base.run_id), str(candidate.run_id), base, candidate)
    _verdict(view, verdict)
    _measures(view, verdict.comparisons)
    _changes(view, base, candidate)


def _sides(view: View, finished: Sequence[Summary]) -> tuple[Summary, Summary]:
    """The two that the address names; else the latest, and the one before it that answered as many cases."""
    by_name = {str(one.run_id)[:8]: one for one in finished}
    usual = next((one for one in finished[1:] if one.cases == finished[0].cases), finished[1])
    chosen = []
    for column, name, title, default in zip(
        st.columns(2), ("base", "candidate"), (texts.BASE, texts.CANDIDATE), (usual, finished[0]), strict=True
    ):
        named = by_name.get(st.query_params.get(name, ""), default)
        st.session_state[f"choice_{name}"] = str(named.run_id)[:8]
        with column:
            st.selectbox(
                view.say(title), list(by_name), key=f"choice_{name}", on_change=_side_chosen, args=(name,),
                format_func=lambda one: f"{by_name[one].label} · {view.moment(by_name[one].started_at)}",
            )  # fmt: skip
        chosen.append(named)
    return chosen[0], chosen[1]


def _side_chosen(name: str) -> None:
    st.query_params[name] = st.session_state[f"choice_{name}"]


@st.cache_resource(max_entries=50, show_spinner=False)
def _gate(base_id: str, candidate_id: str, _base: Run, _candidate: Run) -> Gate:  # noqa: ARG001 - the ids are the key: a finished run stays as it is
    return gate(_base, _candidate)


def _verdict(view: View, verdict: Gate) -> None:
    if verdict.is_open:
        st.success(view.say(texts.OPEN), icon=":material/lock_open:")
        return
    reasons = [
        view.say(
            texts.WORSE, measure=_measure(view, one), base=view.number(one.base, 3), candidate=view.number(one.candidate, 3),
            cases=one.cases, p=view.number(one.p_worse, 4),
        )
        for one in verdict.worse
    ]  # fmt: skip
    if verdict.outside:
        reasons.append(view.say(texts.OUTSIDE, count=verdict.outside))
    st.error("\n".join([view.say(texts.SHUT), "", *(f"* {reason}" for reason in reasons)]), icon=":material/lock:")


def _measure(view: View, one: Comparison) -> str:
    name = one.measure.name
    return view.say(texts.MEASURES[name]) if name in texts.MEASURES else name


def _measures(view: View, found: Sequence[Comparison]) -> None:
    columns = (
        Column[Comparison](texts.MEASURE, lambda one: _measure(view, one)),
        Column[Comparison](texts.CASES, lambda one: one.cases, "number"),
        Column[Comparison](texts.BASE, lambda one: one.base, "figure"),
        Column[Comparison](texts.CANDIDATE, lambda one: one.candidate, "figure"),
        Column[Comparison](texts.DIFFERENCE, lambda one: one.difference, "figure"),
        Column[Comparison](texts.DIFFERING, lambda one: one.differing, "number"),
        Column[Comparison](texts.P_WORSE, lambda one: one.p_worse, "figure", texts.P_HELP),
        Column[Comparison](texts.DETECTABLE, lambda one: one.detectable, "figure"),
    )
    points = [(_measure(view, one), one.base, one.candidate) for one in found]
    chart = pairs(view, (texts.BASE, texts.CANDIDATE), points)
    figure(view, "measures", texts.MEASURES_TITLE, chart, Table(columns, found), note=view.say(texts.MEASURES_NOTE))


def _changes(view: View, base: Run, candidate: Run) -> None:
    before = {(one.case_id, one.sample): one for one in base.results}
    both = [(before[key], one) for one in candidate.results if (key := (one.case_id, one.sample)) in before]
    lost = [pair for pair in both if _right(pair[0]) > _right(pair[1])]
    won = [pair for pair in both if _right(pair[0]) < _right(pair[1])]
    for title, found in ((texts.LOST, lost), (texts.WON, won)):
        with st.expander(f"{view.say(title)} · {len(found)}"):
            if found:
                cards([_change(view, *pair) for pair in found[:CHANGED]])
            else:
                st.caption(view.say(texts.NO_CHANGES))


def _right(one: Result) -> float:
    return one.scores.right or 0.0


def _change(view: View, before: Result, after: Result) -> Card:
    return Card(
        title=after.case_id,
        mood="bad" if _right(after) < _right(before) else "good",
        text=after.question,
        notes=[(view.say(texts.BASE), _said(view, before)), (view.say(texts.CANDIDATE), _said(view, after))],
    )


def _said(view: View, one: Result) -> str:
    return view.say(texts.REFUSED) if one.refused else one.answer or view.say(texts.GONE)


# --- candidates


def _candidates(view: View) -> None:
    st.subheader(view.say(texts.CANDIDATES), anchor=False)
    st.caption(view.say(texts.CANDIDATES_NOTE))
    deed = st.session_state.pop("case_done", None)
    if deed is not None:
        st.success(view.say(texts.DONE[deed]), icon=":material/check:")
    state = st.segmented_control(
        view.say(texts.CANDIDATES), list(texts.CASE_STATES), default="candidate", required=True, key="case_state",
        label_visibility="collapsed", format_func=lambda one: view.say(texts.CASE_STATES[one]),
    )  # fmt: skip
    found = view.looked_up(candidates.shown, state, LISTED)
    if not found:
        st.info(view.say(texts.NO_CANDIDATES))
        return
    for one in found[:CASES]:
        cards([_case_card(view, one)])
        if st.query_params.get(EDITED) == str(one.case_id):
            _edit(view, one)
        else:
            _buttons(view, one)
    with st.expander(view.say(shell.TABLE), icon=":material/table_rows:"):
        rows(view, "candidates", _cases_table(view, found))


def _case_card(view: View, one: Shown) -> Card:
    notes = [(view.say(texts.BEFORE), "\n".join(one.before))] if one.before else []
    if one.must_refuse:
        notes.append((view.say(texts.REFERENCE), view.say(texts.MUST_REFUSE)))
    elif one.reference:
        notes.append((view.say(texts.REFERENCE), one.reference))
    badges = [Badge(view.say(texts.ORIGINS[one.origin]))]
    if one.state == "candidate" and not one.is_whole:
        badges.append(Badge(view.say(texts.INCOMPLETE), "warn"))
    if one.decided_by is not None and one.decided_at is not None:
        badges.append(Badge(view.say(texts.DECIDED, by=one.decided_by, date=view.day(one.decided_at)), "good"))
    return Card(
        title=view.title(one.chat_id) if one.chat_id is not None else view.moment(one.made_at),
        badges=badges,
        text=one.question,
        notes=notes,
    )


def _buttons(view: View, one: Shown) -> None:
    with st.container(horizontal=True):
        if one.state != "accepted":
            is_accepted = st.button(
                view.say(texts.ACCEPT), key=f"accept_{one.case_id}", icon=":material/check:", disabled=not one.is_whole,
                type="primary",
            )  # fmt: skip
            if is_accepted and done(view, "accept_case", desk().deeds.accept_case(view.visitor, one.case_id)):
                _told("accept")
        st.button(
            view.say(texts.EDIT),
            key=f"edit_{one.case_id}",
            icon=":material/edit:",
            on_click=_look,
            args=(str(one.case_id),),
        )
        if one.state != "rejected":
            is_rejected = st.button(view.say(texts.REJECT), key=f"reject_{one.case_id}", icon=":material/close:")
            if is_rejected and done(view, "reject_case", desk().deeds.reject_case(view.visitor, one.case_id)):
                _told("reject")


def _edit(view: View, one: Shown) -> None:
    with st.form(f"case_{one.case_id}"):
        question = st.text_area(view.say(texts.QUESTION), one.question, max_chars=4_096, height=80)
        reference = st.text_area(view.say(texts.REFERENCE), one.reference, max_chars=4_096, height=120)
        must_refuse = st.checkbox(view.say(texts.MUST_REFUSE), one.must_refuse)
        facts = st.text_area(
            view.say(texts.FACTS), "\n".join(" | ".join(fact) for fact in one.facts), max_chars=8_000, height=80
        )
        forbidden = st.text_area(view.say(texts.MUST_NOT_SAY), "\n".join(one.must_not_say), max_chars=8_000, height=80)
        with st.container(horizontal=True):
            is_sent = st.form_submit_button(view.say(shell.SAVE), type="primary")
            st.form_submit_button(view.say(shell.CANCEL), on_click=_look, args=(None,))
    if not is_sent:
        return
    said = {
        "question": (question or "").strip(),
        "before": list(one.before),
        "reference": (reference or "").strip(),
        "facts": [wordings for line in _lines(facts) if (wordings := _parts(line))],
        "must_refuse": must_refuse,
        "must_not_say": _lines(forbidden),
    }
    try:
        changed = candidates.edited(json.dumps(said))
    except BadInput as error:
        st.error(view.say(shell.NOT_DONE, why=str(error)))
        return
    if done(view, "edit_case", desk().deeds.edit_case(view.visitor, one.case_id, changed)):
        _look(None)
        _told("edit")


def _lines(said: str | None) -> list[str]:
    return [line.strip() for line in (said or "").splitlines() if line.strip()]


def _parts(line: str) -> list[str]:
    return [part.strip() for part in line.split("|") if part.strip()]


def _told(deed: str) -> None:
    st.session_state["case_done"] = deed
    st.rerun()


def _look(name: str | None) -> None:
    if name is None:
        st.query_params.pop(EDITED, None)
    else:
        st.query_params[EDITED] = name


def _cases_table(view: View, found: Sequence[Shown]) -> Table[Shown]:
    columns = (
        Column[Shown](texts.QUESTION, lambda one: one.question),
        Column[Shown](texts.REFERENCE, lambda one: view.say(texts.MUST_REFUSE) if one.must_refuse else one.reference),
        Column[Shown](texts.ORIGIN, lambda one: view.say(texts.ORIGINS[one.origin])),
        Column[Shown](texts.REMARK, lambda one: one.remark),
        Column[Shown](texts.MADE, lambda one: one.made_at, "moment"),
    )
    return Table(columns, found, LISTED)


# --- experiments


def _experiments(view: View, tried: Sequence[Tried]) -> None:
    st.subheader(view.say(texts.EXPERIMENTS), anchor=False)
    if not tried:
        st.info(view.say(texts.NO_EXPERIMENTS))
        return
    for one in tried:
        cards([_experiment_card(view, one)])
        with st.expander(view.say(shell.TABLE), icon=":material/table_rows:"):
            rows(view, f"experiment-{one.experiment_id.hex[:8]}", _arms(view, one))


def _experiment_card(view: View, one: Tried) -> Card:
    found = one.standing.evidence
    evidence = view.say(
        texts.EVIDENCE,
        enough=view.number(ENOUGH),
        better=view.number(found["better"], 1),
        worse=view.number(found["worse"], 1),
    )
    moods = {"adopted": "good", "rejected": "bad", "running": "warn"}
    return Card(
        title=f"{view.moment(one.started_at)} · {' → '.join(one.arms[arm][0] for arm in Arm)}",
        badges=[Badge(view.say(texts.EXPERIMENT_STATES[one.state]), moods.get(one.state, "calm"))],  # type: ignore[arg-type]
        text=one.verdict or evidence,
    )


def _arms(view: View, one: Tried) -> Table[Arm]:
    found = one.standing
    columns = (
        Column[Arm](texts.ARM, lambda arm: view.say(texts.ARMS[arm])),
        Column[Arm](texts.PROMPT, lambda arm: one.arms[arm][0]),
        Column[Arm](texts.MODEL, lambda arm: one.arms[arm][1]),
        Column[Arm](texts.PEOPLE, lambda arm: found.people[arm], "number"),
        Column[Arm](texts.VOTERS, lambda arm: found.voters[arm], "number"),
        Column[Arm](texts.LIKED, lambda arm: found.liked[arm], "share"),
        Column[Arm](texts.REFUSALS, lambda arm: found.refused[arm], "share"),
        Column[Arm](texts.EACH, lambda arm: found.cost[arm], "dollars"),
    )
    return Table(columns, list(Arm))


opened(show, "evals", filtered=False)
