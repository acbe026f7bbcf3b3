"""Into which windows the messages of a chat are cut. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Uncut:
    """A message that is in no window yet."""

    message_id: int
    sent_at: datetime
    stored_at: datetime


@dataclass(frozen=True, slots=True)
class Limits:
    """When a window is cut, by the section `[batch]` of the rules."""

    messages: int
    """As soon as there are so many, and never more than these in one,"""
    wait: timedelta
    """or as soon as the oldest has waited so long."""
    history: timedelta
    """What was sent longer ago is history, and in windows of its own."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A window to be."""

    messages: Sequence[Uncut]
    live: bool


def cut(messages: Sequence[Uncut], limits: Limits, now: datetime) -> Iterator[Piece]:
    """The windows that are due, of messages in their order. What is left over waits for more.

    >>> noon = datetime(2026, 3, 2, 12)
    >>> said = [Uncut(number, noon, noon) for number in range(5)]
    >>> limits = Limits(messages=2, wait=timedelta(minutes=5), history=timedelta(days=7))
    >>> [[one.message_id for one in piece.messages] for piece in cut(said, limits, noon)]
    [[0, 1], [2, 3]]
    >>> [[one.message_id for one in piece.messages] for piece in cut(said, limits, noon + timedelta(minutes=5))]
    [[0, 1], [2, 3], [4]]
    """
    for live, group in groupby(messages, key=lambda message: message.sent_at >= now - limits.history):
        together = list(group)
        for start in range(0, len(together), limits.messages):
            piece = together[start : start + limits.messages]
            waited = now - min(message.stored_at for message in piece)
            # Where the other kind begins behind it, nothing can join it any more.
            ended = piece[-1] is together[-1] and piece[-1] is not messages[-1]
            if len(piece) == limits.messages or ended or waited >= limits.wait:
                yield Piece(piece, live)
