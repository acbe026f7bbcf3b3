"""Telegram's messages as ours: what was said, in which place, and whether to the bot. Pure: nothing is asked or kept."""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import Final

from aiogram.enums import ChatType, MessageEntityType
from aiogram.types import Chat, Message, MessageEntity, User

from core.domain.chats import SUPERGROUP_OFFSET
from core.privacy.types import RawText, TextEntity

ASK: Final = "ask"

_KINDS: Mapping[str, str] = {
    MessageEntityType.PHONE_NUMBER: "phone",
    MessageEntityType.TEXT_MENTION: "mention_name",
    MessageEntityType.URL: "link",
}
"""Where the masker knows them by another name: those of Telegram Desktop's export."""

_GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)


class Told(StrEnum):
    """How a message of a group is meant for the bot."""

    COMMAND = "command"
    MENTION = "mention"
    REPLY = "reply"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Said:
    """What was written, without how the bot was addressed."""

    text: RawText
    entities: Sequence[TextEntity]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to ask."""
        return not self.text.reveal().strip()


def is_private(chat: Chat) -> bool:
    """Whether it is the chat of one person with the bot."""
    return chat.type == ChatType.PRIVATE


def is_group(chat: Chat) -> bool:
    """Whether people talk there. In a channel they do not."""
    return chat.type in _GROUPS


def is_from_a_person(message: Message) -> bool:
    """Not another bot's, not what one inserted from the inline mode, not a channel's post, which Telegram forwards by
    itself into its discussion group."""
    if message.via_bot is not None or message.is_automatic_forward:
        return False
    return message.from_user is not None and (not message.from_user.is_bot or message.sender_chat is not None)


def sender_of(message: Message) -> tuple[str, int | None]:
    """Who wrote, as ingestion knows them (`user123`, `channel456`), and the user's id; None for who writes in the name
    of a chat."""
    chat = message.sender_chat
    if chat is not None:
        bare = -chat.id - SUPERGROUP_OFFSET
        return (f"channel{bare}" if bare > 0 else f"chat{-chat.id}"), None
    assert message.from_user is not None
    return f"user{message.from_user.id}", message.from_user.id


def topic_of(message: Message) -> int | None:
    """The forum topic that it stands in."""
    return message.message_thread_id if message.is_topic_message else None


def replied_to(message: Message) -> Message | None:
    """The message that it replies to. In a topic every message that answers nobody points at the topic's beginning."""
    replied = message.reply_to_message
    return None if replied is None or replied.message_id == topic_of(message) else replied


def told(message: Message, me: User) -> Told:
    """Whether, and how, a message of a group is for the bot. What was forwarded is somebody else's words."""
    if message.forward_origin is not None:
        return Told.NOT
    text, entities = _written(message)
    for entity in entities:
        if entity.type == MessageEntityType.BOT_COMMAND and entity.offset == 0:
            return Told.COMMAND if _is_ask(entity.extract_from(text), me) else Told.NOT
        if _names(entity, text, me):
            return Told.MENTION
    replied = replied_to(message)
    if replied is not None and replied.from_user is not None and replied.from_user.id == me.id:
        return Told.REPLY
    return Told.NOT


def is_command(message: Message) -> bool:
    """Whether it begins with a command, of whichever bot."""
    return any(entity.type == MessageEntityType.BOT_COMMAND and entity.offset == 0 for entity in _written(message)[1])


def said(message: Message, me: User) -> Said:
    """What was written, blanks in the place of `/ask` and of the bot's own name, so that all else stays in its place."""
    text, entities = _written(message)
    starts = _starts(text)
    kept: list[TextEntity] = []
    letters = list(text)
    for entity in entities:
        start, end = (min(bisect_left(starts, at), len(text)) for at in (entity.offset, entity.offset + entity.length))
        command = entity.type == MessageEntityType.BOT_COMMAND and start == 0
        if _names(entity, text, me) or (command and _is_ask(text[start:end], me)):
            letters[start:end] = " " * (end - start)
        else:
            kept.append(TextEntity(start, end, _KINDS.get(entity.type, entity.type), entity.url))
    return Said(RawText("".join(letters)), kept)


def _written(message: Message) -> tuple[str, Sequence[MessageEntity]]:
    if message.text is not None:
        return message.text, message.entities or ()
    return message.caption or "", message.caption_entities or ()


def _is_ask(command: str, me: User) -> bool:
    name, _, bot = command.removeprefix("/").partition("@")
    return name.lower() == ASK and bot.lower() in ("", (me.username or "").lower())


def _names(entity: MessageEntity, text: str, me: User) -> bool:
    if entity.type == MessageEntityType.TEXT_MENTION:
        return entity.user is not None and entity.user.id == me.id
    if entity.type != MessageEntityType.MENTION:
        return False
    return re.fullmatch(f"@{me.username}", entity.extract_from(text), re.IGNORECASE) is not None


def _starts(text: str) -> Sequence[int]:
    """Where each code point begins in Telegram's count, which is of UTF-16 units."""
    return list(accumulate((2 if char > "\uffff" else 1 for char in text), initial=0))
