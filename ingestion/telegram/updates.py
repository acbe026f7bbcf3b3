"""Telegram's updates, sorted: which box one counts in, and the message in it. Pure."""

from collections.abc import Sequence
from typing import Any

from telethon import types

from core.db.models.listened_chat import ACCOUNT
from ingestion.telegram.translate import marked_id


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


def deleted_ids_of(update: Any) -> tuple[int, ...]:
    """The ids of messages that an update takes away."""
    if isinstance(update, (types.UpdateDeleteMessages, types.UpdateDeleteChannelMessages)):
        return tuple(update.messages)
    return ()


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
