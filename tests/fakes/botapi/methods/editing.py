"""What the bot does to messages that are there."""

from collections.abc import Callable

from aiogram.client.default import Default
from aiogram.methods import (
    DeleteMessage,
    DeleteMessages,
    EditMessageMedia,
    EditMessageReplyMarkup,
    EditMessageText,
    SetMessageReaction,
)
from aiogram.types import InlineKeyboardMarkup, InputMediaDocument, ReactionTypeEmoji
from aiogram.types.reply_markup_union import ReplyMarkupUnion

from tests.fakes.botapi import render
from tests.fakes.botapi.calls import Misuse
from tests.fakes.botapi.faults import Refused
from tests.fakes.botapi.limits import CAPTION, REACTIONS, TEXT, check_keyboard
from tests.fakes.botapi.methods import access, sending
from tests.fakes.botapi.methods.base import Desk, handles
from tests.fakes.botapi.model import Chat, Kind, Message

NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
TO_EDIT = "message to edit not found"
TO_DELETE = "message to delete not found"


@handles(EditMessageText)
def edit_message_text(desk: Desk, ask: EditMessageText) -> render.Json:
    """A new text. A keyboard that is not given again is gone."""
    message = _own(desk, ask)
    if message.document is not None:
        raise Refused(400, "Bad Request: there is no text in the message to edit")
    if ask.rich_message is not None:
        raise Misuse(400, "Bad Request: rich messages are not modelled")
    text = desk.formatted(ask.text, ask.parse_mode, ask.entities, TEXT)
    if not text.text:
        raise Refused(400, "Bad Request: message text is empty")

    def write() -> None:
        message.earlier.append(message.text)
        message.text, message.entities = text.text, text.entities

    same = (text.text, text.entities) == (message.text, message.entities)
    return _apply(desk, message, ask.reply_markup, same, write)


@handles(EditMessageMedia)
def edit_message_media(desk: Desk, ask: EditMessageMedia) -> render.Json:
    """A document in the place of a text or of another document. One that is uploaded again is another."""
    message, media = _own(desk, ask), ask.media
    if not isinstance(media, InputMediaDocument):
        raise Misuse(400, f"Bad Request: media of the type {media.type} is not modelled")
    mode = None if isinstance(media.parse_mode, Default) else media.parse_mode  # left out, as the others may be
    caption = desk.formatted(media.caption, mode, media.caption_entities, CAPTION)
    document = sending.document(desk, str(media.media))

    def write() -> None:
        message.earlier.append(message.text)
        message.text, message.entities, message.document = caption.text, caption.entities, document

    same = (caption.text, caption.entities, document) == (message.text, message.entities, message.document)
    return _apply(desk, message, ask.reply_markup, same, write)


@handles(EditMessageReplyMarkup)
def edit_message_reply_markup(desk: Desk, ask: EditMessageReplyMarkup) -> render.Json:
    """Another keyboard, or none."""
    return _apply(desk, _own(desk, ask), ask.reply_markup, True, lambda: None)


@handles(DeleteMessage)
def delete_message(desk: Desk, ask: DeleteMessage) -> bool:
    """Delete an own message, or as an administrator (and in private) anybody's."""
    message = access.message(desk, ask.chat_id, ask.message_id, TO_DELETE)
    _check_deletable(desk, message)
    message.deleted = True
    return True


@handles(DeleteMessages)
def delete_messages(desk: Desk, ask: DeleteMessages) -> bool:
    """Delete many; those that are not there are skipped."""
    if not 1 <= len(ask.message_ids) <= 100:
        raise Refused(
            400, "Bad Request: too many messages to delete" if ask.message_ids else f"Bad Request: {TO_DELETE}"
        )
    chat = access.chat(desk, ask.chat_id)
    there = [message for message in chat.messages if message.id in set(ask.message_ids)]
    for message in there:
        _check_deletable(desk, message)
    for message in there:
        message.deleted = True
    return True


@handles(SetMessageReaction)
def set_message_reaction(desk: Desk, ask: SetMessageReaction) -> bool:
    """The bot's reaction to a message: one emoji, or none."""
    message = access.message(desk, ask.chat_id, ask.message_id, "message to react not found")
    if any(not isinstance(reaction, ReactionTypeEmoji) for reaction in ask.reaction or ()):
        raise Refused(400, "Bad Request: REACTION_INVALID")
    emoji = tuple(reaction.emoji for reaction in ask.reaction or () if isinstance(reaction, ReactionTypeEmoji))
    if len(emoji) > 1:
        raise Refused(400, "Bad Request: REACTIONS_TOO_MANY")
    if not set(emoji) <= REACTIONS:
        raise Refused(400, "Bad Request: REACTION_INVALID")
    message.reactions.pop(desk.world.bot.id, None)
    if emoji:
        message.reactions[desk.world.bot.id] = emoji
    return True


def _own(desk: Desk, ask: EditMessageText | EditMessageMedia | EditMessageReplyMarkup) -> Message:
    if ask.inline_message_id is not None or ask.business_connection_id is not None:
        raise Misuse(400, "Bad Request: editing of inline or business messages is not modelled")
    message = access.message(desk, ask.chat_id, ask.message_id, TO_EDIT)
    if message.sender is not desk.world.bot or message.forward is not None or message.service is not None:
        raise Refused(400, "Bad Request: message can't be edited")
    access.writable(desk, ask.chat_id)
    return message


def _apply(
    desk: Desk, message: Message, markup: InlineKeyboardMarkup | None, same: bool, write: Callable[[], None]
) -> render.Json:
    if markup is not None:
        check_keyboard(markup, desk.complain)
    if same and _shown(markup) == _shown(message.markup):
        raise Refused(400, NOT_MODIFIED)
    desk.rates.take(message.chat)
    if not same:
        write()
        message.edited = desk.world.now()
    message.markup = markup
    return render.message(message)


def _shown(markup: ReplyMarkupUnion | None) -> ReplyMarkupUnion | None:
    """An inline keyboard without a button is none."""
    if isinstance(markup, InlineKeyboardMarkup) and not any(markup.inline_keyboard):
        return None
    return markup


def _check_deletable(desk: Desk, message: Message) -> None:
    chat: Chat = message.chat
    own = message.sender is desk.world.bot
    if not (own or chat.kind is Kind.PRIVATE or chat.status(desk.world.bot).rules):
        raise Refused(400, "Bad Request: message can't be deleted for everyone")
