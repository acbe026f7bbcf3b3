"""A window as it is read: numbered messages, people under names that hold for this window only. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.privacy.types import MaskedText

MESSAGE = 1_000
"""Characters of one message that are read: what follows is a pasted log, mostly."""
WHOLE = 30_000
"""Characters of all messages together, about 10,000 tokens of Russian. In a window of 200 long ones each has 150."""


@dataclass(frozen=True, slots=True)
class Said:
    """One message, as the tables have it."""

    message_id: int
    sender: str
    """Pseudonym. It never leaves: see `Reading.document`."""
    is_staff: bool
    sent_at: datetime
    reply_to: int | None
    thread_id: int | None
    text: MaskedText
    answered: bool
    """Staff has written in its thread after it, be it in a later window."""


class Reading:
    """Messages in their order, each under a number from 1."""

    def __init__(self, messages: Sequence[Said]) -> None:
        self.messages = messages
        self._numbers = {message.message_id: number for number, message in enumerate(messages, start=1)}

    def message(self, number: int) -> Said | None:
        """The message with a number; None where there is none."""
        return self.messages[number - 1] if 0 < number <= len(self.messages) else None

    def document(self) -> list[dict[str, Any]]:
        """What the model is given, for JSON: nothing said in it can look like the end of it, or like an order.

        People are `client A` or `staff A`, anew in each window: a pseudonym would let somebody follow a person.
        """
        labels, room = _labels(self.messages), _room(len(self.messages))
        return [self._entry(message, labels[message.sender, message.is_staff], room) for message in self.messages]

    def _entry(self, message: Said, label: str, room: int) -> dict[str, Any]:
        entry: dict[str, Any] = {
            "n": self._numbers[message.message_id],
            "from": label,
            "at": f"{message.sent_at:%Y-%m-%d %H:%M}",
            "text": shortened(message.text, room),
        }
        if message.reply_to in self._numbers:
            entry["reply_to"] = self._numbers[message.reply_to]
        return entry


def shortened(text: MaskedText, room: int) -> MaskedText:
    """The beginning of a text, with a sign where it goes on."""
    return text if len(text) <= room else MaskedText(f"{text[: room - 1]}…")


def _room(messages: int) -> int:
    return min(MESSAGE, WHOLE // max(messages, 1))


def _labels(messages: Sequence[Said]) -> dict[tuple[str, bool], str]:
    names = {True: _names("staff"), False: _names("client")}
    labels: dict[tuple[str, bool], str] = {}
    for message in messages:
        who = (message.sender, message.is_staff)
        if who not in labels:
            labels[who] = next(names[message.is_staff])
    return labels


def _names(kind: str) -> Iterator[str]:
    """client A, client B, … client Z, client A2, …"""
    turn = 1
    while True:
        for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
            yield f"{kind} {letter}{turn if turn > 1 else ''}"
        turn += 1
