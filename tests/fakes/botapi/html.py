"""`parse_mode=HTML`, as strict as the real one and with its words."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from aiogram.types import MessageEntity, User

from tests.fakes.botapi.entities import utf16
from tests.fakes.botapi.faults import Refused

KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "tg-emoji": "custom_emoji",
}
_REFERENCE = re.compile(r"&(?:(?:lt|gt|amp|quot)(?![A-Za-z])|#\d{1,7}|#x[0-9a-fA-F]{1,6});?")
_START = re.compile(r"<([^\s>]*)")
_END = re.compile(r"</([^\s>]*)\s*>")
_NAME = re.compile(r"""[^\s=>/"']+""")
_TOKEN = re.compile(r"[A-Za-z0-9.-]*")


@dataclass(slots=True)
class _Open:
    tag: str
    attributes: dict[str, str]
    start: int
    index: int


class _Parser:
    def __init__(self, source: str, complain: Callable[[str], None]) -> None:
        self.source = source
        self.complain = complain
        self.at = 0
        self.out: list[str] = []
        self.length = 0
        self.open: list[_Open] = []
        self.entities: list[MessageEntity] = []

    def run(self) -> tuple[str, list[MessageEntity]]:
        while self.at < len(self.source):
            char = self.source[self.at]
            if char == "<":
                (self._end if self.source[self.at + 1 : self.at + 2] == "/" else self._start)()
            elif char == "&":
                self._reference()
            else:
                self._put(char)
                self.at += 1
        if self.open:
            self._fail(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        return "".join(self.out), self.entities

    def _reference(self) -> None:
        match = _REFERENCE.match(self.source, self.at)
        if match is None:  # the real API shows such text as it is; whoever sends it has forgotten to escape
            self.complain(f'an unescaped "&" in HTML: {self.source[self.at : self.at + 30]!r}')
            self._put("&")
            self.at += 1
            return
        self._put(html.unescape(match.group().rstrip(";") + ";"))
        self.at = match.end()

    def _start(self) -> None:
        begin = self.at
        match = _START.match(self.source, begin)
        assert match is not None
        tag = match.group(1).lower()
        if match.end() == len(self.source):
            self._fail("Unclosed start tag", begin)
        if tag not in KINDS:
            self._fail(f'Unsupported start tag "{tag}"', begin)
        attributes, self.at = self._attributes(tag, begin, match.end())
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            self._fail('Tag "span" must have class "tg-spoiler"', begin)
        self.open.append(_Open(tag, attributes, self.length, len(self.out)))

    def _attributes(self, tag: str, begin: int, at: int) -> tuple[dict[str, str], int]:
        found: dict[str, str] = {}
        while True:
            at = self._skip(at, begin)
            if self.source[at] == ">":
                return found, at + 1
            match = _NAME.match(self.source, at)
            if match is None:
                self._fail(f'Empty attribute name in the tag "{tag}"', begin)
            at = self._skip(match.end(), begin)
            value = ""
            if self.source[at] == "=":
                value, at = self._value(self._skip(at + 1, begin), begin)
            found[match.group().lower()] = html.unescape(value)

    def _value(self, at: int, begin: int) -> tuple[str, int]:
        """In quotes, or a token of letters, digits, periods and hyphens."""
        quote = self.source[at]
        if quote in "\"'":
            end = self.source.find(quote, at + 1)
            if end < 0:
                self._fail("Unclosed start tag", begin)
            return self.source[at + 1 : end], end + 1
        match = _TOKEN.match(self.source, at)
        assert match is not None
        if not (self.source[match.end() : match.end() + 1] or " ").isspace() and self.source[match.end()] != ">":
            self._fail("Unexpected end of name token", at)
        return match.group().lower(), match.end()

    def _skip(self, at: int, begin: int) -> int:
        """Past white space; the text may not end there."""
        while at < len(self.source) and self.source[at].isspace():
            at += 1
        if at == len(self.source):
            self._fail("Unclosed start tag", begin)
        return at

    def _end(self) -> None:
        begin = self.at
        if not self.open:
            self._fail("Unexpected end tag", begin)
        match = _END.match(self.source, begin)
        if match is None:
            self._fail("Unclosed end tag", begin)
        opened = self.open.pop()
        if match.group(1).lower() not in ("", opened.tag):
            expected = f'expected "</{opened.tag}>", found "</{match.group(1)}>"'
            self._fail("Unmatched end tag", begin, f", {expected}")
        self.at = match.end()
        if self.length > opened.start:
            self._close(opened)

    def _close(self, opened: _Open) -> None:
        kind = KINDS[opened.tag]
        more: dict[str, Any] = {}
        if opened.tag == "a":
            kind, more = self._link(opened.attributes.get("href") or "".join(self.out[opened.index :]))
        elif opened.tag == "blockquote" and "expandable" in opened.attributes:
            kind = "expandable_blockquote"
        elif opened.tag == "tg-emoji":
            more = {"custom_emoji_id": opened.attributes.get("emoji-id", "")}
        elif opened.tag == "code":
            language = opened.attributes.get("class", "")
            if self.open and self.open[-1].tag == "pre" and language.startswith("language-"):
                self.open[-1].attributes["language"] = language.removeprefix("language-")
                return
        elif opened.tag == "pre" and "language" in opened.attributes:
            more = {"language": opened.attributes["language"]}
        if kind:
            self.entities.append(
                MessageEntity(type=kind, offset=opened.start, length=self.length - opened.start, **more)
            )

    def _link(self, address: str) -> tuple[str, dict[str, Any]]:
        """A link that is none is silently dropped by the real API, with its words kept: say so here."""
        if match := re.fullmatch(r"tg://user\?id=(\d+)", address):
            return "text_mention", {"user": User(id=int(match.group(1)), is_bot=False, first_name="?")}
        checked = checked_url(address)
        if checked is None:
            self.complain(f"a link to {address!r} is no link: Telegram drops it")
            return "", {}
        return "text_link", {"url": checked}

    def _put(self, text: str) -> None:
        self.out.append(text)
        self.length += utf16(text)

    def _fail(self, what: str, at: int | None = None, tail: str = "") -> NoReturn:
        where = "" if at is None else f" at byte offset {len(self.source[:at].encode())}"
        raise Refused(400, f"Bad Request: can't parse entities: {what}{where}{tail}")


def parse(source: str, complain: Callable[[str], None]) -> tuple[str, list[MessageEntity]]:
    """Text and entities. `complain` hears of what the real API lets pass, and no careful bot sends."""
    text, entities = _Parser(source, complain).run()
    return text, sorted(entities, key=lambda entity: (entity.offset, -entity.length))


def checked_url(address: str) -> str | None:
    """The address if Telegram takes it for one: with a scheme of its liking, or a host that could be one."""
    match = re.fullmatch(r"(?:(https?|ton|tg|tonsite)://)?([^\s/?#]+)(\S*)", address, re.IGNORECASE)
    if match is None:
        return None
    scheme, host, rest = match.group(1) or "http", match.group(2), match.group(3)
    known = re.fullmatch(r"(?:[\w-]+\.)+[\w-]{2,}(?::\d+)?", host) is not None
    if not (known or scheme.lower() == "tg"):
        return None
    return f"{scheme.lower()}://{host}{rest or ('' if scheme.lower() == 'tg' else '/')}"
