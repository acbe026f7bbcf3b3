"""What the bot may know of chats and their members."""

from aiogram.methods import GetChat, GetChatAdministrators, GetChatMember, GetChatMemberCount

from tests.fakes.botapi import render
from tests.fakes.botapi.faults import Refused
from tests.fakes.botapi.methods import access
from tests.fakes.botapi.methods.base import Desk, handles
from tests.fakes.botapi.model import Kind


@handles(GetChat)
def get_chat(desk: Desk, ask: GetChat) -> render.Json:
    """All of a chat."""
    return render.full_chat(access.chat(desk, ask.chat_id))


@handles(GetChatMember)
def get_chat_member(desk: Desk, ask: GetChatMember) -> render.Json:
    """What somebody is in a chat; whoever never was in it has left."""
    chat, user = access.chat(desk, ask.chat_id), desk.world.users.get(ask.user_id)
    if user is None:
        raise Refused(400, "Bad Request: PARTICIPANT_ID_INVALID")
    return render.member(user, chat.status(user))


@handles(GetChatAdministrators)
def get_chat_administrators(desk: Desk, ask: GetChatAdministrators) -> list[render.Json]:
    """Who rules a group. Other bots are left out."""
    chat = access.chat(desk, ask.chat_id)
    if chat.kind is Kind.PRIVATE:
        raise Refused(400, "Bad Request: there are no administrators in the private chat")
    rulers = [(desk.world.users[who], status) for who, status in chat.members.items() if status.rules]
    bots = ask.return_bots is True
    return [render.member(user, status) for user, status in rulers if bots or not user.is_bot or user is desk.world.bot]


@handles(GetChatMemberCount)
def get_chat_member_count(desk: Desk, ask: GetChatMemberCount) -> int:
    """How many are in a chat."""
    return sum(status.inside for status in access.chat(desk, ask.chat_id).members.values())
