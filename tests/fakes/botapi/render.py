"""The model as the Bot API writes it in JSON."""

from datetime import datetime
from typing import Any

from aiogram.types import InlineKeyboardMarkup, TelegramObject

from tests.fakes.botapi.model import Chat, Draft, Forward, Kind, Message, Status, User

Json = dict[str, Any]

RIGHTS = (
    "can_be_edited",
    "is_anonymous",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_send_welcome_messages",
)
NO_GIFTS = dict.fromkeys(
    ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
)


def plain(value: TelegramObject) -> Any:
    """An object of aiogram as it travels."""
    return value.model_dump(mode="json", exclude_none=True, by_alias=True)


def stamp(moment: datetime) -> int:
    """Unix time."""
    return int(moment.timestamp())


def user(who: User) -> Json:
    """A `User`."""
    shown = {
        "id": who.id,
        "is_bot": who.is_bot,
        "first_name": who.first_name,
        "last_name": who.last_name,
        "username": who.username,
        "language_code": who.language,
    }
    return _present(shown)


def chat(place: Chat) -> Json:
    """A `Chat`."""
    if place.user is not None:
        who = place.user
        named = {"first_name": who.first_name, "last_name": who.last_name, "username": who.username}
        return _present({"id": place.id, "type": place.kind.value, **named})
    shown = {"id": place.id, "type": place.kind.value, "title": place.title, "username": place.username}
    return _present(shown | {"is_forum": place.forum or None})


def full_chat(place: Chat) -> Json:
    """A `ChatFullInfo`."""
    return chat(place) | {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": NO_GIFTS}


def member(who: User, status: Status) -> Json:
    """A `ChatMember`."""
    shown: Json = {"status": status.value, "user": user(who)}
    if status is Status.CREATOR:
        shown["is_anonymous"] = False
    if status is Status.ADMINISTRATOR:
        shown |= dict.fromkeys(RIGHTS, True) | {"is_anonymous": False, "can_be_edited": False}
    if status is Status.KICKED:
        shown["until_date"] = 0
    return shown


def message(what: Message, *, nested: bool = False) -> Json:
    """A `Message`; one that is answered is shown within it, without what it answers itself."""
    shown: Json = {
        "message_id": what.id,
        "from": user(what.sender),
        "chat": chat(what.chat),
        "date": stamp(what.date),
        "edit_date": stamp(what.edited) if what.edited else None,
        "via_bot": user(what.via_bot) if what.via_bot else None,
        "has_protected_content": what.protected or None,
        **_thread(what),
        **_content(what),
        **(what.service or {}),
    }
    if what.forward is not None:
        shown["forward_origin"] = _origin(what.forward)
    if isinstance(what.markup, InlineKeyboardMarkup):
        shown["reply_markup"] = plain(what.markup)
    if not nested:
        shown |= _reply(what)
    return _present(shown)


def reaction(emoji: str) -> Json:
    """A `ReactionTypeEmoji`."""
    return {"type": "emoji", "emoji": emoji}


def stopped(draft: Draft) -> Json:
    """A `MessageGenerationStopped`."""
    assert draft.chat.user is not None
    return _present({"chat": chat(draft.chat), "draft_id": draft.id, "message_thread_id": draft.topic_id})


def _content(what: Message) -> Json:
    entities = [plain(entity) for entity in what.entities] or None
    if what.service is not None:
        return {}
    if what.document is None:
        return {"text": what.text, "entities": entities}
    file = what.document
    shown = {"file_id": file.id, "file_unique_id": file.id, "file_name": file.name, "mime_type": file.mime}
    document = shown | {"file_size": len(file.content)}
    return {"document": document, "caption": what.text or None, "caption_entities": entities}


def _thread(what: Message) -> Json:
    """In a forum the topic; in any other supergroup the thread of replies, as the real API has it."""
    if what.topic is not None:
        return {"message_thread_id": what.topic.id, "is_topic_message": True}
    if what.chat.kind is Kind.SUPERGROUP and not what.chat.forum and what.reply_to is not None:
        return {"message_thread_id": what.root.id}
    return {}


def _reply(what: Message) -> Json:
    """A message of a topic that answers nothing is shown to answer the service message that made the topic."""
    target = what.reply_to
    if target is None and what.topic is not None and what.id != what.topic.id:
        target = what.chat.history[what.topic.id]
    if target is None or target.deleted:
        return {}
    shown: Json = {"reply_to_message": message(target, nested=True)}
    if what.quote:
        shown["quote"] = {"text": what.quote, "position": max(target.text.find(what.quote), 0), "is_manual": True}
    return shown


def _origin(forward: Forward) -> Json:
    if forward.user is None:
        return {"type": "hidden_user", "date": stamp(forward.date), "sender_user_name": forward.name}
    return {"type": "user", "date": stamp(forward.date), "sender_user": user(forward.user)}


def _present(shown: Json) -> Json:
    return {key: value for key, value in shown.items() if value is not None}
