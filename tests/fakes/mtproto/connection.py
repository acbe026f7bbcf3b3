"""One TCP connection: sessions, message ids, containers, acknowledgements. What requests mean is the server's."""

import asyncio
import struct
import time
from typing import Protocol

from tests.fakes.mtproto.handshake import Handshake
from tests.fakes.mtproto.tl import TL, BinaryReader, GzipPacked, MessageContainer, functions, read_object, types
from tests.fakes.mtproto.wire import UNKNOWN_KEY, Envelope, Framing, decrypt, encrypt

_RPC_RESULT = 0xF35C6D01
_TOO_OLD, _TOO_NEW = 300, 30  # seconds a client's clock may differ


class Keeper(Protocol):
    """What a connection needs of its server."""

    salt: int
    sessions: set[tuple[int, int]]

    def clock(self) -> float:
        """The server's time."""

    def key(self, key_id: int) -> TL | None:
        """An auth key by its id."""

    def add_key(self, key: TL) -> None:
        """Keep a key that a handshake made."""

    def request(self, connection: "Connection", message_id: int, request: TL) -> None:
        """Answer a request, now or later, by `connection.answer`."""


class Connection:
    """One client's socket."""

    def __init__(self, keeper: Keeper, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._keeper = keeper
        self._framing = Framing(reader, writer)
        self._handshake = Handshake()
        self._session_id: int | None = None
        self._content = 0
        self._last_id = 0
        self._key: TL = None
        self.wants_updates = False
        self.acknowledged: set[int] = set()

    @property
    def key_id(self) -> int:
        """The auth key the client uses."""
        return int(self._key.key_id)

    async def run(self) -> None:
        """Serve until the connection ends, with the error that ended it."""
        while True:
            packet = await self._framing.read()
            (key_id,) = struct.unpack_from("<Q", packet)
            if key_id == 0:
                self._shake_hands(packet[20:])
                continue
            self._key = self._keeper.key(key_id)
            if self._key is None:
                self._framing.write(UNKNOWN_KEY)
                continue
            self._receive(decrypt(self._key.key, packet))

    def abort(self) -> None:
        """Break the connection."""
        self._framing.abort()

    def push(self, body: bytes) -> None:
        """Send an update."""
        if self._session_id is not None:
            self._send(_squeezed(body), response=False)

    def answer(self, message_id: int, body: bytes, *, failed: bool = False) -> None:
        """Send a request's result."""
        self._send(struct.pack("<Iq", _RPC_RESULT, message_id) + (body if failed else _squeezed(body)))

    def _shake_hands(self, body: bytes) -> None:
        reply = self._handshake.answer(body)
        if self._handshake.key is not None:
            self._keeper.add_key(self._handshake.key)
            self._handshake = Handshake()
        self._framing.write(struct.pack("<qqi", 0, self._message_id(response=True), len(reply)) + reply)

    def _receive(self, message: Envelope) -> None:
        if message.session_id != self._session_id:
            self._session_id, self._content = message.session_id, 0
        complaint = self._complaint(message)
        if complaint is not None:
            self._send(bytes(complaint), content=False)
            return
        if (self.key_id, message.session_id) not in self._keeper.sessions:
            self._keeper.sessions.add((self.key_id, message.session_id))
            hello = types.NewSessionCreated(message.message_id, message.session_id, self._keeper.salt)
            self._send(bytes(hello), response=False)
        with BinaryReader(message.body) as reader:
            self._handle(message.message_id, reader.tgread_object())

    def _complaint(self, message: Envelope) -> TL | None:
        drift = (message.message_id >> 32) - self._keeper.clock()
        if not -_TOO_OLD < drift < _TOO_NEW:
            return types.BadMsgNotification(message.message_id, message.sequence, 16 if drift < 0 else 17)
        if message.salt != self._keeper.salt:
            return types.BadServerSalt(message.message_id, message.sequence, 48, self._keeper.salt)
        return None

    def _handle(self, message_id: int, body: TL) -> None:
        if isinstance(body, GzipPacked):
            body, _ = read_object(body.data)
        match body:
            case MessageContainer():
                for inner in body.messages:
                    self._handle(inner.msg_id, inner.obj)
            case types.MsgsAck():
                self.acknowledged.update(body.msg_ids)
            case functions.PingRequest() | functions.PingDelayDisconnectRequest():
                self._send(bytes(types.Pong(message_id, body.ping_id)), content=False)
            case functions.DestroySessionRequest():
                self._send(bytes(types.DestroySessionNone(body.session_id)), content=False)
            case types.MsgsStateInfo() | types.MsgsAllInfo():
                pass
            case _:
                self._keeper.request(self, message_id, body)

    def _send(self, body: bytes, *, response: bool = True, content: bool = True) -> None:
        assert self._session_id is not None
        sequence = self._content * 2 + content
        self._content += content
        message = Envelope(self._keeper.salt, self._session_id, self._message_id(response=response), sequence, body)
        self._framing.write(encrypt(self._key.key, self.key_id, message))

    def _message_id(self, *, response: bool) -> int:
        nanoseconds = time.time_ns() + int((self._keeper.clock() - time.time()) * 1e9)
        seconds, rest = divmod(nanoseconds, 10**9)
        wanted = (seconds << 32) | (rest << 2)
        self._last_id = max(wanted & ~3, (self._last_id & ~3) + 4) | (1 if response else 3)
        return self._last_id


def _squeezed(body: bytes) -> bytes:
    if len(body) <= 512:
        return body
    packed = bytes(GzipPacked(body))
    return packed if len(packed) < len(body) else body
