"""Threads: which earlier message a message continues, and why; and what a whole thread comes to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from core.domain.asking import asks, closes, reports
from core.domain.text import is_substantive
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


class Spoken(Protocol):
    """What a summary may know of a message."""

    @property
    def message_id(self) -> int: ...
    @property
    def is_staff(self) -> bool: ...
    @property
    def sender(self) -> str: ...
    @property
    def sent_at(self) -> datetime: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True, slots=True)
class ThreadSummary:
    """A thread in one row."""

    began_at: datetime
    last_at: datetime
    last_by_staff: bool
    messages: int
    staff_messages: int
    asker: str | None
    """The pseudonym of the client who asked first; None, with the next two, where no client asks anything."""
    asked_id: int | None
    asked_at: datetime | None
    answered_at: datetime | None
    """When staff first said something after that. Anything: whether it helped is for the analysis to say."""
    open_id: int | None
    """The first question since staff last spoke, or the first reply where staff has asked back, unless who said it has closed
    the matter since: who waits, and since when."""
    open_at: datetime | None


def summarise(messages: Sequence[Spoken]) -> ThreadSummary:
    """A thread's summary. The messages, at least one, may come in any order. Time is linear in their number."""
    ordered = sorted(messages, key=lambda message: (message.sent_at, message.message_id))
    asked = next((at for at, message in enumerate(ordered) if _asks(message, begins=at == 0)), None)
    question = None if asked is None else ordered[asked]
    answer = None if asked is None else next((message for message in ordered[asked:] if message.is_staff), None)
    waits = None if asked is None else _waits(ordered, asked)
    return ThreadSummary(
        began_at=ordered[0].sent_at,
        last_at=ordered[-1].sent_at,
        last_by_staff=ordered[-1].is_staff,
        messages=len(ordered),
        staff_messages=sum(message.is_staff for message in ordered),
        asker=question.sender if question else None,
        asked_id=question.message_id if question else None,
        asked_at=question.sent_at if question else None,
        answered_at=answer.sent_at if answer else None,
        open_id=waits.message_id if waits else None,
        open_at=waits.sent_at if waits else None,
    )


def _asks(message: Spoken, *, begins: bool) -> bool:
    return not message.is_staff and (asks(message.text) or (begins and reports(message.text)))


def _waits(ordered: Sequence[Spoken], asked: int) -> Spoken | None:
    """The question that nobody of the staff has answered yet. `asked`: the place of the first of all."""
    since = next((at for at in range(len(ordered), 0, -1) if ordered[at - 1].is_staff), 0)
    asked_back = since > 0 and "?" in ordered[since - 1].text
    waits = ordered[asked] if asked >= since else None
    for message in ordered[max(since, asked + 1) :]:
        if waits is None:
            opens = _asks(message, begins=False) or (asked_back and is_substantive(message.text))
            waits = message if opens and not closes(message.text) else None
        elif message.sender == waits.sender and closes(message.text):
            waits = None
    return waits
