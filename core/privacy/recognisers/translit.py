"""Russian in Latin letters: `magazina`, `ne rabotaet`. Such words are no English, and mostly no names either."""

from collections.abc import Iterator
from functools import lru_cache

import regex

from core.privacy.models import is_known
from core.privacy.recognisers.words import weigh

_LETTERS = {
    "shch": "щ", "sch": "щ", "zh": "ж", "kh": "х", "ts": "ц", "ch": "ч", "sh": "ш", "yu": "ю", "ju": "ю", "iu": "ю",
    "ya": "я", "ja": "я", "yo": "ё", "jo": "ё", "a": "а", "b": "б", "v": "в", "w": "в", "g": "г", "d": "д", "e": "е",
    "z": "з", "i": "и", "j": "й", "k": "к", "l": "л", "m": "м", "n": "н", "o": "о", "p": "п", "r": "р", "s": "с",
    "t": "т", "u": "у", "f": "ф", "h": "х", "c": "ц", "x": "кс", "q": "к", "'": "ь", "4": "ч",
}  # fmt: skip
_PIECE = regex.compile("|".join([*_LETTERS, "y"]))
MIN_LENGTH = 3


@lru_cache(maxsize=50_000)
def is_russian(word: str) -> bool:
    """Whether a lower-case Latin word is an ordinary Russian one, spelt as people spell them.

    >>> is_russian("magazina"), is_russian("masha")
    (True, False)
    """
    return _is_known(word, names=True)


@lru_cache(maxsize=10_000)
def is_only_russian(word: str) -> bool:
    """The same of a word that English counts among the first names: it must be no name in Russian at all (`ona`)."""
    return _is_known(word, names=False)


def _is_known(word: str, *, names: bool) -> bool:
    if len(word) < MIN_LENGTH or not word.isascii():
        return False
    spelt = [weigh(spelling) for spelling in _spellings(word) if is_known(spelling)]
    return any(w.other > w.name for w in spelt) and (names or not any(w.name for w in spelt))


def _spellings(word: str) -> Iterator[str]:
    """`eto` begins with э, `esli` with е."""
    spelt = _spelt(word)
    yield spelt
    if spelt.startswith("е"):
        yield "э" + spelt[1:]


def _spelt(word: str) -> str:
    """`moy` ends in й, `kassy` in ы: after a vowel `y` is a consonant."""
    letters: list[str] = []
    for match in _PIECE.finditer(word):
        piece = match.group()
        if piece == "y":
            letters.append("й" if letters and letters[-1] in "аеёиоуыэюя" else "ы")
        else:
            letters.append(_LETTERS[piece])
    return "".join(letters)
