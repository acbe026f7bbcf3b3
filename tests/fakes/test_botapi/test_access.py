"""Where the bot may write, what it may ask of chats, and how people and it come and go."""

from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramForbiddenError, TelegramMigrateToChat

from tests.fakes.botapi import BotApiServer, Chat, Kind, Person, Status, World
from tests.fakes.botapi.testing import heard, refused

EVERYTHING = ["message", "edited_message", "callback_query", "inline_query", "chosen_inline_result", "message_reaction",
              "my_chat_member", "chat_member"]  # fmt: skip


@pytest.fixture
def world(server: BotApiServer) -> World:
    server.world.updates.allow(EVERYTHING)
    return server.world


@pytest.fixture
def anna(world: World) -> Person:
    return world.add_person("Anna", username="anna", language="ru")


@pytest.fixture
def support(world: World, anna: Person) -> Chat:
    return world.add_supergroup("Support", [world.add_person("Boris"), anna])


async def texts(bot: Bot) -> list[str | None]:
    return [update.message.text for update in await heard(bot) if update.message]


async def test_whom_the_bot_may_write_to(world: World, bot: Bot, anna: Person) -> None:
    await refused(bot.send_message(anna.id, "x"), "chat not found")
    support = world.add_supergroup("Support", [anna])
    no_start = "Forbidden: bot can't initiate conversation with a user"
    await refused(bot.send_message(anna.id, "x"), no_start, TelegramForbiddenError)
    anna.starts("from_site")
    await bot.send_message(anna.id, "x")
    anna.blocks()
    blocked = "Forbidden: bot was blocked by the user"
    await refused(bot.send_message(anna.id, "x"), blocked, TelegramForbiddenError)
    await refused(bot.edit_message_text("y", chat_id=anna.id, message_id=2), blocked, TelegramForbiddenError)
    with pytest.raises(ValueError, match="can not write"):
        anna.starts()
    anna.unblocks()
    await bot.send_message(anna.id, "x")
    kinds = [update.my_chat_member.new_chat_member.status for update in await heard(bot) if update.my_chat_member]
    assert kinds == ["kicked", "member"]
    anna.deactivated = True
    await refused(bot.send_message(anna.id, "x"), "Forbidden: user is deactivated", TelegramForbiddenError)
    assert support.kind is Kind.SUPERGROUP


async def test_groups_the_bot_is_not_in(world: World, bot: Bot, anna: Person) -> None:
    group = world.add_group("Team", [anna])
    strange = world.add_supergroup("Strange", [anna])
    del strange.members[world.bot.id]
    await refused(bot.send_message(strange.id, "x"), "chat not found")
    await refused(bot.send_message(-5, "x"), "chat not found")
    anna.removes_bot(group)
    kicked = "Forbidden: bot was kicked from the group chat"
    await refused(bot.send_message(group.id, "x"), kicked, TelegramForbiddenError)
    anna.says(group, "unheard")
    anna.adds_bot(group)
    await bot.send_message(group.id, "x")
    group.read_only = True
    await refused(bot.send_message(group.id, "x"), "not enough rights to send text messages to the chat")
    group.members[world.bot.id] = Status.LEFT
    left = "Forbidden: bot is not a member of the group chat"
    await refused(bot.send_message(group.id, "x"), left, TelegramForbiddenError)
    assert "unheard" not in await texts(bot)


async def test_a_group_that_becomes_a_supergroup(world: World, bot: Bot, anna: Person) -> None:
    group = world.add_group("Team", [anna])
    new = anna.migrates(group)
    with pytest.raises(TelegramMigrateToChat) as migrated:
        await bot.send_message(group.id, "x")
    assert migrated.value.migrate_to_chat_id == new.id
    old, fresh = [update.message for update in await heard(bot)]
    assert old and fresh  # noqa: PT018
    assert (old.migrate_to_chat_id, fresh.migrate_from_chat_id) == (new.id, group.id)
    await bot.send_message(new.id, "x")
    with pytest.raises(ValueError, match="became a supergroup"):
        anna.says(group, "hello")


async def test_coming_and_going(world: World, bot: Bot, anna: Person, support: Chat) -> None:
    cyril = world.add_person("Cyril")
    cyril.joins(support)
    anna.promotes(cyril, support)
    cyril.leaves(support)
    updates = await heard(bot)
    changes = [update.chat_member for update in updates if update.chat_member]
    statuses = [(change.old_chat_member.status, change.new_chat_member.status) for change in changes]
    assert statuses == [("left", "member"), ("member", "administrator"), ("administrator", "left")]
    services = [update.message for update in updates if update.message]
    assert [bool(message.new_chat_members) for message in services] == [True, False]
    assert services[1].left_chat_member
    with pytest.raises(ValueError, match="not in"):
        cyril.says(support, "hello")
    with pytest.raises(ValueError, match="not in"):
        cyril.sees(support)


async def test_the_bot_is_added_and_removed(world: World, bot: Bot, anna: Person) -> None:
    new = world.add_group("New", [anna], bot=Status.LEFT)
    anna.adds_bot(new, Status.ADMINISTRATOR)
    anna.removes_bot(new)
    kinds = [update.event_type for update in await heard(bot)]
    assert kinds == ["my_chat_member", "message", "message", "my_chat_member"]


async def test_chats_and_members(world: World, bot: Bot, anna: Person, support: Chat) -> None:
    stranger = world.add_person("Stranger")
    assert (await bot.get_chat(support.id)).title == "Support"
    statuses: list[Any] = [
        (await bot.get_chat_member(support.id, who.id)).status for who in (anna, stranger, world.bot)
    ]
    assert statuses == ["member", "left", "administrator"]
    rulers = await bot.get_chat_administrators(support.id)
    assert [ruler.user.first_name for ruler in rulers] == ["Boris", "Otklik"]
    assert await bot.get_chat_member_count(support.id) == 3
    await refused(bot.get_chat_member(support.id, 1), "PARTICIPANT_ID_INVALID")
    anna.starts()
    await refused(bot.get_chat_administrators(anna.id), "there are no administrators in the private chat")
