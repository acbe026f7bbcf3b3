"""The streams and their one consumer group each.

One stream has one group, and an acknowledged entry is deleted with its acknowledgement: a stream's length is then
what is still to be done, and nothing unread is ever trimmed away.
"""

from dataclasses import dataclass

from core.domain.lanes import Lane


@dataclass(frozen=True, slots=True)
class Stream:
    """A Redis Stream and the group that reads it."""

    name: str
    group: str


FAST = Stream("otklik:messages:fast", "store")
"""Messages of the HIGH lane (`core.contracts.messages.MessageObserved`)."""

BATCH = Stream("otklik:messages:batch", "store")
"""Every other message (`MessageObserved`)."""

DELETED = Stream("otklik:messages:deleted", "store")
"""Messages that were deleted in Telegram (`MessagesDeleted`)."""

CHATS = Stream("otklik:chats:changed", "thread")
"""A chat has stored messages without a place in its threads (`ChatChanged`)."""

UNITS = Stream("otklik:units:changed", "embed")
"""A chat has units without a vector (`UnitsChanged`)."""

RESPONSES = Stream("otklik:responses:needed", "suggest")
"""Clients' messages that require a response (`ResponseNeeded`); the bot shows them to staff."""

STORED = (FAST, BATCH, DELETED, CHATS, UNITS)
"""What the store role consumes: once these are empty, whatever was published is stored and indexed."""

STREAMS = (*STORED, RESPONSES)
"""All there are."""


def message_stream(lane: Lane) -> Stream:
    """Where a message of this lane goes."""
    return FAST if lane is Lane.HIGH else BATCH
