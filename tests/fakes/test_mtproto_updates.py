"""How an unmodified Telethon client hears, misses and catches up: the behaviour a listener must survive."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from telethon import functions, types
from telethon.sessions import SQLiteSession, StringSession

from tests.fakes.mtproto import MTProtoServer, Person
from tests.fakes.mtproto.testing import Heard, connected, until


@pytest.fixture
def server() -> Iterator[MTProtoServer]:
    with MTProtoServer() as running:
        yield running


@pytest.fixture
def session_path(server: MTProtoServer, tmp_path: Path) -> Path:
    return server.session_file(tmp_path / "listener.session")


def reopened(path: Path) -> Any:
    return SQLiteSession(str(path))


async def test_short_forms(server: MTProtoServer) -> None:
    server.style.short = True
    world = server.world
    alice = world.add_user("Alice")
    group, mega = world.add_group("Team", [alice]), world.add_supergroup("Support", [alice])
    async with connected(server) as client:
        heard = Heard().listen(client)
        first = world.post(alice, alice, "to me", entities=[types.MessageEntityBold(0, 2)])
        world.post(alice, world.me, "from me", reply_to=first)
        world.post(group, alice, "to the group")
        world.post(group, world.me, "from me to the group")
        world.post(mega, alice, "never short")
        await until(lambda: len(heard.new) == 5)
        assert heard.texts == ["to me", "from me", "to the group", "from me to the group", "never short"]
        assert [event.out for event in heard.new] == [False, True, False, True, False]
        assert [event.chat_id for event in heard.new] == [
            alice.id,
            alice.id,
            group.marked_id,
            group.marked_id,
            mega.marked_id,
        ]
        assert {event.sender_id for event in heard.new} == {alice.id, world.me.id}
        assert isinstance(heard.new[0].original_update, types.UpdateShortMessage)
        assert isinstance(heard.new[2].original_update, types.UpdateShortChatMessage)
        assert heard.new[0].sender is None  # it brings no users along


async def test_min_users_have_no_access_hash(server: MTProtoServer) -> None:
    server.style.min_users = True
    world = server.world
    alice = world.add_user("Alice")
    mega = world.add_supergroup("Support", [alice])
    async with connected(server) as client:
        heard = Heard().listen(client)
        world.post(mega, alice, "hello")
        await until(lambda: len(heard.new) == 1)
        sender = heard.new[0].sender
        assert (sender.first_name, sender.min, sender.access_hash) == ("Alice", True, None)
        assert (await heard.new[0].get_sender()).access_hash == alice.access_hash  # Telethon asks by the message
        asked = types.InputUserFromMessage(await client.get_input_entity(mega.marked_id), 1, alice.id)
        assert (await client(functions.users.GetUsersRequest([asked])))[0].access_hash == alice.access_hash


@pytest.mark.parametrize("private", [True, False])
async def test_a_gap_is_closed_by_the_next_push(server: MTProtoServer, private: bool) -> None:
    world = server.world
    alice = world.add_user("Alice")
    mega = world.add_supergroup("Support", [alice])
    place = alice if private else mega
    world.post(place, alice, "known")
    async with connected(server) as client:
        await client.get_dialogs()
        heard = Heard().listen(client)
        before = server.calls()
        with server.silence():
            world.post(place, alice, "lost")
        world.post(place, alice, "next")
        await until(lambda: sorted(heard.texts) == ["lost", "next"])
        asked = server.calls() - before
        assert asked["updates.getDifference" if private else "updates.getChannelDifference"] >= 1


@pytest.mark.parametrize("private", [True, False])
async def test_a_gap_swallows_edits_and_deletions(server: MTProtoServer, private: bool) -> None:
    """Telethon drops whatever else a difference brings, even what was pushed while it waited for the gap to close."""
    world = server.world
    alice = world.add_user("Alice")
    place = alice if private else world.add_supergroup("Support", [alice])
    first, second = world.post(place, alice, "first"), world.post(place, alice, "second")
    async with connected(server) as client:
        await client.get_dialogs()
        heard = Heard().listen(client)
        with server.silence():
            world.post(place, alice, "lost")
        world.edit(first, "pushed into the gap")
        world.delete(second)
        world.post(place, alice, "after")
        await until(lambda: sorted(heard.texts) == ["after", "lost"])
        world.edit(first, "pushed after the gap")
        await until(lambda: heard.edited)
        assert [event.raw_text for event in heard.edited] == ["pushed after the gap"]
        assert heard.deleted == []


async def test_what_happens_while_disconnected_is_missed_until_asked_for(server: MTProtoServer) -> None:
    world = server.world
    alice = world.add_user("Alice")
    mega = world.add_supergroup("Support", [alice])
    elsewhere = world.add_supergroup("Elsewhere", [alice])
    world.post(mega, alice, "known")
    async with connected(server) as client:
        await client.get_dialogs()
        heard = Heard().listen(client)
        with server.refusing():
            world.post(alice, alice, "private, meanwhile")
            world.post(mega, alice, "group, meanwhile")
            assert server.connections == 0
        await until(lambda: server.connections == 1)
        await client.get_me()
        world.post(elsewhere, alice, "live")
        await until(lambda: "live" in heard.texts)
        assert heard.texts == ["live"]
        await client.catch_up()
        await until(lambda: sorted(heard.texts) == ["group, meanwhile", "live", "private, meanwhile"])


async def test_a_restart_catches_up_with_an_sqlite_session(server: MTProtoServer, session_path: Path) -> None:
    world = server.world
    alice = world.add_user("Alice")
    mega = world.add_supergroup("Support", [alice])
    world.post(mega, alice, "known")
    server.limits.difference = 50  # several slices
    async with connected(server, reopened(session_path)) as client:
        await client.get_dialogs()
    for number in range(230):
        world.post(alice, alice, f"private {number}")
        world.post(mega, alice, f"group {number}")
    gone = world.post(mega, alice, "written and deleted")
    world.delete(gone)
    async with connected(server, reopened(session_path), catch_up=True) as client:
        heard = Heard().listen(client)
        await client.catch_up()
        await until(lambda: len(heard.new) >= 460)
        world.post(mega, alice, "live")
        await until(lambda: "live" in heard.texts)
        assert len(set(heard.texts)) == len(heard.texts) == 461
        assert server.calls()["updates.getDifference"] >= 5
        assert heard.deleted == []  # Telethon drops deletions that come in a difference


async def test_a_restart_with_a_string_session_catches_up_with_nothing(server: MTProtoServer) -> None:
    world = server.world
    alice = world.add_user("Alice")
    elsewhere = world.add_supergroup("Elsewhere", [alice])
    session = server.session_string()
    async with connected(server, StringSession(session)):
        pass
    world.post(alice, alice, "missed")
    async with connected(server, StringSession(session), catch_up=True) as client:
        heard = Heard().listen(client)
        world.post(elsewhere, alice, "live")
        await until(lambda: "live" in heard.texts)
        assert heard.texts == ["live"]


async def test_too_long_differences_tell_nothing(server: MTProtoServer, session_path: Path) -> None:
    world = server.world
    alice = world.add_user("Alice")
    mega, elsewhere = world.add_supergroup("Support", [alice]), world.add_supergroup("Elsewhere", [alice])
    world.post(mega, alice, "known")
    async with connected(server, reopened(session_path)) as client:
        await client.get_dialogs()
    server.limits.difference_too_long = server.limits.channel_difference_too_long = 20
    for number in range(30):
        world.post(alice, alice, f"private {number}")
        world.post(mega, alice, f"group {number}")
    async with connected(server, reopened(session_path), catch_up=True) as client:
        heard = Heard().listen(client)
        await until(lambda: server.calls()["updates.getDifference"] >= 2)
        world.post(elsewhere, alice, "live")
        await until(lambda: "live" in heard.texts)
        assert heard.texts == ["live"]
        server.push_too_long(mega)
        await until(lambda: server.calls()["updates.getChannelDifference"] >= 1)
        world.post(mega, alice, "live again")
        world.post(alice, alice, "live again")
        await until(lambda: heard.texts == ["live", "live again", "live again"])


async def test_the_server_asks_clients_to_catch_up(server: MTProtoServer) -> None:
    world = server.world
    alice = world.add_user("Alice")
    mega = world.add_supergroup("Support", [alice])
    world.post(mega, alice, "known")
    async with connected(server) as client:
        await client.get_dialogs()
        heard = Heard().listen(client)
        with server.silence():
            world.post(alice, alice, "private")
            world.post(mega, alice, "group")
        server.push_too_long(mega)
        await until(lambda: heard.texts == ["group"])
        server.push_too_long()
        await until(lambda: heard.texts == ["group", "private"])


async def test_a_missed_seq_is_a_gap_too(server: MTProtoServer) -> None:
    world = server.world
    alice = world.add_user("Alice")
    rooms = [world.add_supergroup(f"Support {number}", [alice], joined=False) for number in range(2)]
    async with connected(server) as client:
        heard = Heard().listen(client)
        before = server.calls()["updates.getDifference"]
        with server.silence():
            world.join(rooms[0], alice)
        world.join(rooms[1], alice)
        await until(lambda: server.calls()["updates.getDifference"] > before)
        await until(
            lambda: (
                {u.channel_id for u in heard.raw if isinstance(u, types.UpdateChannel)} >= {room.id for room in rooms}
            )
        )


async def test_pushes_out_of_order_are_put_in_order(server: MTProtoServer) -> None:
    world = server.world
    alice = world.add_user("Alice")
    mega = world.add_supergroup("Support", [alice])
    async with connected(server) as client:
        heard = Heard().listen(client)
        world.post(mega, alice, "0")
        with server.reordered():
            for number in range(1, 6):
                world.post(mega, alice, str(number))
        await until(lambda: heard.texts == ["0", "1", "2", "3", "4", "5"])
        assert server.calls()["updates.getChannelDifference"] == 0


async def test_events_together_come_in_one_packet(server: MTProtoServer) -> None:
    world = server.world
    alice = world.add_user("Alice")
    mega = world.add_supergroup("Support", [alice])
    async with connected(server) as client:
        packets: list[Any] = []
        client._sender._updates_queue = _Tap(client._updates_queue, packets)
        heard = Heard().listen(client)
        with world.chronicle.together():
            posts = [world.post(place, alice, "x") for place in (alice, mega, mega)]
            world.delete(posts[2])
            world.join(world.add_supergroup("Other", joined=False))
            world.post(mega, alice, "y")
        await until(lambda: heard.texts == ["x", "x", "x", "y"] and heard.deleted)
        assert [len(packet.updates) for packet in packets] == [4, 1, 2]


class _Tap:
    """Sees what the client's sender passes on."""

    def __init__(self, queue: Any, seen: list[Any]) -> None:
        self._queue = queue
        self._seen = seen

    def put_nowait(self, packet: Any) -> None:
        self._seen.append(packet)
        self._queue.put_nowait(packet)


async def test_the_world_may_be_changed_from_any_thread(server: MTProtoServer) -> None:
    world = server.world
    people = [world.add_user(f"Person {number}") for number in range(4)]
    mega = world.add_supergroup("Support", people)
    async with connected(server) as client:
        heard = Heard().listen(client)

        def write(author: Person) -> None:
            for number in range(200):
                world.post(mega, author, str(number))
                world.post(author, author, str(number))

        await asyncio.gather(*(asyncio.to_thread(write, author) for author in people))
        await until(lambda: len(heard.new) == 1600)
        ids = [event.message.id for event in heard.new if event.chat_id == mega.marked_id]
        assert ids == list(range(1, 801))
        assert server.calls()["updates.getDifference"] == 1  # the one at the start: nobody saw a gap


async def test_thousands_of_messages_in_a_burst(server: MTProtoServer) -> None:
    world = server.world
    alice = world.add_user("Alice")
    mega = world.add_supergroup("Support", [alice])
    async with connected(server) as client:
        heard = Heard().listen(client)
        for number in range(2_000):
            world.post(mega, alice, f"message {number}")
        await until(lambda: len(heard.new) == 2_000, 200)
        assert heard.texts == list(world.texts(mega).values())
