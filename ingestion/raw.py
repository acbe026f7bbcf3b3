"""A message as a source gives it, before masking. These objects stay inside the process that read them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.domain.chats import ChatKind
from core.privacy.types import RawText, TextEntity


@dataclass(frozen=True, slots=True)
class RawChat:
    """A chat as its source names it."""

    chat_id: int
    """In the Bot API's marked form (`core.domain.chats`). In a private chat this is the person's own id."""
    kind: ChatKind
    title: RawText
    participants: Mapping[str, RawText] = field(default_factory=dict)
    """Every known sender's display name, by sender id (`RawMessage.sender_id`): people are mentioned by these names."""


@dataclass(frozen=True, slots=True)
class RawMessage:
    """One message, or one later edition of it."""

    chat_id: int
    message_id: int
    sender_id: str
    """`user123`, `channel456`, or a name where the source knows nothing better (the v1 CSV)."""
    sender_name: RawText
    text: RawText
    """The text or the caption."""
    sent_at: datetime
    """Aware, UTC."""
    edited_at: datetime | None = None
    reply_to: int | None = None
    """The message it replies to, in the same chat; may be absent from the source."""
    topic_id: int | None = None
    """The forum topic's root message, where the chat is a forum."""
    entities: tuple[TextEntity, ...] = ()
    forwarded: bool = False
    seen: int = 0
    """As `MessageObserved.seen`."""
