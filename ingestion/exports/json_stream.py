r"""A JSON document walked piece by piece, holding one piece in memory.

The frame of an export (objects within lists within objects) is walked here; each piece, such as one message, is decoded
by the C scanner of the standard library's `json`. ijson's fastest backend was measured first: following an account
export through its events ran at half the speed (73 against 155 MB/s), it does not tell where a file is broken, and
three things that exports hold are beyond it: a lone `\udc00` ends the whole file in a UnicodeDecodeError, a lone
`\ud800` silently becomes "?", and Telegram Desktop writes control characters as `\x0B`, which is no JSON at all and
which this reader mends.
"""

import codecs
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

from core.errors import UnreadableSource
from ingestion.exports.entries import Progress

CHUNK = 256 * 1024
"""Bytes read at a time."""

MAX_PIECE = 64 * 1024 * 1024
"""Characters. A single entry beyond this is no message; stopping there keeps memory bounded."""

SKIP_DEPTH = 2
"""Sections that nobody asked for are walked item by item to this depth; what lies deeper is decoded and dropped."""

TAIL = 16
"""An error this near to the end of what was read may only mean that a number, a word or an escape was cut in two."""

CUT_NUMBER = 2
"""Characters that the scanner leaves standing after a number that was cut in two: at most "e+"."""

_SPACE = re.compile(r"[ \t\n\r]*")
_HEX_ESCAPE = re.compile(r"\\x[0-9A-Fa-f]{2}")


def _tolerant_int(digits: str) -> int | None:
    """Python refuses to read integers of more than 4,300 digits; no field of an export is one."""
    with suppress(ValueError):
        return int(digits)
    return None


_DECODER = json.JSONDecoder(strict=False)
_TOLERANT_DECODER = json.JSONDecoder(strict=False, parse_int=_tolerant_int)


class JsonStream:
    """A cursor in a JSON document. `members` and `items` enter a container; the caller takes or skips each value.

    >>> for key in stream.members():                # doctest: +SKIP
    ...     print(key, stream.value())
    """

    def __init__(self, file: BinaryIO, progress: Progress, chunk: int = CHUNK) -> None:
        self._file = file
        self._progress = progress
        self._chunk = chunk
        self._utf8 = codecs.getincrementaldecoder("utf-8-sig")()
        self._buffer = ""
        self._at = 0
        self._bytes = 0
        self._ended = False

    def peek(self) -> str:
        """The next character that is not white space, or "" at the end of the file."""
        while True:
            space = _SPACE.match(self._buffer, self._at)
            assert space is not None, "the pattern matches nothing, too"
            self._at = space.end()
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._fill():
                return ""

    def members(self) -> Iterator[str]:
        """The keys of the object that begins here; the value of each must be consumed before the next is asked for."""
        self._expect("{")
        if self._take("}"):
            return
        while True:
            if self.peek() != '"':
                raise self._broken(self._at)
            key = self.value()
            assert isinstance(key, str)
            self._expect(":")
            yield key
            if self._take("}"):
                return
            self._expect(",")

    def items(self) -> Iterator[None]:
        """Stops at each item of the array that begins here; each must be consumed before the next is asked for."""
        self._expect("[")
        if self._take("]"):
            return
        while True:
            yield
            if self._take("]"):
                return
            self._expect(",")

    def value(self) -> object:
        """The value that begins here, decoded whole."""
        self.peek()
        decoder = _DECODER
        while True:
            try:
                value, end = decoder.raw_decode(self._buffer, self._at)
            except json.JSONDecodeError as error:
                if not self._mend(error) and not (self._may_be_cut(error) and self._fill()):
                    raise self._broken(error.pos) from None
            except RecursionError:
                raise self._broken(self._at) from None
            except ValueError:
                decoder = _TOLERANT_DECODER
            else:
                # A number near the end of the buffer may go on in the next chunk: "1" and "1e+" are cut from "1e+16".
                if end + CUT_NUMBER < len(self._buffer) or not self._fill():
                    self._at = end
                    return value

    def skip(self, depth: int = 0) -> None:
        """Pass over the value that begins here, checking its form, without holding all of it."""
        first = self.peek()
        if depth < SKIP_DEPTH and first == "{":
            for _key in self.members():
                self.skip(depth + 1)
        elif depth < SKIP_DEPTH and first == "[":
            for _item in self.items():
                self.skip(depth + 1)
        else:
            self.value()

    def end(self) -> None:
        """Nothing but white space may follow."""
        if self.peek():
            raise self._broken(self._at)

    def _take(self, char: str) -> bool:
        if self.peek() != char:
            return False
        self._at += 1
        return True

    def _expect(self, char: str) -> None:
        if not self._take(char):
            raise self._broken(self._at)

    def _fill(self) -> bool:
        """Drop what was consumed and read on, twice as much each time while one piece is still cut off."""
        if self._ended:
            return False
        pending = len(self._buffer) - self._at
        if pending > MAX_PIECE:
            raise UnreadableSource(
                f"The entry at byte {self._position(self._at)} is larger than {MAX_PIECE // 2**20} MB: this is not a "
                "chat export; export the chat again in Telegram Desktop as machine-readable JSON."
            )
        data = self._file.read(max(self._chunk, pending))
        self._ended = not data
        text = self._decode(data)
        if self._ended:
            return False  # with the buffer as it was: offsets into it stay good
        self._bytes += len(data)
        self._buffer = self._buffer[self._at :] + text
        self._at = 0
        self._progress(self._bytes)
        return True

    def _decode(self, data: bytes) -> str:
        held = len(self._utf8.getstate()[0])
        try:
            return self._utf8.decode(data, final=not data)
        except UnicodeDecodeError as error:
            if not data:
                raise self._truncated() from None
            raise UnreadableSource(
                f"The file is not UTF-8 text (byte {self._bytes - held + error.start}): give the result.json just as "
                "Telegram Desktop wrote it, not one that another program has saved."
            ) from None

    def _mend(self, error: json.JSONDecodeError) -> bool:
        """Turn Telegram Desktop's `\\x0B` into the `\\u000B` that it should have been."""
        if not _HEX_ESCAPE.match(self._buffer, error.pos):
            return False
        self._buffer = self._buffer[: error.pos] + "\\u00" + self._buffer[error.pos + 2 :]
        return True

    def _may_be_cut(self, error: json.JSONDecodeError) -> bool:
        return error.msg.startswith("Unterminated string") or error.pos >= len(self._buffer) - TAIL

    def _position(self, at: int) -> int:
        rest = len(self._buffer[at:].encode("utf-8", "surrogatepass"))
        return self._bytes - rest - len(self._utf8.getstate()[0])

    def _broken(self, at: int) -> UnreadableSource:
        if self._ended and self._at_end(at):
            return self._truncated()
        return UnreadableSource(
            f"The JSON is broken at byte {self._position(at)}: the file was changed or damaged after the export; "
            "export the chat again in Telegram Desktop."
        )

    def _at_end(self, at: int) -> bool:
        """Whether the error is that the file ends: what stands from here on is the start of something valid."""
        return at >= len(self._buffer) - TAIL or self._buffer[at] == '"'

    def _truncated(self) -> UnreadableSource:
        return UnreadableSource(
            f"The file breaks off at byte {self._bytes}: the export or the copying was not finished; "
            "export the chat again in Telegram Desktop and wait until it says that it is done."
        )
