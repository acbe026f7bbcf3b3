"""What stands in the streams. Everything here is masked; Telegram ids of people are pseudonyms."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from core.domain.chats import ChatKind
from core.domain.lanes import Lane
from core.privacy.types import MaskedText

BIGINT = 2**63 - 1
TEXT_LIMIT = 200_000
"""Characters of one masked text. Telegram allows 4,096; masking can lengthen a text (`1.2.3.4` → `[IP]` shortens it,
`@a_b` → `[USERNAME]` does not), and the importer skips raw texts far below this."""

SHORT = 4_096
"""Characters of what was written for a person to read."""


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("has a NUL character, which PostgreSQL cannot hold")
    return text


Id = Annotated[int, Field(ge=-BIGINT, le=BIGINT)]
MessageId = Id
"""Negative for messages of a basic group that was migrated: Telegram Desktop shifts them below zero."""
Text = Annotated[MaskedText, Field(max_length=TEXT_LIMIT), AfterValidator(_storable)]
Pseudonym = Annotated[str, Field(pattern=r"^p_[a-z2-7]{20}$")]


class Contract(BaseModel):
    """Strict on both ends: an unknown field is an error, so two versions that disagree say so at once."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ChatRef(Contract):
    """The chat of a message, enough to make its row."""

    chat_id: Id
    kind: ChatKind
    title: Text


class MessageObserved(Contract):
    """A message, or a later edition of one, as it was seen in its chat.

    Idempotent on `(chat_id, message_id, edit_version, seen)`: the latest edition wins, whatever the order of arrival.
    """

    version: Literal[1] = 1
    chat: ChatRef
    message_id: MessageId
    edit_version: Annotated[int, Field(ge=0, le=BIGINT)]
    """Seconds since 1970 of the edit, 0 for the first edition."""
    seen: Annotated[int, Field(ge=0, le=BIGINT)] = 0
    """Microseconds since 1970 when it was read from Telegram, 0 where it comes from a file. Two edits within one second
    have the same `edit_version`: of those the one seen later is the newer."""
    sender: Pseudonym
    is_staff: bool
    sent_at: AwareDatetime
    reply_to: MessageId | None
    topic_id: MessageId | None
    mentions: Annotated[tuple[Pseudonym, ...], Field(max_length=100)]
    text: Text
    lane: Lane
    lane_score: Annotated[int, Field(ge=0, le=10_000)]
    lane_reasons: tuple[str, ...]


class MessagesDeleted(Contract):
    """Messages that are not there any more. A deletion wins over every edition, whichever comes first."""

    version: Literal[1] = 1
    chat_id: Id | None
    """None for private chats and basic groups: they share one space of message ids in an account, and Telegram tells
    only the ids."""
    message_ids: Annotated[tuple[MessageId, ...], Field(max_length=10_000)]
    seen_at: AwareDatetime


class ChatChanged(Contract):
    """Messages of this chat wait for their place in the threads. Which ones is read from the table."""

    version: Literal[1] = 1
    chat_id: Id


class UnitsChanged(Contract):
    """Units wait for their vectors. Which ones is read from the table."""

    version: Literal[1] = 1
    chat_id: Id


class ResponseNeeded(Contract):
    """A client's message waits for an answer: staff is shown a draft (`assistant.suggestions`).

    Idempotent on `(chat_id, message_id)`: one message has one suggestion.
    """

    version: Literal[1] = 1
    chat_id: Id
    message_id: MessageId
    topic_id: MessageId | None = None
    question: Annotated[Text, Field(max_length=SHORT)]
    """What the client wants to know; searched for."""
    summary: Annotated[Text, Field(max_length=SHORT)]
    """What it is about, for staff to read."""
    urgent: bool = False


def edit_version(edited_at: datetime | None) -> int:
    """The edition's number, from the time of its edit."""
    return int(edited_at.timestamp()) if edited_at else 0
