"""A reading form of a text, with the way back: what recognisers look at, and where it stands in the original.

People hide things from machines without knowing it: zero-width characters pasted from a web page, no-break spaces,
full-width digits, a Latin `c` inside a Russian name. Recognisers see none of it; their offsets are mapped back exactly.
"""

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import regex

CYRILLIC_LOOKALIKES = str.maketrans("ABCEHIKMOPTXYaceiopxyk", "АВСЕНІКМОРТХУасеіорхук")
"""Latin letters that stand for Cyrillic ones in a word that is otherwise Cyrillic."""
LATIN_LOOKALIKES = str.maketrans("АВСЕНІКМОРТХУЅЈасеіорхуѕјк", "ABCEHIKMOPTXYSJaceiopxysjk")
"""And the other way round."""

KEPT = frozenset("№…ªº½¼¾¹²³™")
"""What compatibility normalisation would turn into letters, digits or dots that nobody wrote."""
BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f")
"""Invisible, though Unicode calls them letters or marks."""
DASHES = frozenset("‐‑‒–—―−﹘﹣－")
WHITESPACE = frozenset(
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)

_PLAIN = regex.compile(r"[\n\t\r -~А-Яа-яЁё«»№…“”‘’„•]*+")
_CLUSTER = regex.compile(r"\P{M}\p{M}*+|\p{M}++", regex.DOTALL)
_MIXED_WORD = regex.compile(
    r"(?<![\p{Latin}\p{Cyrillic}])(?:\p{Latin}++(?=\p{Cyrillic})|\p{Cyrillic}++(?=\p{Latin}))[\p{Latin}\p{Cyrillic}]++"
)


@dataclass(frozen=True, slots=True)
class Normalised:
    """The reading form. `starts[i]` and `ends[i]` bound, in the original, what character `i` was made from."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The piece of the original text that `text[start:end]` was made from.

        >>> normalise("a\\u200bb").original(0, 2)
        (0, 3)
        """
        return self.starts[start], self.ends[end - 1]

    def reading(self, start: int, end: int) -> tuple[int, int]:
        """Where `[start, end)` of the original stands in the reading form; may be empty."""
        return bisect_right(self.ends, start), bisect_left(self.starts, end)


def normalise(raw: str) -> Normalised:
    """The reading form of `raw`: one pass, linear."""
    if _PLAIN.fullmatch(raw):
        text, starts, ends = raw, range(len(raw)), range(1, len(raw) + 1)
        return Normalised(_unmix(text), starts, ends)
    letters: list[str] = []
    begins: list[int] = []
    finishes: list[int] = []
    for cluster in _CLUSTER.finditer(raw):
        for letter in _read(cluster.group()):
            letters.append(letter)
            begins.append(cluster.start())
            finishes.append(cluster.end())
    return Normalised(_unmix("".join(letters)), begins, finishes)


def _read(cluster: str) -> str:
    """What a person reads in one cluster of a character and its marks."""
    first = cluster[0]
    if first in WHITESPACE:
        return " "
    if first in DASHES:
        return "-"
    if first in KEPT:
        return first
    if len(cluster) == 1:
        return _read_single(first)
    composed = unicodedata.normalize("NFC", cluster)
    # Stress marks, key-cap frames and piled-up accents are no letters of their own.
    return _read_single(composed[0])


def _read_single(letter: str) -> str:
    if letter.isascii():
        return letter
    category = unicodedata.category(letter)
    if category in ("Cf", "Mn", "Me") or letter in BLANKS:
        return ""
    if category == "Cs":
        return "\ufffd"
    if category == "Nd":
        return str(unicodedata.decimal(letter))
    return unicodedata.normalize("NFKC", letter)


def _unmix(text: str) -> str:
    """Words of two alphabets become words of one, where every foreign letter is a look-alike. Lengths do not change."""
    return _MIXED_WORD.sub(_unmix_word, text)


def _unmix_word(match: "regex.Match[str]") -> str:
    word: str = match.group()
    cyrillic = sum(1 for letter in word if "\u0400" <= letter <= "\u052f")
    read = (_in_cyrillic(word), _in_latin(word))
    likely, other = read if cyrillic * 2 >= len(word) else reversed(read)
    return likely or other or word


def _in_cyrillic(word: str) -> str | None:
    """The word in Cyrillic letters alone, if every Latin one in it has a Cyrillic look-alike."""
    candidate = word.translate(CYRILLIC_LOOKALIKES)
    return None if any(letter.isascii() for letter in candidate) else candidate


def _in_latin(word: str) -> str | None:
    candidate = word.translate(LATIN_LOOKALIKES)
    return None if any("\u0400" <= letter <= "\u052f" for letter in candidate) else candidate
