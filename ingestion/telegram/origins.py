"""Supergroups that were basic groups before. To who reads they are one chat: what was said in the group stands in the
supergroup below zero, where Telegram Desktop's exports put it too, so that a listener and an import agree.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from ingestion.raw import RawMessage

SHIFT = -1_000_000_000
"""What Telegram Desktop adds to the ids of the group's messages (`kMigratedMessagesIdShift`)."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The group that a supergroup was before; nothing new is said in it."""

    chat_id: int
    """Marked."""
    peer: Any
    """Telethon's input peer."""
    last_id: int
    """Of its last message; what the account's private chats and groups are told of later has higher ids."""


def moved(raw: RawMessage, chat_id: int) -> RawMessage:
    """The group's message as one of the supergroup."""
    reply_to = None if raw.reply_to is None else raw.reply_to + SHIFT
    return replace(raw, chat_id=chat_id, message_id=raw.message_id + SHIFT, reply_to=reply_to)


def moved_ids(ids: Iterable[int], origin: Origin) -> list[int]:
    """Ids of the account's shared space as the supergroup's, as far as they can be of the group.

    >>> moved_ids([5, 70], Origin(-1, None, last_id=50))
    [-999999995]
    """
    return [number + SHIFT for number in ids if number <= origin.last_id]
