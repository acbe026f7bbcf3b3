"""Pieces of a message, and their HTML. Whatever a piece says, the HTML is valid and within what Telegram allows.

`parse_mode=HTML` knows a dozen tags, and Telegram also marks by itself what looks like an address, a name or a command.
Here nothing becomes a link but our own links to messages: what would, is shown as code, which people can copy.
"""

import html
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import regex

TEXT_LIMIT = 4096
"""UTF-16 units of one message, markup not counted."""
ENTITY_LIMIT = 100
"""Marked places of one message. Telegram leaves out what is beyond."""
CUT = "…"

_ROUND_DOWN = 80
"""A text that is too long ends at a blank, if there is one among so many characters before its limit."""
_LINK = "https://t.me/"

_CLICKABLE = regex.compile(
    r"""
      (?<![a-z0-9+.-])[a-z][a-z0-9+.-]{1,20}://\S+                       # an address with a scheme
    | (?<![\w.+-])[\w.+-]++@\w[\w.-]*+                                    # an e-mail address
    | (?<![\w@])@\w{2,64}
    | (?<![\w\#])\#[^\s\#]+
    | (?<!\w)\$[A-Z]{1,8}\b
    | (?<![\w/<>])/\w{1,64}(?:[@/]\S*)?                                   # a command, or a path
    | (?<![\w.-])(?:[\w-]++\.)+                                           # a host
      (?:[a-z]{2,63}|рф|рус|дети|сайт|онлайн|орг|ком|москва|бел|укр)\b(?:[:/?\#]\S*)?
    | (?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}\b(?:[:/?\#]\S*)?
    """,
    regex.VERBOSE | regex.IGNORECASE,
)
_AFTER_ADDRESS = ".,;:!?)]}»\"'…"
"""Ends a sentence rather than an address."""
_JOINERS = "\u200c\u200d"
"""The only invisible characters that stay: emoji and some scripts are put together with them."""
_DROPPED = regex.compile("[\u030a\u0333\u033f]")
"""Telegram takes these away, and what stands around them comes together."""


class Style(StrEnum):
    """How a piece looks: the tag of Telegram's HTML."""

    PLAIN = ""
    BOLD = "b"
    ITALIC = "i"
    CODE = "code"
    BLOCK = "pre"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text in one style, or one link to a message."""

    text: str
    style: Style = Style.PLAIN
    link: str | None = None

    def __post_init__(self) -> None:
        if self.link is not None and not self.link.startswith(_LINK):
            raise ValueError("only messages of Telegram are linked to")

    @property
    def is_marked(self) -> bool:
        """Whether it counts among the marked places."""
        return bool(self.style or self.link)


def clean(text: str) -> str:
    """Without what cannot be seen: control characters, directions of writing, and more than one empty line.

    >>> clean("safe\\u202etxt\\u0007\\n\\n\\n\\nnext\\tone")
    'safetxt\\n\\nnext one'
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    seen = "".join(_seen(char) for char in _DROPPED.sub("", lines))
    return regex.sub(r"\n\s*\n\s*\n", "\n\n", seen)


def line(text: str, characters: int) -> str:
    """The beginning of a text in one line; never empty.

    >>> line("first\nsecond", 8)
    'first s…'
    """
    joined = " ".join(clean(text).split()) or CUT
    return joined if len(joined) <= characters else joined[: characters - 1] + CUT


def _seen(char: str) -> str:
    if char in "\n" + _JOINERS:
        return char
    match unicodedata.category(char):
        case "Cc":
            return " " if char == "\t" else ""
        case "Cf":
            return ""
        case "Cs":
            return "\ufffd"
    return char


def units(text: str) -> int:
    """The length as Telegram counts it.

    >>> units("да 🙂")
    5
    """
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def size(pieces: Iterable[Piece]) -> tuple[int, int]:
    """Units and marked places."""
    found = list(pieces)
    return sum(units(piece.text) for piece in found), sum(piece.is_marked for piece in found)


def shielded(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """The same, with what Telegram would make a link of by itself as code. It looks across the borders of styles."""
    addresses = _addresses("".join(piece.text for piece in pieces))
    start = 0
    for piece in pieces:
        end = start + len(piece.text)
        if piece.style in (Style.CODE, Style.BLOCK) or piece.link is not None:
            yield piece
        else:
            yield from _shield(piece, start, [span for span in addresses if span[0] < end and span[1] > start])
        start = end


def _addresses(text: str) -> Sequence[tuple[int, int]]:
    found = [
        (match.start(), match.start() + len(match.group().rstrip(_AFTER_ADDRESS)))
        for match in _CLICKABLE.finditer(text)
    ]
    return [(start, end) for start, end in found if end > start]


def _shield(piece: Piece, at: int, addresses: Iterable[tuple[int, int]]) -> Iterator[Piece]:
    """A piece that begins at this place of the whole text."""
    done = 0
    for start, end in addresses:
        first, last = max(start - at, 0), min(end - at, len(piece.text))
        yield replace(piece, text=piece.text[done:first])
        yield Piece(piece.text[first:last], Style.CODE)
        done = last
    yield replace(piece, text=piece.text[done:])


def fitted(pieces: Iterable[Piece], room: tuple[int, int]) -> Sequence[Piece]:
    """As many of the pieces as there is room for, in units and marked places; what is cut off ends in `…`."""
    kept: list[Piece] = []
    left, marks = room
    for piece in filter(lambda piece: piece.text, pieces):
        length = units(piece.text)
        if length > left or piece.is_marked > marks:
            return _ended(kept, piece, left if piece.is_marked <= marks else 0)
        kept.append(piece)
        left, marks = left - length, marks - piece.is_marked
    return kept


def _ended(kept: list[Piece], last: Piece, left: int) -> Sequence[Piece]:
    """What fits, and the mark of the cut. Makes room for the mark where there is none."""
    if left > len(CUT):
        kept.append(replace(last, text=_head(last.text, left - len(CUT))))
        return [*kept, Piece(CUT)]
    while kept:
        former = kept.pop()
        if units(former.text) > len(CUT) - left:
            kept.append(replace(former, text=_head(former.text, units(former.text) - (len(CUT) - left))))
            break
        left += units(former.text)
    return [*kept, Piece(CUT)]


def _head(text: str, room: int) -> str:
    """The beginning of a text, in whole characters as people see them."""
    end = used = 0
    for match in regex.finditer(r"\X", text):
        used += units(match.group())
        if used > room:
            break
        end = match.end()
    blank = max(text.rfind(" ", 0, end), text.rfind("\n", 0, end))
    return text[:blank] if end < len(text) and end - blank < _ROUND_DOWN and blank > 0 else text[:end]


def to_html(pieces: Iterable[Piece]) -> str:
    """The pieces in Telegram's HTML."""
    return "".join(_tagged(piece) for piece in pieces if piece.text)


def _tagged(piece: Piece) -> str:
    text = html.escape(piece.text, quote=False)
    if piece.link is not None:
        return f'<a href="{html.escape(piece.link)}">{text}</a>'
    if not piece.style:
        return text
    return f"<{piece.style}>{text}</{piece.style}>"
