"""One entry of a stream, as it is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from faststream.redis.message import bDATA_KEY
from faststream.redis.parser import BinaryMessageFormatV1

DATA = bDATA_KEY
"""FastStream's one field in an entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry's id in its stream, and its body without FastStream's envelope: a contract's JSON, if it is ours."""

    id: str
    body: bytes


class Unread(BinaryMessageFormatV1):
    """Keeps FastStream from reading bodies. Its own reader raises on a body that is not UTF-8, before any handler and for
    the whole batch, which then stays pending for ever (measured). `read_entry` reads them, one by one."""

    @classmethod
    def parse(cls, data: bytes) -> tuple[bytes, dict[str, Any]]:  # noqa: ARG003
        """Nothing, whatever stands there."""
        return b"null", {}


def read_entry(entry_id: bytes, fields: Mapping[bytes, bytes]) -> Entry:
    """Any entry can be read; whether its body is a contract is seen when it is validated."""
    raw = fields.get(DATA, b"")
    body, _ = BinaryMessageFormatV1.parse(raw)
    return Entry(entry_id.decode(), bytes(body))
