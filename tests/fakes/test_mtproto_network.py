"""What goes wrong on purpose, as an unmodified Telethon client meets it; and a client in a process of its own."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from telethon import errors
from telethon.errors import AuthKeyNotFound
from telethon.sessions import StringSession

from tests.fakes.mtproto import Fault, MTProtoServer
from tests.fakes.mtproto.testing import Heard, connected, new_client, until


@pytest.fixture
def server() -> Iterator[MTProtoServer]:
    with MTProtoServer() as running:
        yield running


async def test_flood_waits_are_slept_through_or_raised(server: MTProtoServer) -> None:
    server.world.add_supergroup("Support", username="support")
    async with connected(server, flood_sleep_threshold=5) as client:
        await client.get_entity("support")
        server.faults.flood("messages.getHistory", 1)
        started = time.monotonic()
        await client.get_messages("support")
        assert time.monotonic() - started > 0.9
        server.faults.flood("messages.getHistory", 74_263)
        with pytest.raises(errors.FloodWaitError) as raised:
            await client.get_messages("support")
        assert raised.value.seconds == 74_263


async def test_any_error_slow_answers_and_no_answers(server: MTProtoServer) -> None:
    server.world.add_supergroup("Support", username="support")
    async with connected(server) as client:
        await client.get_entity("support")
        server.faults.error("messages.getHistory", "CHANNEL_PRIVATE")
        with pytest.raises(errors.ChannelPrivateError):
            await client.get_messages("support")
        server.faults.slow("messages.getHistory", 0.3)
        started = time.monotonic()
        await client.get_messages("support")
        assert time.monotonic() - started > 0.29
        with server.faults.during(Fault("messages.getHistory", None, silent=True)), pytest.raises(TimeoutError):
            await asyncio.wait_for(client.get_messages("support"), 0.2)
        assert await client.get_messages("support") == []


async def test_a_connection_that_breaks_under_a_request_is_made_anew(server: MTProtoServer) -> None:
    mega = server.world.add_supergroup("Support", username="support")
    server.world.post(mega, server.world.me, "here")
    async with connected(server) as client:
        server.faults.drop("messages.getHistory", times=2)
        assert (await client.get_messages("support"))[0].raw_text == "here"
        assert server.calls()["messages.getHistory"] == 3


async def test_dropped_connections_come_back_and_hear_again(server: MTProtoServer) -> None:
    alice = server.world.add_user("Alice")
    async with connected(server) as client:
        heard = Heard().listen(client)
        for number in range(3):
            before = server.calls()["users.getUsers"]
            server.drop_connections()
            await until(lambda before=before: server.calls()["users.getUsers"] > before)  # type: ignore[misc]
            server.world.post(alice, alice, f"after drop {number}")
            await until(lambda number=number: len(heard.new) == number + 1)  # type: ignore[misc]


async def test_a_server_that_refuses(server: MTProtoServer) -> None:
    client = new_client(StringSession(server.session_string()), connection_retries=1, auto_reconnect=False)
    with server.refusing(), pytest.raises(ConnectionError):
        await client.connect()
    await client.connect()
    assert await client.is_user_authorized()
    await client.disconnect()


async def test_a_revoked_session(server: MTProtoServer) -> None:
    alice = server.world.add_user("Alice")
    session = server.session_string()
    async with connected(server, StringSession(session)) as client:
        heard = Heard().listen(client)
        server.revoke_sessions()
        server.world.post(alice, alice, "not for you")
        with pytest.raises(errors.AuthKeyUnregisteredError):
            await client.get_dialogs()
        assert heard.texts == []
    async with connected(server, StringSession(session)) as client:
        assert not await client.is_user_authorized()


async def test_a_forgotten_key(server: MTProtoServer) -> None:
    session = server.session_string()
    server.forget_keys()
    client = new_client(StringSession(session), connection_retries=1)
    with pytest.raises(AuthKeyNotFound):
        await asyncio.wait_for(client.connect(), 60)
    await client.disconnect()


LISTENER = """
import asyncio, sys
from telethon import TelegramClient, events
from telethon.sessions import SQLiteSession

async def main():
    client = TelegramClient(SQLiteSession(sys.argv[1]), 1, "0" * 32, catch_up=True)
    client.add_event_handler(lambda event: say(event.raw_text), events.NewMessage)
    await client.connect()
    await client.get_dialogs()
    await say("ready")
    await client.run_until_disconnected()

async def say(text):
    print(text, flush=True)

asyncio.run(main())
"""


def test_a_client_in_a_process_of_its_own_is_killed_and_comes_back(server: MTProtoServer, tmp_path: Path) -> None:
    alice = server.world.add_user("Alice")
    path = server.session_file(tmp_path / "listener.session")
    for number in range(2):
        with subprocess.Popen(
            [sys.executable, "-c", LISTENER, str(path)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            server.world.post(alice, alice, f"hello {number}")
            assert process.stdout.readline() == f"hello {number}\n"
            os.kill(process.pid, signal.SIGKILL)


def test_a_process_of_its_own_can_trust_the_key(server: MTProtoServer, tmp_path: Path) -> None:
    script = "from telethon.crypto import rsa; print(len(rsa._server_keys))"
    environment = os.environ | {"PYTHONPATH": str(server.trusting_site(tmp_path))}
    with_key = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    without = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert int(with_key.stdout) == int(without.stdout) + 1
