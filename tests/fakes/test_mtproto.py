"""The fake Telegram through an unmodified Telethon client: connection, dialogs, history, live updates, loudness."""

from collections.abc import Iterator
from typing import Any

import pytest
from telethon import errors, functions
from telethon.network import ConnectionTcpIntermediate
from telethon.sessions import StringSession

from tests.fakes.mtproto import FakeTelegramFailed, Media, MTProtoServer
from tests.fakes.mtproto.testing import Heard, connected, new_client, until


@pytest.fixture
def server() -> Iterator[MTProtoServer]:
    with MTProtoServer() as running:
        yield running


async def test_a_client_is_logged_in_and_sees_dialogs(server: MTProtoServer) -> None:
    world = server.world
    alice = world.add_user("Alice", username="alice")
    group, mega = world.add_group("Team", [alice]), world.add_supergroup("Support", [alice])
    news = world.add_channel("News")
    for room in (alice, group, mega):
        world.post(room, alice, "hello")
    async with connected(server) as client:
        assert (await client.get_me()).id == world.me.id
        dialogs = await client.get_dialogs()
        assert {dialog.id: dialog.name for dialog in dialogs} == {
            alice.id: "Alice",
            group.marked_id: "Team",
            mega.marked_id: "Support",
            news.marked_id: "News",
        }
        assert next(dialog for dialog in dialogs if dialog.name == "Support").message.raw_text == "hello"


async def test_the_intermediate_transport_works_too(server: MTProtoServer) -> None:
    async with connected(server, connection=ConnectionTcpIntermediate) as client:
        assert await client.is_user_authorized()


async def test_dialogs_come_in_pages_pinned_ones_first(server: MTProtoServer) -> None:
    rooms = [server.world.add_group(f"Group {number}") for number in range(230)]
    for room in rooms:
        server.world.post(room, server.world.me, "x")
    rooms[3].pinned = True
    rooms[5].archived = True
    async with connected(server) as client:
        dialogs = await client.get_dialogs()
        assert len({dialog.id for dialog in dialogs}) == 230
        assert dialogs[0].id == rooms[3].marked_id
        assert server.calls()["messages.getDialogs"] == 3
        assert [dialog.id for dialog in await client.get_dialogs(folder=1)] == [rooms[5].marked_id]


@pytest.mark.parametrize("kind", ["supergroup", "group", "private"])
async def test_history_backwards_and_forwards(server: MTProtoServer, kind: str) -> None:
    world = server.world
    alice = world.add_user("Alice")
    makers: dict[str, Any] = {"supergroup": world.add_supergroup, "group": world.add_group}
    room = makers[kind]("Support", [alice]) if kind in makers else alice
    posts = [world.post(room, alice, f"message {number}") for number in range(250)]
    world.delete(*posts[10:20], posts[200])
    expected = [post.id for post in posts if not post.deleted]
    async with connected(server) as client:
        await client.get_dialogs()
        peer = world.room(room).marked_id
        back = [message.id async for message in client.iter_messages(peer, wait_time=0)]
        assert back == expected[::-1]
        for least in (0, 5, 100, 249, 250):
            forwards = client.iter_messages(peer, reverse=True, min_id=least, wait_time=0)
            assert [message.id async for message in forwards] == [number for number in expected if number > least]
        window = client.iter_messages(peer, min_id=30, max_id=60, wait_time=0)
        assert [message.id async for message in window] == list(range(59, 30, -1))
        one, gone = await client.get_messages(peer, ids=[posts[7].id, posts[200].id])
        assert (one.raw_text, gone) == ("message 7", None)
        assert (await client.get_messages(peer, limit=0)).total == len(expected)


async def test_live_messages_edits_and_deletions(server: MTProtoServer) -> None:
    world = server.world
    alice = world.add_user("Alice")
    group, mega = world.add_group("Team", [alice]), world.add_supergroup("Support", [alice])
    async with connected(server) as client:
        heard = Heard().listen(client)
        for place in (alice, group, mega):
            post = world.post(place, alice, "hello")
            world.edit(post, "hello again")
            world.delete(post)
        await until(lambda: len(heard.deleted) == 3)
        assert [event.chat_id for event in heard.new] == [alice.id, group.marked_id, mega.marked_id]
        assert {event.sender_id for event in heard.new} == {alice.id}
        assert [event.raw_text for event in heard.edited] == ["hello again"] * 3
        # Telegram does not say where, but in channels
        assert [event.chat_id for event in heard.deleted] == [None, None, mega.marked_id]
        assert [(await event.get_sender()).first_name for event in heard.new] == ["Alice"] * 3


async def test_another_device_of_the_account_writes(server: MTProtoServer) -> None:
    world = server.world
    alice = world.add_user("Alice")
    mega = world.add_supergroup("Support", [alice])
    async with connected(server) as client, connected(server) as second:
        heard = [Heard().listen(each) for each in (client, second)]
        for place in (alice, mega):
            world.post(place, world.me, "from my phone")
        await until(lambda: all(len(each.new) == 2 for each in heard))
        assert all(event.out and event.sender_id == world.me.id for event in heard[0].new)


async def test_a_name_resolves_and_search_finds(server: MTProtoServer) -> None:
    world = server.world
    alice, bob = world.add_user("Alice", username="alice"), world.add_user("Bob")
    mega = world.add_supergroup("Support", [alice, bob], username="support")
    for number in range(5):
        world.post(mega, (alice, bob)[number % 2], f"The invoice {number}", media=Media())
    async with connected(server) as client:
        assert (await client.get_entity("alice")).id == alice.id
        found = [m.id async for m in client.iter_messages("support", search="INVOICE", from_user="alice")]
        assert found == [5, 3, 1]
        full = await client(functions.users.GetFullUserRequest("alice"))
        assert full.full_user.id == alice.id
        with pytest.raises(ValueError, match="nobody"):
            await client.get_entity("nobody")


async def test_a_wrong_access_hash_is_refused(server: MTProtoServer) -> None:
    mega = server.world.add_supergroup("Support")
    async with connected(server) as client:
        await client.get_dialogs()
        peer = await client.get_input_entity(mega.marked_id)
        peer.access_hash += 1
        with pytest.raises(errors.ChannelInvalidError):
            await client.get_messages(peer)


async def test_what_is_not_modelled_fails_the_test() -> None:
    server = MTProtoServer().start()
    mega = server.world.add_supergroup("Support", username="support")
    async with connected(server) as client:
        with pytest.raises(errors.RPCError):
            await client.send_message("support", "a listener must not write")
    assert server.world.texts(mega) == {}
    with pytest.raises(FakeTelegramFailed, match=r"messages\.sendMessage"):
        server.stop()


def test_the_fake_leaves_an_error_of_the_test_alone() -> None:
    def broken() -> None:
        with MTProtoServer() as server:
            server.failures.append("an unknown request")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()


async def test_a_skewed_clock_is_corrected(server: MTProtoServer) -> None:
    server.world.chronicle.skew = -7200.0
    alice = server.world.add_user("Alice")
    client = new_client(StringSession(server.session_string()))
    await client.connect()
    heard = Heard().listen(client)
    server.world.post(alice, alice, "two hours ago")
    await until(lambda: heard.texts == ["two hours ago"])
    await client.disconnect()
