"""Who the bot is, and what it tells of itself: commands by scope and language, descriptions."""

import re

from aiogram.methods import (
    DeleteMyCommands,
    GetMe,
    GetMyCommands,
    SetMyCommands,
    SetMyDescription,
    SetMyShortDescription,
)
from aiogram.types import BotCommandScopeChat, BotCommandScopeChatAdministrators, BotCommandScopeChatMember
from aiogram.types.bot_command_scope_union import BotCommandScopeUnion

from tests.fakes.botapi import render
from tests.fakes.botapi.faults import Refused
from tests.fakes.botapi.methods import access
from tests.fakes.botapi.methods.base import Desk, handles


@handles(GetMe)
def get_me(desk: Desk, ask: GetMe) -> render.Json:
    """The bot itself."""
    abilities = {
        "can_join_groups": True,
        "can_read_all_group_messages": not desk.world.privacy,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }
    return render.user(desk.world.bot) | abilities


@handles(SetMyCommands)
def set_my_commands(desk: Desk, ask: SetMyCommands) -> bool:
    """The menu of commands for a scope and a language."""
    if len(ask.commands) > 100:
        raise Refused(400, "Bad Request: BOT_COMMANDS_TOO_MUCH")
    for command in ask.commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command.command):
            raise Refused(400, "Bad Request: BOT_COMMAND_INVALID")
        if not 1 <= len(command.description) <= 256:
            raise Refused(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
    desk.profile.commands[_scope(desk, ask.scope), _language(ask.language_code)] = list(ask.commands)
    return True


@handles(GetMyCommands)
def get_my_commands(desk: Desk, ask: GetMyCommands) -> list[render.Json]:
    """The menu of exactly this scope and language."""
    kept = desk.profile.commands.get((_scope(desk, ask.scope), _language(ask.language_code)), [])
    return [render.plain(command) for command in kept]


@handles(DeleteMyCommands)
def delete_my_commands(desk: Desk, ask: DeleteMyCommands) -> bool:
    """No menu for a scope and a language."""
    desk.profile.commands.pop((_scope(desk, ask.scope), _language(ask.language_code)), None)
    return True


@handles(SetMyDescription)
def set_my_description(desk: Desk, ask: SetMyDescription) -> bool:
    """What an empty chat with the bot shows."""
    if len(ask.description or "") > 512:
        raise Refused(400, "Bad Request: BOT_DESCRIPTION_TOO_LONG")
    desk.profile.descriptions[_language(ask.language_code)] = ask.description or ""
    return True


@handles(SetMyShortDescription)
def set_my_short_description(desk: Desk, ask: SetMyShortDescription) -> bool:
    """What the bot's profile shows."""
    if len(ask.short_description or "") > 120:
        raise Refused(400, "Bad Request: BOT_SHORT_DESCRIPTION_TOO_LONG")
    desk.profile.short_descriptions[_language(ask.language_code)] = ask.short_description or ""
    return True


def _scope(desk: Desk, scope: BotCommandScopeUnion | None) -> str:
    """A key as "default", "all_private_chats", "chat:-100…" or "chat_member:-100…:600…"."""
    if scope is None:
        return "default"
    if isinstance(scope, BotCommandScopeChat | BotCommandScopeChatAdministrators | BotCommandScopeChatMember):
        parts = [scope.type, access.chat(desk, scope.chat_id).id, getattr(scope, "user_id", None)]
        return ":".join(str(part) for part in parts if part is not None)
    return str(scope.type)


def _language(code: str | None) -> str:
    if code and not re.fullmatch(r"[a-z]{2}", code):
        raise Refused(400, "Bad Request: invalid language code specified")
    return code or ""
