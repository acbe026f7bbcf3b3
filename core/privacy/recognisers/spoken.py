"""Numbers that are partly said: digits written as words, and letters in the place of digits."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import regex

_DIGITS_SAID = "ноль один два три четыре пять шесть семь восемь девять"
_DIGITS_SPOKEN = "zero one two three four five six seven eight nine"
_TEENS_SAID = (
    "десять одиннадцать двенадцать тринадцать четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать"
)
_TENS_SAID = "двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто"
_HUNDREDS_SAID = "сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот"


def _values(words: str, first: int, step: int) -> Mapping[str, int]:
    return {word: first + step * place for place, word in enumerate(words.split())}


_UNITS = {**_values(_DIGITS_SAID, 0, 1), **_values(_DIGITS_SPOKEN, 0, 1), "нуль": 0, "oh": 0, "раз": 1, "две": 2}
_TENS = {**_values(_TEENS_SAID, 10, 1), **_values(_TENS_SAID, 20, 10)}
_HUNDREDS = _values(_HUNDREDS_SAID, 100, 100)
_NUMBER = "|".join(sorted({*_UNITS, *_TENS, *_HUNDREDS}, key=len, reverse=True))
_TOKEN = rf"(?:\d{{1,11}}|(?:{_NUMBER})(?!\p{{L}}))"
_SAID = regex.compile(
    rf"(?<![\p{{L}}\d])\+?(?:{_TOKEN}[ ,.()-]{{1,3}}){{2,14}}{_TOKEN}(?![\p{{L}}\d])", regex.IGNORECASE
)
_PIECE = regex.compile(r"\d+|\p{L}+")

_MISTYPED = regex.compile(r"(?<![\p{L}\d])\+?\(?(?:[\dOoОоIlІіЗз][ ().-]{0,3}){7,16}+(?![\p{L}\d])")
_GROUP, _ANY_DIGIT = regex.compile(r"[^ ().+-]+"), regex.compile(r"\d")
"""Letters without a digit beside them stay letters: `ООО 7707083893`."""
_DIGITS = str.maketrans("OoОоIlІіЗз", "0000111133")
MIN_DIGITS = 6
"""So many real digits make the letters among them digits as well."""


class Said(NamedTuple):
    """A number of which a part is said: where it stands, and its digits."""

    start: int
    end: int
    digits: str


def said_numbers(text: str) -> Iterator[Said]:
    """Runs of digits and number words with at least one of each: "8 916 сто двадцать три 45 67"."""
    for match in _SAID.finditer(text):
        pieces = _PIECE.findall(match.group().lower())
        if any(piece.isdigit() for piece in pieces) and not all(piece.isdigit() for piece in pieces):
            yield Said(match.start(), match.end(), _digits(pieces))


def _digits(pieces: Sequence[str]) -> str:
    """ "девятьсот шестнадцать" is 916, "один шесть" is 16.

    >>> _digits(["8", "девятьсот", "шестнадцать", "сто", "двадцать", "три", "45"])
    '891612345'
    """
    written, open_below = "", 0
    for piece in pieces:
        if piece.isdigit():
            written, open_below = written + piece, 0
            continue
        value, below = _value(piece)
        if open_below and 0 < value < open_below:
            written = written[: -len(str(open_below)) + 1] + str(value).zfill(len(str(open_below)) - 1)
        else:
            written += str(value)
        open_below = below
    return written


def _value(word: str) -> tuple[int, int]:
    """The number that a word says, and below what the next word may add to it; 0 when it may not."""
    if word in _HUNDREDS:
        return _HUNDREDS[word], 100
    if word in _TENS:
        return _TENS[word], 10 if _TENS[word] >= 20 else 0
    return _UNITS[word], 0


def without_letters(text: str) -> str:
    """The text with `O`, `l` and `З` read as digits where they stand among them. Offsets do not change."""
    return _MISTYPED.sub(_as_digits, text)


def _as_digits(match: regex.Match[str]) -> str:
    written: str = match.group()
    if sum(letter.isdigit() for letter in written) < MIN_DIGITS:
        return written
    return _GROUP.sub(lambda group: group[0].translate(_DIGITS) if _ANY_DIGIT.search(group[0]) else group[0], written)
