"""Messages of the bot: new ones, copies, and drafts of them."""

import mimetypes
import time
from typing import Any

from aiogram.methods import (
    CopyMessage,
    ForwardMessage,
    SendChatAction,
    SendDocument,
    SendMessage,
    SendMessageDraft,
)
from aiogram.types import InlineKeyboardMarkup

from tests.fakes.botapi import render
from tests.fakes.botapi.calls import Misuse
from tests.fakes.botapi.faults import Refused
from tests.fakes.botapi.limits import CAPTION, TEXT, UPLOAD, Formatted, check_keyboard
from tests.fakes.botapi.methods import access
from tests.fakes.botapi.methods.base import Desk, handles
from tests.fakes.botapi.model import GENERAL, Chat, Draft, File, Forward, Kind, Message

ACTIONS = {"typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
           "choose_sticker", "find_location", "record_video_note", "upload_video_note"}  # fmt: skip


@handles(SendMessage)
def send_message(desk: Desk, ask: SendMessage) -> render.Json:
    """Text. It also ends the drafts of the chat."""
    chat = access.writable(desk, ask.chat_id)
    text = desk.formatted(ask.text, ask.parse_mode, ask.entities, TEXT)
    if not text.text:
        raise Refused(400, "Bad Request: message text is empty")
    preview = ask.link_preview_options
    off = preview is not None and getattr(preview, "is_disabled", None) is True
    return render.message(_post(desk, chat, ask, text, preview_off=off))


@handles(SendDocument)
def send_document(desk: Desk, ask: SendDocument) -> render.Json:
    """A file, uploaded or sent before, with a caption."""
    chat = access.writable(desk, ask.chat_id)
    caption = desk.formatted(ask.caption, ask.parse_mode, ask.caption_entities, CAPTION)
    return render.message(_post(desk, chat, ask, caption, document=document(desk, str(ask.document))))


@handles(ForwardMessage)
def forward_message(desk: Desk, ask: ForwardMessage) -> render.Json:
    """A message passed on under its author's name."""
    source = _source(desk, ask, "message to forward not found", "message can't be forwarded")
    origin = source.forward or Forward(source.date, source.sender)
    chat = access.writable(desk, ask.chat_id)
    text = Formatted(source.text, source.entities)
    return render.message(_post(desk, chat, ask, text, document=source.document, forward=origin))


@handles(CopyMessage)
def copy_message(desk: Desk, ask: CopyMessage) -> render.Json:
    """The same content as a message of the bot's own."""
    source = _source(desk, ask, "message to copy not found", "message can't be copied")
    chat, text = access.writable(desk, ask.chat_id), Formatted(source.text, source.entities)
    if ask.caption is not None and source.document is not None:
        text = desk.formatted(ask.caption, ask.parse_mode, ask.caption_entities, CAPTION)
    return {"message_id": _post(desk, chat, ask, text, document=source.document).id}


@handles(SendMessageDraft)
def send_message_draft(desk: Desk, ask: SendMessageDraft) -> bool:
    """Show a person what is being written. Leaving the server's block complains of drafts that nothing followed."""
    chat = access.writable(desk, ask.chat_id)
    if chat.kind is not Kind.PRIVATE:
        raise Refused(400, "Bad Request: TEXTDRAFT_PEER_INVALID")
    if ask.draft_id == 0:
        raise Refused(400, "Bad Request: draft identifier must be non-zero")
    text = desk.formatted(ask.text, ask.parse_mode, ask.entities, TEXT).text
    draft = next((known for known in chat.drafts if known.id == ask.draft_id and not known.finished), None)
    if draft is None:
        stop, keep = ask.can_stop is True, ask.keep_on_stop is True
        draft = Draft(ask.draft_id, chat, ask.message_thread_id, [], stop, keep, time.time())
        chat.drafts.append(draft)
        desk.world.drafts.append(draft)
    draft.texts.append(text)
    draft.at = time.time()
    return True


@handles(SendChatAction)
def send_chat_action(desk: Desk, ask: SendChatAction) -> bool:
    """ "typing …" and the like."""
    chat = access.writable(desk, ask.chat_id)
    if ask.action not in ACTIONS:
        raise Refused(400, "Bad Request: wrong parameter action in request")
    if ask.message_thread_id != GENERAL:  # here alone the first topic has to be named by its number
        access.topic(desk, chat, ask.message_thread_id, None)
    chat.actions.append(ask.action)
    return True


def _post(desk: Desk, chat: Chat, ask: Any, text: Formatted, **details: Any) -> Message:
    """Store a message, with what all sending methods have in common."""
    for unmodelled in ("business_connection_id", "reply_to_message_id", "ephemeral_message_parameters"):
        if getattr(ask, unmodelled, None) is not None:
            raise Misuse(400, f"Bad Request: {unmodelled} is not modelled")
    target, quote = access.replied(chat, getattr(ask, "reply_parameters", None))
    topic = access.topic(desk, chat, ask.message_thread_id, target)
    markup = getattr(ask, "reply_markup", None)
    if isinstance(markup, InlineKeyboardMarkup):
        check_keyboard(markup, desk.complain)
    desk.rates.take(chat)
    for draft in chat.drafts:
        draft.finished = True
    details |= {"reply_to": target, "quote": quote, "topic": topic, "markup": markup}
    details |= {"silent": ask.disable_notification is True, "protected": ask.protect_content is True}
    return desk.world.post(chat, desk.world.bot, text.text, entities=text.entities, **details)


def _source(desk: Desk, ask: ForwardMessage | CopyMessage, missing: str, refused: str) -> Message:
    source = access.message(desk, ask.from_chat_id, ask.message_id, missing)
    if source.service is not None or source.protected:
        raise Refused(400, f"Bad Request: {refused}")
    return source


def document(desk: Desk, named: str) -> File:
    """The file that a request names: one that came with it, or one that was sent before."""
    if not named.startswith("attach://"):
        known = desk.world.files.get(named)
        if known is None:
            raise Refused(400, "Bad Request: wrong file identifier/HTTP URL specified")
        return known
    file = desk.uploads.get(named.removeprefix("attach://"))
    if file is None:
        raise Misuse(400, "Bad Request: there is no document in the request")
    if len(file.content) > UPLOAD:
        raise Refused(413, "Request Entity Too Large")
    if not file.content:
        raise Refused(400, "Bad Request: file must be non-empty")
    mime = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    kept = File(f"BQAC{len(desk.world.files) + 1:08}", file.name, mime, file.content)
    desk.world.files[kept.id] = kept
    return kept
