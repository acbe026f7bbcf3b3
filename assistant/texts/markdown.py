"""The little Markdown that models and people write, as pieces: bold, italic, code, lists, headings.

Everything else stays as it was typed: people paste code, paths and logs, which only look like Markdown.
"""

from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from assistant.texts.pieces import Piece, Style, clean

_MARKDOWN = MarkdownIt("zero").enable(["fence", "heading", "list", "backticks", "emphasis", "link"])
_MARKDOWN.normalizeLink = lambda url: url  # type: ignore[method-assign]  # shown, not followed: as it was typed
_STYLES = {"strong": Style.BOLD, "em": Style.ITALIC}
_INDENT = "  "


def pieces_of(text: str) -> Sequence[Piece]:
    """A text as pieces, with the empty lines between its blocks."""
    writer = _Writer()
    for token in _MARKDOWN.parse(clean(text)):
        writer.take(token)
    return writer.pieces


class _Writer:
    """Takes blocks in their order."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self._gap = 0
        self._depth = 0
        self._in_heading = False

    def take(self, token: Token) -> None:
        match token.type:
            case "heading_open":
                self._in_heading = True
            case "heading_close":
                self._in_heading = False
                self._part(2)
            case "paragraph_close":
                self._part(1 if token.hidden else 2)
            case "bullet_list_open" | "ordered_list_open":
                self._depth += 1
            case "bullet_list_close" | "ordered_list_close":
                self._depth -= 1
                self._part(1 if self._depth else 2)
            case "list_item_open":
                self._write(Piece(_INDENT * (self._depth - 1) + _marker(token)))
            case "fence":
                self._write(Piece(token.content.rstrip("\n"), Style.BLOCK))
                self._part(2)
            case "inline":
                for piece in _inline(token.children or [], Style.BOLD if self._in_heading else Style.PLAIN):
                    self._write(piece)

    def _part(self, lines: int) -> None:
        """What comes next stands so many lines below."""
        self._gap = max(self._gap, lines)

    def _write(self, piece: Piece) -> None:
        if not piece.text:
            return
        if self._gap and self.pieces:
            self.pieces.append(Piece("\n" * self._gap))
        self._gap = 0
        self.pieces.append(piece)


def _marker(item: Token) -> str:
    return f"{item.info}{item.markup} " if item.info else "• "


def _inline(tokens: Sequence[Token], base: Style) -> Iterator[Piece]:
    styles, addresses = [base], list[str]()
    for token in tokens:
        name, _, edge = token.type.rpartition("_")
        if token.type == "code_inline":
            yield Piece(token.content, Style.CODE)
        elif token.type == "link_open":
            addresses.append(f" ({token.attrs['href']})")
        elif token.type == "link_close":
            yield Piece(addresses.pop())
        elif name in _STYLES and token.markup.startswith("_"):
            yield Piece(token.markup, styles[-1])  # `__init__` is a name
        elif name in _STYLES and edge == "open":
            styles.append(_STYLES[name])
        elif name in _STYLES:
            styles.pop()
        else:
            yield Piece(token.content, styles[-1])
