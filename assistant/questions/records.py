"""What the road of a question hands from one step to the next. Everything textual is masked, every person a pseudonym."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from core.domain.access import Role
from core.privacy.types import MaskedText


class Origin(StrEnum):
    """How a question came about."""

    PRIVATE = "private"
    GROUP = "group"
    UNASKED = "unasked"
    """A client wrote it to the team, and the bot speaks by itself (`reply_mode`)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A message to the bot, or a later edition of one."""

    chat_id: int
    """A private chat's pseudonym; a group's own id."""
    sealed_chat: bytes | None
    """A private chat's real id, sealed; None for groups."""
    topic_id: int | None
    message_id: int
    edit_version: int
    """`core.contracts.messages.edit_version` of the time of its edit: 0 for the first edition."""
    sent_at: datetime
    """Aware; when the message was sent, as Telegram tells, also for an edition of it."""
    text: MaskedText
    """Not empty."""
    asker: str
    """Pseudonym."""
    role: Role
    origin: Origin
    replies_to: int | None
    """The message that it replies to; of interest where that is one of the bot's."""


class How(StrEnum):
    """What a message did to the questions."""

    BEGAN = "began"
    JOINED = "joined"
    """It belongs to a question of a moment ago."""
    REOPENED = "reopened"
    """It is an edit, and its question will be answered anew."""


class Why(StrEnum):
    """Why a message changed nothing, and nobody needs to be told."""

    KNOWN = "known"
    """It was delivered before."""
    UNKNOWN = "unknown"
    """An edit of a message that never was part of a question."""
    OLDER = "older"
    """An edit that a later one has overtaken."""
    SAME_WORDS = "same_words"
    """An edit of what is not words: Telegram tells of a link's preview in this way."""
    DELETED = "deleted"
    """It is deleted already: the listener was quicker."""
    TOO_LATE = "too_late"
    """An edit after so long that nobody looks there any more."""


class Limit(StrEnum):
    """Why a message was refused; its sender should be told."""

    TOO_LONG = "too_long"
    PER_MINUTE = "per_minute"
    PER_DAY = "per_day"
    QUEUE_FULL = "queue_full"


@dataclass(frozen=True, slots=True)
class Taken:
    """The message is part of a question that will be answered."""

    question_id: UUID
    how: How
    due_at: datetime
    """From when it may be."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing was changed, and nothing is to be said."""

    why: Why


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was stored, and the sender should be told why."""

    limit: Limit


@dataclass(frozen=True, slots=True)
class Claim:
    """A question as a worker has it: `(revision, tries)` tells this claim from every other of the question."""

    question_id: UUID
    revision: int
    tries: int
    """1 at the first."""
    asker: str
    role: Role
    chat_id: int
    sealed_chat: bytes | None
    topic_id: int | None
    origin: Origin
    follows: UUID | None
    answer_id: UUID | None
    """The answer to an earlier revision, which the new one takes the place of."""
    asked_at: datetime
    last_at: datetime
    """When its latest message or edit was sent: from here one reckons whether the answer is late."""
    text: MaskedText
    """All its messages, a line break between."""
    message_ids: tuple[int, ...]
    """In their order; at least one, except where a question is given up because none is left."""


class Ending(StrEnum):
    """Why a question is given up."""

    TRIED_OUT = "tried_out"
    """It failed too often (`failed`): the asker is owed an apology."""
    TOO_OLD = "too_old"
    """It could not be answered for so long that nobody waits any more (`dropped`)."""
    NO_MESSAGES = "no_messages"
    """Its messages were erased or deleted (`dropped`)."""


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A question that will not be answered."""

    question: Claim
    ending: Ending
