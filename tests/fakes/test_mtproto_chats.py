"""The life of chats: folders, members, joining, being removed, a group that becomes a supergroup."""

from collections.abc import Iterator

import pytest
from telethon import errors, functions, types

from tests.fakes.mtproto import MTProtoServer
from tests.fakes.mtproto.testing import Heard, connected, until


@pytest.fixture
def server() -> Iterator[MTProtoServer]:
    with MTProtoServer() as running:
        yield running


async def test_folders(server: MTProtoServer) -> None:
    world = server.world
    alice = world.add_user("Alice")
    mega, group, news = world.add_supergroup("Support"), world.add_group("Team"), world.add_channel("News")
    world.add_folder("Clients", [mega, group, world.room(alice)], exclude=[news], groups=True)
    world.add_folder("From a link", [mega], shared=True)
    async with connected(server) as client:
        found = await client(functions.messages.GetDialogFiltersRequest())
        assert [type(each).__name__ for each in found.filters] == [
            "DialogFilterDefault",
            "DialogFilter",
            "DialogFilterChatlist",
        ]
        folder = found.filters[1]
        assert (folder.title.text, folder.groups) == ("Clients", True)
        assert [peer.to_dict()["_"] for peer in folder.include_peers] == [
            "InputPeerChannel",
            "InputPeerChat",
            "InputPeerUser",
        ]
        assert folder.exclude_peers[0].channel_id == news.id


async def test_the_account_is_added_while_it_listens(server: MTProtoServer) -> None:
    world = server.world
    alice = world.add_user("Alice")
    async with connected(server) as client:
        heard = Heard().listen(client)
        mega = world.add_supergroup("Support", [alice], joined=False)
        world.post(mega, alice, "before it came")
        world.join(mega, alice)
        world.post(mega, alice, "welcome")
        await until(lambda: heard.texts == ["welcome"])
        assert any(event.user_added and event.user_id == world.me.id for event in heard.actions)
        assert any(isinstance(update, types.UpdateChannel) for update in heard.raw)
        before = [message.raw_text async for message in client.iter_messages(mega.marked_id) if not message.action]
        assert before == ["welcome", "before it came"]


async def test_the_account_is_removed_from_a_supergroup(server: MTProtoServer) -> None:
    world = server.world
    alice = world.add_user("Alice")
    mega = world.add_supergroup("Support", [alice])
    world.post(mega, alice, "hello")
    async with connected(server) as client:
        heard = Heard().listen(client)
        await client.get_dialogs()
        world.kick(mega, alice)
        await until(lambda: any(isinstance(update, types.UpdateChannel) for update in heard.raw))
        world.post(mega, alice, "behind its back")
        with pytest.raises(errors.ChannelPrivateError):
            await client.get_messages(mega.marked_id)
        assert await client.get_dialogs() == []
        assert heard.texts == []


async def test_the_account_is_removed_from_a_basic_group(server: MTProtoServer) -> None:
    world = server.world
    alice = world.add_user("Alice")
    group = world.add_group("Team", [alice])
    world.post(group, alice, "hello")
    async with connected(server) as client:
        heard = Heard().listen(client)
        world.kick(group, alice)
        await until(lambda: any(event.user_kicked and event.user_id == world.me.id for event in heard.actions))
        with pytest.raises(ValueError, match="not in this basic group"):
            world.post(group, alice, "behind its back")
        assert isinstance((await client.get_dialogs())[0].entity, types.ChatForbidden)
        assert (await client.get_messages(group.marked_id, limit=5))[-1].raw_text == "hello"
        world.join(group, alice)
        world.post(group, alice, "and back")
        await until(lambda: heard.texts == ["and back"])


async def test_a_basic_group_becomes_a_supergroup(server: MTProtoServer) -> None:
    world = server.world
    alice = world.add_user("Alice")
    group = world.add_group("Team", [alice])
    old = world.post(group, alice, "the old days")
    async with connected(server) as client:
        heard = Heard().listen(client)
        mega = world.migrate(group, alice)
        new = world.post(mega, alice, "the new days")
        await until(lambda: heard.texts == ["the new days"])
        assert new.id == 2
        actions = [
            type(update.message.action)
            for update in heard.raw
            if getattr(getattr(update, "message", None), "action", None)
        ]
        assert actions == [types.MessageActionChatMigrateTo, types.MessageActionChannelMigrateFrom]
        entity = await client.get_entity(group.marked_id)
        assert (entity.deactivated, entity.migrated_to.channel_id) == (True, mega.id)
        full = await client(functions.channels.GetFullChannelRequest(mega.marked_id))
        assert full.full_chat.migrated_from_chat_id == group.id
        assert (await client.get_messages(group.marked_id, ids=old.id)).raw_text == "the old days"
        with pytest.raises(ValueError, match="became a supergroup"):
            world.post(group, alice, "too late")


async def test_members_titles_and_administrators(server: MTProtoServer) -> None:
    world = server.world
    alice, bob = world.add_user("Alice"), world.add_user("Bob")
    mega, group = world.add_supergroup("Support", [alice]), world.add_group("Team", [alice])
    mega.admins.add(alice.id)
    async with connected(server) as client:
        heard = Heard().listen(client)
        await client.get_dialogs()
        world.add_member(mega, bob, alice)
        world.remove_member(mega, bob, alice)
        world.rename(mega, "Help", alice)
        await until(lambda: len(heard.actions) >= 3)
        assert (await client.get_entity(mega.marked_id)).title == "Help"
        administrators = await client.get_participants(mega.marked_id, filter=types.ChannelParticipantsAdmins())
        assert [person.id for person in administrators] == [alice.id]
        assert {person.id for person in await client.get_participants(group.marked_id)} == {alice.id, world.me.id}
        assert (await client.get_permissions(mega.marked_id, alice.id)).is_admin
