"""Telegram's objects as ours. Pure: nothing is asked, nothing is kept."""

import bisect
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from itertools import accumulate
from typing import Any

from telethon import types

from core.domain.chats import ChatKind, marked_chat_id
from core.privacy.types import RawText, TextEntity
from ingestion.raw import RawMessage

MAX_TEXT = 65_536
TL = Any
"""An object of Telethon's, which has no types."""

ENTITY_KINDS: Mapping[type, str] = {
    types.MessageEntityPhone: "phone",
    types.MessageEntityEmail: "email",
    types.MessageEntityMention: "mention",
    types.MessageEntityMentionName: "mention_name",
    types.InputMessageEntityMentionName: "mention_name",
    types.MessageEntityUrl: "link",
    types.MessageEntityTextUrl: "text_link",
    types.MessageEntityBotCommand: "bot_command",
    types.MessageEntityBankCard: "bank_card",
    types.MessageEntityCode: "code",
    types.MessageEntityPre: "pre",
    types.MessageEntityHashtag: "hashtag",
    types.MessageEntityCashtag: "cashtag",
}
"""As Telegram Desktop's export calls them. What only styles a text is left out."""


class Skip(StrEnum):
    """Why a message is not one for us."""

    SERVICE = "service"
    EMPTY = "empty"
    """Telegram gives a number and nothing else."""
    ALBUM_PART = "album_part"
    """A picture of an album whose caption stands at another one."""
    NO_TEXT = "no_text"
    OVERSIZE_TEXT = "oversize_text"
    OWN_BOT = "own_bot"
    """Our own bot says it."""


def marked_id(peer: TL) -> int:
    """A peer's id as the Bot API writes it."""
    match peer:
        case types.PeerUser():
            return int(peer.user_id)
        case types.PeerChat():
            return marked_chat_id(peer.chat_id, ChatKind.GROUP)
        case _:
            return marked_chat_id(peer.channel_id, ChatKind.SUPERGROUP)


def kind_of(entity: TL) -> ChatKind:
    """What sort of chat a user, group or channel is."""
    match entity:
        case types.User() | types.UserEmpty():
            return ChatKind.PRIVATE
        case types.Chat() | types.ChatForbidden() | types.ChatEmpty():
            return ChatKind.GROUP
        case _:
            return ChatKind.CHANNEL if entity.broadcast else ChatKind.SUPERGROUP


def display_name(entity: TL) -> str:
    """What people see: a user's names, a chat's title."""
    if isinstance(entity, types.User):
        return clean(" ".join(part for part in (entity.first_name, entity.last_name) if part)).strip()
    return clean(getattr(entity, "title", None) or "").strip()


def usernames_of(entity: TL) -> list[str]:
    """All names one can be found by."""
    more = [name.username for name in getattr(entity, "usernames", None) or ()]
    return [name for name in (getattr(entity, "username", None), *more) if name]


def sender_id_of(message: TL, me: int) -> str:
    """`user123` or `channel456`. Where Telegram names nobody: the other one of a private chat, or the chat itself,
    which is an administrator who stays anonymous, or a channel's post."""
    author = message.from_id
    if author is None:
        if isinstance(message.peer_id, types.PeerUser):
            return f"user{me if message.out else message.peer_id.user_id}"
        author = message.peer_id
    match author:
        case types.PeerUser():
            return f"user{author.user_id}"
        case types.PeerChat():
            return f"chat{author.chat_id}"
        case _:
            return f"channel{author.channel_id}"


def translate(message: TL, me: int, names: Mapping[str, RawText], seen: int) -> RawMessage | Skip:
    """The message, or why it is none. An edit that took the last word away is a message without text."""
    if isinstance(message, types.MessageService):
        return Skip.SERVICE
    if not isinstance(message, types.Message):
        return Skip.EMPTY
    written = message.message or ""
    if not written.strip() and message.edit_date is None:
        return Skip.ALBUM_PART if message.grouped_id else Skip.NO_TEXT
    if len(written) > MAX_TEXT:
        return Skip.OVERSIZE_TEXT
    sender = sender_id_of(message, me)
    reply_to, topic_id = reply_of(message)
    return RawMessage(
        chat_id=marked_id(message.peer_id),
        message_id=message.id,
        sender_id=sender,
        sender_name=names.get(sender, RawText("")),
        text=RawText(clean(written)),
        sent_at=_utc(message.date),
        edited_at=_utc(message.edit_date) if message.edit_date else None,
        reply_to=reply_to,
        topic_id=topic_id,
        entities=entities_of(written, message.entities or ()),
        forwarded=message.fwd_from is not None,
        seen=seen,
    )


def reply_of(message: TL) -> tuple[int | None, int | None]:
    """The message of the same chat that it answers, and its forum topic."""
    header = message.reply_to
    if not isinstance(header, types.MessageReplyHeader):  # a reply to a story, or none
        return None, None
    elsewhere = header.reply_to_peer_id is not None and marked_id(header.reply_to_peer_id) != marked_id(message.peer_id)
    answered = None if elsewhere else header.reply_to_msg_id
    if not header.forum_topic:
        return answered, None
    if header.reply_to_top_id is None:  # it answers nobody: in a topic every message points at the topic's root
        return None, header.reply_to_msg_id
    return answered, header.reply_to_top_id


def entities_of(text: str, entities: Iterable[TL]) -> tuple[TextEntity, ...]:
    """Telegram counts in UTF-16 units, we in code points.

    >>> entities_of("🙂 +7 999", [types.MessageEntityPhone(3, 6)])
    (TextEntity(start=2, end=8, kind='phone', url=None),)
    """
    units = list(accumulate((2 if ord(char) > 0xFFFF else 1 for char in text), initial=0))
    text_start = _cleaned_starts(text)
    found = []
    for entity in entities:
        kind = ENTITY_KINDS.get(type(entity))
        if kind is not None:
            start, end = (
                text_start[min(bisect.bisect_left(units, at), len(text))]
                for at in (entity.offset, entity.offset + entity.length)
            )
            found.append(TextEntity(start, end, kind, getattr(entity, "url", None)))
    return tuple(found)


def _cleaned_starts(text: str) -> Sequence[int]:
    """Where each code point stands once NUL characters are taken out."""
    return list(accumulate((0 if char == "\0" else 1 for char in text), initial=0))


def clean(text: str) -> str:
    """Without what PostgreSQL and UTF-8 cannot hold: NUL characters go, lone surrogates become U+FFFD."""
    return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text if char != "\0")


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
