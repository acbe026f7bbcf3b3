"""Bytes on the socket: the packet framings, and MTProto 2.0 encryption. No meaning, no state of the world."""

import asyncio
import hashlib
import os
import struct
import zlib
from typing import NamedTuple

from tests.fakes.mtproto.tl import AES

UNKNOWN_KEY = struct.pack("<i", -404)
"""The whole packet Telegram answers with when it does not know the auth key."""

_INTERMEDIATE = b"\xee" * 4
_ENVELOPE = struct.Struct("<qqqii")


class Envelope(NamedTuple):
    """One decrypted client message."""

    salt: int
    session_id: int
    message_id: int
    sequence: int
    body: bytes


class Framing:
    """Packets over TCP: `full` (Telethon's default) or `intermediate`, told apart by the first four bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._full: bool | None = None
        self._sent = 0

    async def read(self) -> bytes:
        """The next packet; ConnectionError when it is damaged."""
        head = await self._reader.readexactly(4)
        if self._full is None:
            self._full = head != _INTERMEDIATE
            if not self._full:
                head = await self._reader.readexactly(4)
        (length,) = struct.unpack("<i", head)
        if not self._full:
            return await self._reader.readexactly(length)
        rest = await self._reader.readexactly(length - 4)
        if zlib.crc32(head + rest[:-4]) != struct.unpack("<I", rest[-4:])[0]:
            raise ConnectionError("A packet arrived with a wrong checksum.")
        return rest[4:-4]

    def write(self, packet: bytes) -> None:
        """Put a packet on the socket, unless it is closing."""
        if self._writer.is_closing():
            return
        if self._full:
            data = struct.pack("<ii", len(packet) + 12, self._sent) + packet
            self._writer.write(data + struct.pack("<I", zlib.crc32(data)))
            self._sent += 1
        else:
            self._writer.write(struct.pack("<i", len(packet)) + packet)

    def abort(self) -> None:
        """Reset the connection, as a network that went away does."""
        self._writer.transport.abort()


def decrypt(key: bytes, packet: bytes) -> Envelope:
    """Open a packet of the client; `key` is the auth key its first eight bytes name."""
    digest = packet[8:24]
    plain = AES.decrypt_ige(packet[24:], *_derive(key, digest, 0))
    if hashlib.sha256(key[88:120] + plain).digest()[8:24] != digest:
        raise ConnectionError("A message arrived with a wrong key digest.")
    salt, session_id, message_id, sequence, length = _ENVELOPE.unpack_from(plain)
    return Envelope(salt, session_id, message_id, sequence, plain[_ENVELOPE.size : _ENVELOPE.size + length])


def encrypt(key: bytes, key_id: int, message: Envelope) -> bytes:
    """Seal a message for the client."""
    salt, session_id, message_id, sequence, body = message
    plain = _ENVELOPE.pack(salt, session_id, message_id, sequence, len(body)) + body
    plain += os.urandom(-(len(plain) + 12) % 16 + 12)
    digest = hashlib.sha256(key[96:128] + plain).digest()[8:24]
    return struct.pack("<Q", key_id) + digest + bytes(AES.encrypt_ige(plain, *_derive(key, digest, 8)))


def _derive(key: bytes, digest: bytes, side: int) -> tuple[bytes, bytes]:
    """AES key and vector; `side` is 0 from the client and 8 to it."""
    first = hashlib.sha256(digest + key[side : side + 36]).digest()
    second = hashlib.sha256(key[side + 40 : side + 76] + digest).digest()
    return first[:8] + second[8:24] + first[24:], second[:8] + first[8:24] + second[24:]
