"""Everything of Telethon the fake server is built from, in one place.

The fake speaks the client's own TL layer, so it borrows the client's generated types and primitives. Several of these
names are semi-private, which is why the version is pinned here: after an upgrade, run `tests/fakes/test_mtproto*.py`
and then move the pin.
"""

from typing import Any, TypeAlias

import telethon
from telethon.crypto import AES, AuthKey, rsa
from telethon.extensions import BinaryReader
from telethon.helpers import generate_key_data_from_nonce
from telethon.sessions import SQLiteSession, StringSession
from telethon.tl import functions, types
from telethon.tl.alltlobjects import LAYER
from telethon.tl.core import GzipPacked, MessageContainer

PINNED = "1.45.0"
if telethon.__version__ != PINNED:
    raise ImportError(f"tests/fakes/mtproto was checked against Telethon {PINNED}, this is {telethon.__version__}.")

TL: TypeAlias = Any
"""A TL object, or what may stand for a result: a bool, a list. Telethon ships no types."""

__all__ = [
    "AES",
    "LAYER",
    "TL",
    "AuthKey",
    "BinaryReader",
    "GzipPacked",
    "MessageContainer",
    "SQLiteSession",
    "StringSession",
    "boxed",
    "fingerprint",
    "functions",
    "generate_key_data_from_nonce",
    "method_name",
    "read_object",
    "rsa",
    "types",
]

_TRUE = (0x997275B5).to_bytes(4, "little")
_FALSE = (0xBC799737).to_bytes(4, "little")
_VECTOR = (0x1CB5C415).to_bytes(4, "little")


def boxed(result: TL) -> bytes:
    """A result as it travels: an object, a Bool, or a Vector of them."""
    if isinstance(result, bool):
        return _TRUE if result else _FALSE
    if isinstance(result, list):
        return _VECTOR + len(result).to_bytes(4, "little") + b"".join(boxed(item) for item in result)
    return bytes(result)


def read_object(data: bytes) -> tuple[TL, int]:
    """The object at the start of `data`, and the length it had."""
    with BinaryReader(data) as reader:
        found = reader.tgread_object()
        return found, reader.tell_position()


def method_name(request: TL) -> str:
    """`functions.messages.GetHistoryRequest` is `messages.getHistory`."""
    space = type(request).__module__.split("functions", 1)[1].strip(".")
    name = type(request).__name__.removesuffix("Request")
    return (space + "." if space else "") + name[0].lower() + name[1:]


def fingerprint(numbers: TL) -> int:
    """What a client finds the server's public key by; `numbers` has `n` and `e`."""
    return int(rsa._compute_fingerprint(numbers))
