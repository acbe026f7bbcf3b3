"""A Telegram on the loopback that an unmodified Telethon client talks to.

The server runs in a thread of the test's process. Clients reach it over TCP, so they may live in the test's own event
loop or be the product as a process of its own, killed as often as one likes: the world outlives them. Everything a
test does is a plain call that takes effect before it returns, from any thread:

    with MTProtoServer() as server:
        world = server.world
        alice = world.add_user("Alice")
        support = world.add_supergroup("Support", [alice])
        client = TelegramClient(StringSession(server.session_string()), 1, "0" * 32)
        await client.connect()
        question = world.post(support, alice, "Where is my invoice?")   # pushed to the client
        world.edit(question, "Where is my invoice for May?")
        with server.silence():                                          # happens, and is never pushed
            world.delete(question)
        server.drop_connections()
        server.faults.flood("messages.getHistory", 5)
        assert world.texts(support) == {}                               # what a faithful copy holds

For a fresh login, `server.trust()` (or `server.trusting_site(folder)` in PYTHONPATH of another process) makes Telethon
accept the server's key, and `server.session_file(path, logged_in=False)` tells it where the server is.

Not modelled: more than one account (start two servers), files' bytes, read marks, typing, drafts, secret chats, polls,
payments, bots' logins, redelivery of pushes that were not acknowledged, and redirection between data centres. As in
the real thing, a difference names a channel only if it moved since the client's `date`, and a push that no client was
there to hear is gone until somebody asks.

Leaving the block raises `FakeTelegramFailed` if a client asked for anything that is not modelled; every request that
writes is such a one.
"""

from tests.fakes.mtproto.answering import Asked
from tests.fakes.mtproto.chronicle import Event, What
from tests.fakes.mtproto.faults import Fault, Faults
from tests.fakes.mtproto.model import Folder, Forward, Kind, Media, Person, Post, Room, Topic
from tests.fakes.mtproto.server import FakeTelegramFailed, MTProtoServer
from tests.fakes.mtproto.world import World

__all__ = [
    "Asked",
    "Event",
    "FakeTelegramFailed",
    "Fault",
    "Faults",
    "Folder",
    "Forward",
    "Kind",
    "MTProtoServer",
    "Media",
    "Person",
    "Post",
    "Room",
    "Topic",
    "What",
    "World",
]
