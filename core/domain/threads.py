"""Threads: which earlier message a message continues, and why."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.privacy.types import MaskedText


class LinkHow(StrEnum):
    """How a message came to its parent. The names are an interface: `otklik threads` prints them."""

    EXPLICIT = "explicit"
    """Telegram's own "reply"."""
    INFERRED = "inferred"
    START = "start"
    """It continues nothing: it begins a thread."""


@dataclass(frozen=True, slots=True)
class ThreadMessage:
    """What linking may know of a message."""

    message_id: int
    sender: str
    """A pseudonym."""
    is_staff: bool
    sent_at: datetime
    text: MaskedText
    reply_to: int | None = None
    topic_id: int | None = None
    """The root message of the forum topic."""
    mentions: tuple[str, ...] = ()
    """The senders, as pseudonyms, whom this message names. Found before masking, by the process that still sees names:
    here a name is only `[PERSON]`."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for a link, and how much it weighed (in log-odds; negative speaks against)."""

    name: str
    weight: float


@dataclass(frozen=True, slots=True)
class Link:
    """The decision about one message."""

    parent: int | None
    """The message it continues; None when it starts a thread. An explicit parent may be absent from the store."""
    how: LinkHow
    evidence: tuple[Evidence, ...]
    """Heaviest first."""
