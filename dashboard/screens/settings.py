"""*Settings*: the rules as they stand, and who has access. Only to be seen, and only by admins; no secret is shown."""

from collections.abc import Sequence
from typing import TypeAlias

import streamlit as st

from core.domain.access import Role
from core.llm.budget import Limits
from core.rules import ChatRules, DashboardPerson, Rules
from dashboard.access import Visitor, scope_of
from dashboard.cards import facts
from dashboard.desk import desk
from dashboard.figures import Column, Table, listed
from dashboard.shell import opened
from dashboard.texts import cost as cost_texts
from dashboard.texts import settings as texts
from dashboard.texts import shell
from dashboard.texts.phrase import Phrase
from dashboard.view import View

Fact: TypeAlias = tuple[Phrase, str]


def show(view: View) -> None:
    """The page."""
    rules = desk().rules()
    st.caption(view.say(texts.NOTE))
    _who(view, rules)
    left, right = st.columns(2)
    with left:
        _facts(view, texts.BOT, _bot(view, rules))
        _budgets(view, rules)
    with right:
        _facts(view, texts.LANES, _lanes(view, rules))
        _facts(view, texts.ANALYSIS, _analysis(view, rules))
    if rules.chats:
        _chats(view, rules)


def _facts(view: View, title: Phrase, told: Sequence[Fact]) -> None:
    with st.container(border=True):
        st.subheader(view.say(title), anchor=False)
        facts([(view.say(what), value) for what, value in told])


def _who(view: View, rules: Rules) -> None:
    people = sorted(rules.dashboard.people.items())
    if not people:
        st.info(view.say(texts.NOBODY))
        return
    columns = (
        Column[tuple[str, DashboardPerson]](texts.NAME, lambda row: row[0]),
        Column[tuple[str, DashboardPerson]](texts.ROLE, lambda row: view.say(shell.ROLES[row[1].role])),
        Column[tuple[str, DashboardPerson]](
            texts.HOW, lambda row: view.say(texts.BY_OIDC if row[1].password is None else texts.BY_PASSWORD)
        ),
        Column[tuple[str, DashboardPerson]](
            texts.SEES, lambda row: _sees(view, Visitor(row[0], Role(row[1].role)), rules)
        ),
    )
    listed(view, "people", texts.WHO, Table(columns, people))


def _sees(view: View, visitor: Visitor, rules: Rules) -> str:
    scope = scope_of(visitor, rules)
    return view.say(texts.SEES_ALL) if scope.every_chat else view.say(texts.SEES_SOME, count=len(scope.chat_ids))


def _bot(view: View, rules: Rules) -> Sequence[Fact]:
    access = rules.access
    agents = ", ".join(view.title(chat_id) for chat_id in sorted(access.agent_chats)) or view.say(texts.SEES_ALL)
    return [
        (texts.STAFF, view.number(len(rules.staff.ids) + len(rules.staff.names))),
        (texts.ADMINS, view.number(len(access.admins))),
        (texts.STAFF_CHAT, view.title(access.staff_chat) if access.staff_chat else view.say(texts.UNSET)),
        (texts.AGENT_CHATS, agents),
        (texts.STRANGERS, view.say(texts.WELCOME if access.strangers else texts.UNWELCOME)),
        (texts.SESSION, view.duration(rules.dashboard.session_hours * 3600)),
    ]


def _lanes(view: View, rules: Rules) -> Sequence[Fact]:
    lanes = rules.lanes
    return [
        (texts.HIGH, view.number(lanes.high)),
        (texts.MEDIUM, view.number(lanes.medium)),
        (texts.WEIGHT_URGENT, f"+{lanes.weights.urgent}"),
        (texts.WEIGHT_VIP, f"+{lanes.weights.vip}"),
        (texts.WEIGHT_NIGHT, f"+{lanes.weights.night}"),
        (texts.WEIGHT_REPLY, f"+{lanes.weights.reply}"),
        (texts.NIGHT, f"{lanes.night.start:%H:%M} – {lanes.night.end:%H:%M}"),
        (texts.ZONE, rules.time_zone),
        (texts.VIPS, view.number(len(lanes.vip))),
        (texts.WORDS, ", ".join(lanes.words)),
    ]


def _analysis(view: View, rules: Rules) -> Sequence[Fact]:
    settings = desk().settings
    return [
        (texts.CLAUDE, view.say(texts.IS_SET if view.with_claude else texts.UNSET)),
        (texts.ANSWER_MODEL, settings.answer_model),
        (texts.ANALYSIS_MODEL, settings.analysis_model),
        (texts.EMBEDDING_MODEL, settings.embedding_model),
        (texts.WINDOW, view.say(texts.WINDOW_IS, messages=rules.batch.messages, minutes=rules.batch.minutes)),
        (texts.API, rules.batch.api),
    ]


def _budgets(view: View, rules: Rules) -> None:
    found: list[tuple[Phrase, Limits]] = [(texts.TOTAL, rules.budget)]
    found += [(cost_texts.PURPOSES[purpose], limits) for purpose, limits in rules.budget.purposes.items()]
    columns = (
        Column[tuple[Phrase, Limits]](texts.BUDGET, lambda row: view.say(row[0])),
        Column[tuple[Phrase, Limits]](texts.A_DAY, lambda row: view.dollars(row[1].day)),
        Column[tuple[Phrase, Limits]](texts.A_MONTH, lambda row: view.dollars(row[1].month)),
    )
    listed(view, "budgets", texts.BUDGETS, Table(columns, found))


def _chats(view: View, rules: Rules) -> None:
    columns = (
        Column[tuple[int, ChatRules]](shell.CHAT, lambda row: view.title(row[0])),
        Column[tuple[int, ChatRules]](texts.ZONE, lambda row: row[1].time_zone or rules.time_zone),
        Column[tuple[int, ChatRules]](texts.REPLY_MODE, lambda row: row[1].reply_mode.value),
        Column[tuple[int, ChatRules]](texts.WAITS, lambda row: row[1].wait_minutes, "number"),
    )
    listed(view, "chat-rules", texts.CHATS, Table(columns, sorted(rules.chats.items())))


opened(show, "settings", filtered=False)
