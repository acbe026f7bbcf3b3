"""What an analysis brings, whoever made it: in real message ids, masked, ready to be stored. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias
from uuid import UUID

from core.privacy.types import MaskedText

Analyser: TypeAlias = Literal["model", "local", "rule"]
Category: TypeAlias = Literal["question", "problem", "outage", "complaint", "request", "feedback", "other"]


@dataclass(frozen=True, slots=True)
class TopicFinding:
    """What a window talks about."""

    name: MaskedText
    message_ids: Sequence[int]
    problem: MaskedText | None
    sentiment: float
    resolved: bool | None
    """None where nobody can tell."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A client's message that requires a response and has none."""

    message_id: int
    category: Category
    sentiment: float
    summary: MaskedText
    suggestion: MaskedText | None = None


@dataclass(frozen=True, slots=True)
class WindowFindings:
    """What a window brought."""

    analysed_by: Analyser
    summary: MaskedText | None = None
    sentiment: float | None = None
    """-1 to 1, of the clients; None where they say nothing."""
    topics: Sequence[TopicFinding] = ()
    waiting: Sequence[Waiting] = ()
    call_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class MessageFindings:
    """What an urgent message brought."""

    analysed_by: Analyser
    category: Category
    urgent: bool
    sentiment: float
    requires_response: bool
    summary: MaskedText
    suggestion: MaskedText | None = None
    sources: Sequence[int] = ()
    """The messages of its chat that the suggestion may rest on."""
    call_id: UUID | None = None


def together(one: TopicFinding, other: TopicFinding) -> TopicFinding:
    """Two findings of one topic as one: all their messages, the first problem, the mean mood; resolved where both are."""
    known = (one.resolved, other.resolved)
    return TopicFinding(
        name=one.name,
        message_ids=sorted({*one.message_ids, *other.message_ids}),
        problem=one.problem or other.problem,
        sentiment=(one.sentiment * len(one.message_ids) + other.sentiment * len(other.message_ids))
        / (len(one.message_ids) + len(other.message_ids)),
        resolved=False if False in known else None if None in known else True,
    )
