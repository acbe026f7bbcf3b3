"""The two kinds of text: raw, which must not leave the process, and masked, which alone may be stored or sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType, final

MaskedText = NewType("MaskedText", str)
"""Text that has passed the masker. Only `core.privacy` makes one; everything that stores, logs, publishes, embeds or
sends text takes this type, so that mypy refuses a plain `str`."""


@final
class RawText:
    """Text as a person wrote it. It has no `str()`: it cannot slip into a log line or an f-string by accident."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself. Every use of this is a place where privacy is decided."""
        return self._value

    def __len__(self) -> int:
        return len(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RawText) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return f"RawText(<{len(self._value)} characters>)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)


class PiiType(StrEnum):
    """What is masked. The names are an interface: they stand in masked text as `[PHONE]` and in `otklik mask`."""

    PERSON = "PERSON"
    PHONE = "PHONE"
    EMAIL = "EMAIL"
    CARD = "CARD"
    IBAN = "IBAN"
    IP = "IP"
    USERNAME = "USERNAME"
    DOCUMENT = "DOCUMENT"
    SECRET = "SECRET"  # noqa: S105  a type of personal data, not a secret
    URL = "URL"
    ADDRESS = "ADDRESS"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of the raw text: `[start, end)` in Unicode code points, its type, and which recogniser found it."""

    start: int
    end: int
    type: PiiType
    recogniser: str


@dataclass(frozen=True, slots=True)
class TextEntity:
    """An entity that Telegram itself marked: `[start, end)` in code points of the raw text.

    `kind` uses the names of Telegram Desktop's export (`phone`, `email`, `mention`, `mention_name`, `link`,
    `text_link`, `bot_command`, `bank_card`, `code`, …); the listener translates its own names into these.
    """

    start: int
    end: int
    kind: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Masked:
    """The result of masking: the text that may go on, and what was taken out of the raw one."""

    text: MaskedText
    spans: Sequence[Span]
