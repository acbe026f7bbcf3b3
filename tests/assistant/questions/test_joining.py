"""Bursts, conversations and replies, by rule and for any arrivals."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.questions.joining import CHARACTERS, MESSAGES, Arrival, Begins, Joins, Latest, Reason, place
from assistant.questions.records import Origin
from core.rules import BotRules
from tests.ingestion.road import NOON

FIRST, EARLIER, OTHER = (UUID(int=number) for number in (1, 2, 3))
RULES = BotRules(burst_seconds=2, conversation_minutes=30)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def latest(**fields: object) -> Latest:
    """An open question of noon: one message of 20 characters."""
    values: dict[str, object] = {
        "question_id": FIRST,
        "origin": Origin.GROUP,
        "is_open": True,
        "last_at": NOON,
        "closed_at": None,
        "follows": None,
        "messages": 1,
        "characters": 20,
    }
    return Latest(**{**values, **fields})  # type: ignore[arg-type]


def arrival(after: timedelta, **fields: object) -> Arrival:
    """A message of 20 characters, so long after noon."""
    values: dict[str, object] = {"sent_at": NOON + after, "origin": Origin.GROUP, "characters": 20, "replied": None}
    return Arrival(**{**values, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize("after", [timedelta(0), 2 * SECOND, -2 * SECOND])
def test_within_seconds_it_is_one_question_whichever_came_first(after: timedelta) -> None:
    assert place(arrival(after), latest(), RULES) == Joins(FIRST, Reason.BURST)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (latest(), arrival(3 * SECOND)),
        (latest(is_open=False, closed_at=NOON + SECOND), arrival(SECOND)),
        (latest(messages=MESSAGES), arrival(SECOND)),
        (latest(characters=CHARACTERS - 19), arrival(SECOND)),
        (latest(origin=Origin.UNASKED), arrival(SECOND)),
    ],
    ids=["too late", "answered already", "too many", "too long", "the bot spoke by itself"],
)
def test_what_does_not_join_follows(before: Latest, now: Arrival) -> None:
    assert place(now, before, RULES) == Begins(FIRST, Reason.CONVERSATION)


def test_a_conversation_ends_and_a_late_answer_keeps_it_open() -> None:
    closed = latest(is_open=False, closed_at=NOON + 5 * SECOND)
    assert place(arrival(31 * MINUTE), closed, RULES) == Begins(None, Reason.ALONE)
    late = latest(is_open=False, closed_at=NOON + 60 * MINUTE)
    assert place(arrival(89 * MINUTE), late, RULES) == Begins(FIRST, Reason.CONVERSATION)


def test_without_a_window_nothing_goes_on_by_itself() -> None:
    rules = BotRules(conversation_minutes=0)
    assert place(arrival(3 * SECOND), latest(closed_at=NOON + MINUTE, is_open=False), rules).reason is Reason.ALONE


def test_a_reply_follows_what_it_points_at_however_old() -> None:
    reply = arrival(40_000 * MINUTE, replied=OTHER)
    assert place(reply, latest(), RULES) == place(reply, None, RULES) == Begins(OTHER, Reason.REPLY)


def test_a_reply_in_a_burst_joins_only_a_question_about_the_same() -> None:
    assert isinstance(place(arrival(SECOND, replied=EARLIER), latest(follows=EARLIER), RULES), Joins)
    assert place(arrival(SECOND, replied=OTHER), latest(follows=EARLIER), RULES) == Begins(OTHER, Reason.REPLY)
    assert place(arrival(SECOND, replied=FIRST), latest(), RULES) == Begins(FIRST, Reason.REPLY)


IDS = st.sampled_from([None, FIRST, EARLIER, OTHER])
SPANS = st.timedeltas(timedelta(days=-1), timedelta(days=3))
LATEST = st.builds(
    Latest,
    question_id=st.just(FIRST),
    origin=st.sampled_from(Origin),
    is_open=st.booleans(),
    last_at=SPANS.map(lambda span: NOON + span),
    closed_at=st.none() | SPANS.map(lambda span: NOON + span),
    follows=st.sampled_from([None, EARLIER, OTHER]),
    messages=st.integers(1, MESSAGES),
    characters=st.integers(1, CHARACTERS),
)
ARRIVAL = st.builds(
    Arrival,
    sent_at=SPANS.map(lambda span: NOON + span),
    origin=st.sampled_from(Origin),
    characters=st.integers(1, CHARACTERS),
    replied=IDS,
)
ANY_RULES = st.builds(BotRules, burst_seconds=st.floats(0, 60), conversation_minutes=st.integers(0, 1440))


@settings(deadline=None, max_examples=300)
@given(now=ARRIVAL, before=st.none() | LATEST, rules=ANY_RULES)
def test_whatever_arrives_a_question_stays_bounded_and_what_was_answered_is_not_reopened(
    now: Arrival, before: Latest | None, rules: BotRules
) -> None:
    decision = place(now, before, rules)
    if isinstance(decision, Joins):
        assert before is not None
        assert before.is_open
        assert before.messages + 1 <= MESSAGES
        assert before.characters + now.characters <= CHARACTERS
        assert abs(now.sent_at - before.last_at).total_seconds() <= rules.burst_seconds
    elif now.replied is not None:
        assert decision.follows == now.replied
    else:
        assert decision.follows in (None, FIRST)


@settings(deadline=None, max_examples=200)
@given(gaps=st.lists(st.floats(0, 10), min_size=1, max_size=40), rules=ANY_RULES)
def test_a_stream_of_messages_is_cut_at_every_pause_and_nowhere_else_but_at_the_bounds(
    gaps: list[float], rules: BotRules
) -> None:
    """A person types on: each question is a run without a pause longer than the burst, at most `MESSAGES` long."""
    held, at = latest(messages=1), NOON
    for gap in gaps:
        step = timedelta(seconds=gap)
        at += step
        pause, full = step > timedelta(seconds=rules.burst_seconds), held.messages == MESSAGES
        decision = place(arrival(at - NOON), held, rules)
        assert isinstance(decision, Joins) is not (pause or full)
        held = latest(last_at=at, messages=held.messages + 1 if isinstance(decision, Joins) else 1)
