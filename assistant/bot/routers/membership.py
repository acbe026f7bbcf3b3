"""Comings and goings: the bot's own, and those of the staff chat's members."""

import structlog
from aiogram import F, Router
from aiogram.types import ChatMemberUpdated

from assistant.bot.desk import Desk
from assistant.bot.members import is_there
from assistant.bot.reading import is_group
from assistant.texts.phrases import GREETING, UNKNOWN_GROUP, of_locale

log = structlog.get_logger(__name__)


def router() -> Router:
    """The handlers of this module. Made anew for each bot: a router belongs to one dispatcher."""
    router = Router(name="membership")
    router.my_chat_member.register(own, F.chat.func(is_group))
    router.chat_member.register(of_others)
    return router


async def own(change: ChatMemberUpdated, desk: Desk) -> None:
    """Brought into a group the bot says what it is, or that it does not know the group yet."""
    came = is_there(change.new_chat_member) and not is_there(change.old_chat_member)
    log.info("the bot's place in a chat has changed", chat_id=change.chat.id, status=change.new_chat_member.status)
    if not came or not desk.courtesy.may(change.chat.id):
        return
    place = (await desk.visitor_of(change.from_user, change.chat)).place
    known = place.is_held or place.chat_id in {*desk.rules.current().chats, desk.rules.current().access.staff_chat}
    language = of_locale(change.from_user.language_code)
    phrase = GREETING if known else UNKNOWN_GROUP
    desk.errands.run(desk.bot.send_message(change.chat.id, phrase[language].format(chat_id=change.chat.id)))


async def of_others(change: ChatMemberUpdated, desk: Desk) -> None:
    """Who leaves the staff chat is no agent from this moment on. Told only where the bot administers the chat."""
    desk.members.told(change.chat.id, change.new_chat_member)
