"""`/start`, `/help` and `/status`, and what Telegram shows of them: another menu for everybody, groups, staff and admins."""

from typing import Final

import structlog
from aiogram import Bot, F, Router
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.filters import Command, CommandStart
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeChat,
    BotCommandScopeDefault,
    BotCommandScopeUnion,
    Message,
)

from assistant.bot.desk import Desk
from assistant.bot.reading import is_from_a_person
from assistant.bot.standings import standings
from assistant.texts.phrases import COMMANDS, GREETING, HELP_STAFF, STATUS, of_locale
from core.domain.access import Role
from core.domain.language import Language
from core.rules import AccessRules

log = structlog.get_logger(__name__)

IN_PRIVATE: Final = ("start", "help")
IN_GROUPS: Final = ("ask", "help")
FOR_ADMINS: Final = ("start", "help", "status")

own = F.forward_origin.is_(None) & F.func(is_from_a_person)
"""A forwarded command is somebody else's."""


def router() -> Router:
    """The handlers of this module. Made anew for each bot: a router belongs to one dispatcher."""
    router = Router(name="commands")
    router.message.register(help_, own, CommandStart())
    router.message.register(help_, own, Command("help"))
    router.message.register(status, own, Command("status"))
    return router


async def help_(message: Message, desk: Desk) -> None:
    """What the bot can do, and more for staff."""
    language = _language(message)
    visitor = await desk.visitor(message)
    standing = await desk.write(lambda session: desk.standing(session, visitor))
    parts = [GREETING[language]]
    if standing.role is not None and standing.role.is_staff:
        parts.append(HELP_STAFF[language].format(username=desk.me.username))
    desk.say(message, "\n\n".join(parts), always=True)


async def status(message: Message, desk: Desk) -> None:
    """For admins: what waits. From others it is no command."""
    visitor = await desk.visitor(message)
    standing = await desk.write(lambda session: desk.standing(session, visitor))
    if standing.role is Role.ADMIN:
        counts = await desk.write(standings)
        desk.say(message, STATUS[_language(message)].format(**counts), always=True)


async def register(bot: Bot, access: AccessRules) -> None:
    """Tell Telegram the commands, by scope and language. A chat that the bot cannot see yet gets its menu at the next start."""
    scopes: list[tuple[BotCommandScopeUnion, tuple[str, ...]]] = [
        (BotCommandScopeDefault(), IN_PRIVATE),
        (BotCommandScopeAllGroupChats(), IN_GROUPS),
    ]
    if access.staff_chat:
        scopes.append((BotCommandScopeChat(chat_id=access.staff_chat), IN_GROUPS))
    scopes += [(BotCommandScopeChat(chat_id=admin), FOR_ADMINS) for admin in sorted(access.admins)]
    for scope, names in scopes:
        try:
            await bot.set_my_commands(_described(names, "en"), scope)
            await bot.set_my_commands(_described(names, "ru"), scope, language_code="ru")
        except (TelegramBadRequest, TelegramForbiddenError) as error:
            log.warning(
                "telegram takes no commands for a chat: is the bot in it?", scope=scope.type, error=error.message
            )


def _described(names: tuple[str, ...], language: Language) -> list[BotCommand]:
    return [BotCommand(command=name, description=COMMANDS[name][language]) for name in names]


def _language(message: Message) -> Language:
    return of_locale(message.from_user.language_code if message.from_user else None)
