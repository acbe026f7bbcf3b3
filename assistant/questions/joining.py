"""Whether a message belongs to the question of a moment ago, begins a new one, or follows an earlier one. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from assistant.questions.records import Origin
from core.rules import BotRules

MESSAGES = 10
"""Messages of one question: an album has at most ten."""
CHARACTERS = 8_000
"""Characters of one question, all its messages together: two of Telegram's longest. A model reads no more for one
person's question, and who has to say more than that has more than one."""


@dataclass(frozen=True, slots=True)
class Latest:
    """The question that the same person asked last in the same chat and topic."""

    question_id: UUID
    origin: Origin
    is_open: bool
    """Not answered yet: it waits, or an answer is just being made."""
    last_at: datetime
    """When its latest message or edit was sent."""
    closed_at: datetime | None
    follows: UUID | None
    messages: int
    characters: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """A new message, as far as it matters here."""

    sent_at: datetime
    origin: Origin
    characters: int
    replied: UUID | None
    """The question whose answer it replies to."""


class Reason(StrEnum):
    """Why a message joins, follows or stands alone."""

    BURST = "burst"
    REPLY = "reply"
    CONVERSATION = "conversation"
    ALONE = "alone"


@dataclass(frozen=True, slots=True)
class Joins:
    """It belongs to this question, which is answered whole."""

    question_id: UUID
    reason: Reason


@dataclass(frozen=True, slots=True)
class Begins:
    """It is a question of its own; what was asked before may be needed to understand it."""

    follows: UUID | None
    reason: Reason


def place(arrival: Arrival, latest: Latest | None, rules: BotRules) -> Joins | Begins:
    """Where a message belongs, by the times at which Telegram says the messages were sent.

    The hour of delivery says nothing: after an outage two questions of one morning arrive in one second.
    """
    if latest is not None and _joins(arrival, latest, rules):
        return Joins(latest.question_id, Reason.BURST)
    if arrival.replied is not None:
        return Begins(arrival.replied, Reason.REPLY)  # however old: the person points at it
    if latest is not None and _goes_on(arrival, latest, rules):
        return Begins(latest.question_id, Reason.CONVERSATION)
    return Begins(None, Reason.ALONE)


def _joins(arrival: Arrival, latest: Latest, rules: BotRules) -> bool:
    return (
        latest.is_open
        and latest.origin is arrival.origin
        # Either may be first: a webhook delivers side by side.
        and abs(arrival.sent_at - latest.last_at) <= timedelta(seconds=rules.burst_seconds)
        and arrival.replied in (None, latest.follows)
        and latest.messages < MESSAGES
        and latest.characters + arrival.characters <= CHARACTERS
    )


def _goes_on(arrival: Arrival, latest: Latest, rules: BotRules) -> bool:
    """A late answer keeps its conversation open: the person could not go on before it came."""
    spoken_at = max(latest.last_at, latest.closed_at or latest.last_at)
    window = timedelta(minutes=rules.conversation_minutes)
    return bool(window) and arrival.sent_at - spoken_at <= window
