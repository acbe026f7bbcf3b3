"""Where a bot may look and write, and what it may answer to: Telegram's refusals in Telegram's words."""

from aiogram.types import ReplyParameters

from tests.fakes.botapi.calls import Misuse
from tests.fakes.botapi.faults import Refused
from tests.fakes.botapi.methods.base import Desk
from tests.fakes.botapi.model import Chat, Kind, Message, Status, Topic, User

CHAT_NOT_FOUND = "Bad Request: chat not found"


def chat(desk: Desk, chat_id: int | str | None) -> Chat:
    """The chat, if the bot may know that it is there."""
    world = desk.world
    if isinstance(chat_id, str):
        named = {place.username: place for place in world.chats.values() if place.username}
        found = named.get(chat_id.removeprefix("@"))
    else:
        user = world.users.get(chat_id or 0)
        found = world.private(user) if user is not None and user is not world.bot else world.chats.get(chat_id or 0)
    if found is None or (found.user is not None and not world.met(found.user)):
        raise Refused(400, CHAT_NOT_FOUND)
    if found.kind is not Kind.PRIVATE:
        _check_inside(desk, found)
    return found


def _check_inside(desk: Desk, place: Chat) -> None:
    if place.migrated_to is not None:
        upgraded = "Bad Request: group chat was upgraded to a supergroup chat"
        raise Refused(400, upgraded, migrate_to_chat_id=place.migrated_to.id)
    if desk.world.bot.id not in place.members:
        raise Refused(400, CHAT_NOT_FOUND)
    if place.status(desk.world.bot) is Status.KICKED:
        raise Refused(403, f"Forbidden: bot was kicked from the {place.kind} chat")
    if place.status(desk.world.bot) is Status.LEFT:
        raise Refused(403, f"Forbidden: bot is not a member of the {place.kind} chat")


def writable(desk: Desk, chat_id: int | str | None) -> Chat:
    """The chat, if the bot may write there."""
    place = chat(desk, chat_id)
    if place.user is not None:
        _check_person(place.user)
    elif place.read_only and not place.status(desk.world.bot).rules:
        raise Refused(400, "Bad Request: not enough rights to send text messages to the chat")
    return place


def _check_person(user: User) -> None:
    if user.deactivated:
        raise Refused(403, "Forbidden: user is deactivated")
    if user.is_bot:
        raise Refused(403, "Forbidden: bot can't send messages to bots")
    if user.blocked:
        raise Refused(403, "Forbidden: bot was blocked by the user")
    if not user.started:
        raise Refused(403, "Forbidden: bot can't initiate conversation with a user")


def message(desk: Desk, chat_id: int | str | None, message_id: int | None, missing: str) -> Message:
    """A message that is there."""
    found = chat(desk, chat_id).history.get(message_id or 0)
    if found is None or found.deleted:
        raise Refused(400, f"Bad Request: {missing}")
    return found


def topic(desk: Desk, place: Chat, thread_id: int | None, target: Message | None) -> Topic | None:
    """The topic to write in. An answer goes where its target is; "General" is written to without a thread."""
    if thread_id is None:
        return target.topic if target is not None else None
    found = place.topics.get(thread_id) if place.forum else None
    if found is None or found.deleted:
        raise Refused(400, "Bad Request: message thread not found")
    if found.closed and not place.status(desk.world.bot).rules:
        raise Refused(400, "Bad Request: TOPIC_CLOSED")
    if target is not None and target.topic is not found:
        raise Misuse(400, f"Bad Request: message {target.id} is not in the thread {thread_id}")
    return found


def replied(place: Chat, parameters: ReplyParameters | None) -> tuple[Message | None, str | None]:
    """The message to answer, and the part of it that is quoted."""
    if parameters is None:
        return None, None
    if parameters.chat_id not in (None, place.id):
        raise Misuse(400, "Bad Request: replies to another chat are not modelled")
    target = place.history.get(parameters.message_id or 0)
    if target is None or target.deleted:
        if parameters.allow_sending_without_reply is True:
            return None, None
        raise Refused(400, "Bad Request: message to be replied not found")
    if parameters.quote is not None and parameters.quote not in target.text:
        raise Refused(400, "Bad Request: QUOTE_TEXT_INVALID")
    return target, parameters.quote
