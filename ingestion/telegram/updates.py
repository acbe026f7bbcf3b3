"""Telegram's updates, sorted: which box one counts in, and what it brings or takes away."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from telethon import types

from core.contracts.messages import MessagesDeleted
from core.db.models.listened_chat import ACCOUNT
from ingestion.telegram.origins import moved_ids
from ingestion.telegram.parcels import Chat
from ingestion.telegram.translate import marked_id

TOGETHER = 1_000
"""Ids in one entry of the stream of deletions."""


def box_of(update: Any) -> int | None:
    """The box that an update counts in, None where it counts in none."""
    if not hasattr(update, "pts") or not hasattr(update, "pts_count"):
        return None
    match update:
        case types.UpdateNewChannelMessage() | types.UpdateEditChannelMessage():
            return marked_id(update.message.peer_id) if update.message.peer_id else None
        case types.UpdateDeleteChannelMessages() | types.UpdatePinnedChannelMessages() | types.UpdateChannelWebPage():
            return marked_id(types.PeerChannel(update.channel_id))
        case _:
            return ACCOUNT


def message_of(update: Any) -> Any:
    """The message that is new or edited, or None."""
    match update:
        case (
            types.UpdateNewMessage()
            | types.UpdateNewChannelMessage()
            | types.UpdateEditMessage()
            | types.UpdateEditChannelMessage()
        ):
            return update.message if update.message.peer_id is not None else None
        case _:
            return None


def is_new(update: Any) -> bool:
    """Whether it brings a message, not an edit of one."""
    return isinstance(update, (types.UpdateNewMessage, types.UpdateNewChannelMessage))


def deletions_of(update: Any, heirs: Iterable[Chat]) -> list[MessagesDeleted]:
    """What an update takes away. Where it names no chat, the ids may be of a group that lives on as one of the `heirs`,
    where they are others."""
    places: Sequence[tuple[int | None, Sequence[int]]] = ()
    match update:
        case types.UpdateDeleteChannelMessages():
            places = [(marked_id(types.PeerChannel(update.channel_id)), update.messages)]
        case types.UpdateDeleteMessages():
            moved = [(heir.stored_id, moved_ids(update.messages, heir.origin)) for heir in heirs if heir.origin]
            places = [(None, update.messages), *moved]
    now = datetime.now(UTC)
    return [
        MessagesDeleted(chat_id=chat_id, message_ids=tuple(ids[at : at + TOGETHER]), seen_at=now)
        for chat_id, ids in places
        for at in range(0, len(ids), TOGETHER)
    ]


def shorts_as_updates(packet: Any, me: int) -> Sequence[Any]:
    """A packet's updates; the short form of a message is spelt out."""
    match packet:
        case types.Updates() | types.UpdatesCombined():
            return list(packet.updates)
        case types.UpdateShort():
            return [packet.update]
        case types.UpdateShortMessage():
            author = types.PeerUser(me if packet.out else packet.user_id)
            return [_spelt_out(packet, types.PeerUser(packet.user_id), author)]
        case types.UpdateShortChatMessage():
            return [_spelt_out(packet, types.PeerChat(packet.chat_id), types.PeerUser(packet.from_id))]
        case _:
            return []


def _spelt_out(short: Any, peer: Any, author: Any) -> Any:
    message = types.Message(
        id=short.id,
        peer_id=peer,
        from_id=author,
        date=short.date,
        message=short.message,
        out=short.out,
        fwd_from=short.fwd_from,
        via_bot_id=short.via_bot_id,
        reply_to=short.reply_to,
        entities=short.entities,
    )
    return types.UpdateNewMessage(message, short.pts, short.pts_count)
