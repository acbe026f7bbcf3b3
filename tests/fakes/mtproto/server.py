"""The server: a thread with an event loop of its own, the world, and the handles a test turns."""

import asyncio
import os
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from tests.fakes.mtproto import handshake, sessions
from tests.fakes.mtproto.answering import Desk
from tests.fakes.mtproto.chronicle import Event
from tests.fakes.mtproto.connection import Connection
from tests.fakes.mtproto.faults import Faults
from tests.fakes.mtproto.methods import Service
from tests.fakes.mtproto.methods.base import Login
from tests.fakes.mtproto.model import Room
from tests.fakes.mtproto.render import Renderer
from tests.fakes.mtproto.srp import Verifier
from tests.fakes.mtproto.tl import TL, AuthKey, types
from tests.fakes.mtproto.updates import Limits, Style, Updates
from tests.fakes.mtproto.world import World

T = TypeVar("T")


class FakeTelegramFailed(AssertionError):
    """The client asked what the fake does not model, or the fake itself is wrong."""


class MTProtoServer:
    """A Telegram of one account on 127.0.0.1. Start it with `with MTProtoServer() as server:`."""

    def __init__(self, *, code: str = "12345", password: str | None = None) -> None:
        self.world = World()
        self.style = Style()
        self.limits = Limits()
        self.faults = Faults()
        self.login = Login(code, password=Verifier(password, "a hint") if password else None)
        render = Renderer(self.world)
        self._updates = Updates(self.world, render, self.limits)
        self._service = Service(self.world, render, self._updates, self.limits, self.login, dc_id=2)
        self._desk = Desk(self._service, self.faults)
        self.asked = self._desk.asked
        self.failures = self._desk.failures
        self._connections: set[Connection] = set()
        self._silenced = False
        self._held: list[bytes] | None = None
        self._reserved: socket.socket | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="fake-telegram", daemon=True)
        self._listener: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    # -- life

    @property
    def host(self) -> str:
        """Always the loopback."""
        return self._service.host

    @property
    def port(self) -> int:
        """Chosen at the start, and kept through `refusing`."""
        return self._service.port

    def start(self) -> Self:
        """Listen."""
        self._thread.start()
        self._wait(self._listen())
        self.world.chronicle.watchers.append(self._tell)
        return self

    def stop(self, *, check: bool = True) -> None:
        """Close all; with `check`, raise what clients asked in vain."""
        self.world.chronicle.watchers.clear()
        self._wait(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        if check and self.failures:
            raise FakeTelegramFailed("\n".join(self.failures))

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(check=kind is None)

    # -- sessions and logins

    def session_string(self) -> str:
        """A logged-in `StringSession`, of a device of its own."""
        return sessions.session_string(self._service.dc_id, self.host, self.port, self._new_key())

    def session_file(self, path: Path, *, logged_in: bool = True) -> Path:
        """An SQLite session file; without `logged_in` it only knows where the server is."""
        key = self._new_key() if logged_in else None
        return sessions.session_file(path, self._service.dc_id, self.host, self.port, key)

    @staticmethod
    def trust() -> None:
        """Make Telethon in this process accept the server's public key: only a login without an auth key needs it."""
        handshake.trust()

    @staticmethod
    def trusting_site(folder: Path) -> Path:
        """The same for a process of its own: put the folder first in its PYTHONPATH."""
        return handshake.trusting_site(folder)

    def revoke_sessions(self) -> None:
        """As if the account's owner ended all sessions: 401 AUTH_KEY_UNREGISTERED from now on, and no pushes."""
        with self.world.lock:
            self.login.authorised.clear()

    def forget_keys(self) -> None:
        """The server knows no auth key any more: the transport error -404."""
        with self.world.lock:
            self._desk.keys.clear()

    # -- the network

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._connections)

    def drop_connections(self) -> None:
        """Reset every connection. Clients may come back at once."""
        self._do(self._abort_all)

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """No connection within the block: those that are break, new ones are refused."""
        self._wait(self._deaf())
        try:
            yield
        finally:
            self._wait(self._listen())

    @contextmanager
    def silence(self) -> Iterator[None]:
        """Events within the block are never pushed: clients see a gap, or nothing."""
        self._silenced = True
        try:
            yield
        finally:
            self._silenced = False

    @contextmanager
    def reordered(self) -> Iterator[None]:
        """Pushes of the block arrive after it, the last one first."""
        with self.world.lock:
            self._held = []
        try:
            yield
        finally:
            with self.world.lock:
                held, self._held = self._held, None
                for body in reversed(held):
                    self._loop.call_soon_threadsafe(self._broadcast, body)

    def push_too_long(self, room: Room | None = None) -> None:
        """Tell clients to ask for themselves: `updateChannelTooLong` for a channel, `updatesTooLong` for the account."""
        with self.world.lock:
            packet = types.UpdatesTooLong()
            if room is not None:
                update = types.UpdateChannelTooLong(room.id, room.journal.pts)
                packet = types.Updates([update], [], [self._service.render.chat(room)], self.world.now(), 0)
            self._send(packet)

    def calls(self) -> Counter[str]:
        """How often each method was asked."""
        return Counter(asked.method for asked in self.asked)

    # -- pushes

    def _tell(self, packet: list[Event]) -> None:
        """Runs in whichever thread made the events, under the world's lock: they are rendered as they are now."""
        if not self._silenced and any(connection.wants_updates for connection in self._connections.copy()):
            self._send(self._updates.push(packet, self.style))

    def _send(self, packet: TL) -> None:
        body = bytes(packet)
        if self._held is not None:
            self._held.append(body)
        else:
            self._loop.call_soon_threadsafe(self._broadcast, body)

    def _broadcast(self, body: bytes) -> None:
        for connection in self._connections:
            if connection.wants_updates and self._desk.is_authorised(connection):
                connection.push(body)

    # -- the thread

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _wait(self, work: "asyncio.Future[T] | object") -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)  # type: ignore[arg-type]

    def _do(self, action: Callable[[], None]) -> None:
        async def work() -> None:
            action()

        self._wait(work())

    def _abort_all(self) -> None:
        for connection in list(self._connections):
            connection.wants_updates = False
            connection.abort()

    async def _listen(self) -> None:
        bound = self._reserved or self._bind()
        self._reserved = None
        self._listener = await asyncio.start_server(self._accept, sock=bound)

    async def _deaf(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
            # Bound and not listening: connections are refused, and nobody else gets the port meanwhile.
            self._reserved = self._bind()
        self._abort_all()
        await asyncio.gather(*self._serving, return_exceptions=True)

    def _bind(self) -> socket.socket:
        bound = socket.socket()
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((self.host, self.port))
        self._service.port = bound.getsockname()[1]
        return bound

    async def _close(self) -> None:
        await self._deaf()
        if self._reserved is not None:
            self._reserved.close()
        await self._desk.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(self._desk, reader, writer)
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        self._connections.add(connection)
        try:
            await connection.run()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client left, or was made to
        except Exception as error:  # noqa: BLE001  a message that can not be read must fail the test too
            self.failures.append(f"A connection broke: {type(error).__name__}: {error}")
        finally:
            self._connections.discard(connection)
            self._serving.discard(task)
            writer.close()

    def _new_key(self) -> TL:
        key = AuthKey(os.urandom(256))
        with self.world.lock:
            self._desk.add_key(key)
            self.login.authorised.add(key.key_id)
        return key
