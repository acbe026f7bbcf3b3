"""Chats: their kinds, their ids and the links to their messages."""

from enum import StrEnum

SUPERGROUP_OFFSET = 1_000_000_000_000
"""The Bot API and Telethon write a supergroup or channel with bare id N as -(10**12 + N), a basic group as -N."""


class ChatKind(StrEnum):
    """What sort of chat it is; decides what its id means and whether its messages have links."""

    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


def marked_chat_id(bare_id: int, kind: ChatKind) -> int:
    """The id as the Bot API writes it, from the bare id that exports and `t.me/c/` links carry.

    >>> marked_chat_id(1234567890, ChatKind.SUPERGROUP)
    -1001234567890
    """
    match kind:
        case ChatKind.SUPERGROUP | ChatKind.CHANNEL:
            return -(SUPERGROUP_OFFSET + bare_id)
        case ChatKind.GROUP:
            return -bare_id
        case ChatKind.PRIVATE:
            return bare_id


def message_link(chat_id: int, message_id: int) -> str | None:
    """The `t.me/c/` link to a message, or None where Telegram has none (private chats, basic groups and
    what a supergroup keeps from the time when it was one, whose ids are negative).

    >>> message_link(-1001234567890, 42)
    'https://t.me/c/1234567890/42'
    """
    bare = -chat_id - SUPERGROUP_OFFSET
    return f"https://t.me/c/{bare}/{message_id}" if bare > 0 and message_id > 0 else None
