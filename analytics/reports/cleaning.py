"""Texts of people as a document takes them. Pure."""

import re
from collections.abc import Mapping
from typing import Final

from core.domain.language import Language

_UNFIT: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff"  # XML knows no way to write them
    "\u202a-\u202e\u2066-\u2069]"  # they turn the order of what comes after
)
_QUOTES: Final[Mapping[Language, tuple[str, str]]] = {"ru": ("«", "»"), "en": ("“", "”")}
_INNER: Final = {
    "ru": str.maketrans("«»“”", "„“„“"),
    "en": str.maketrans("“”«»", "‘’‘’"),
}
"""What stands within quotation marks has others."""


def quoted(text: str, language: Language) -> str:
    """In quotation marks.

    >>> quoted("тариф «Старт»", "ru")
    '«тариф „Старт“»'
    """
    first, last = _QUOTES[language]
    return f"{first}{text.translate(_INNER[language])}{last}"


def shortened(text: str, longest: int) -> str:
    """On one line, at most so many characters, cut between words where there are any."""
    line = " ".join(_UNFIT.sub(" ", text).split())
    if len(line) <= longest:
        return line
    head, blank, _ = line[:longest].rpartition(" ")
    return f"{(head if blank and len(head) > longest // 2 else line[: longest - 1]).rstrip(' ,.;:—–-')}…"
