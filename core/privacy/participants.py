"""The people of a chat, by their display names: that is what they are called there, inflected, short, lower-case."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import final

import regex

from core.privacy.diminutives import shorter_forms
from core.privacy.normalise import normalise
from core.privacy.types import RawText

_PART = regex.compile(r"[\p{L}\d][\p{L}\d_'’-]*+")
_ENDINGS = regex.compile(
    r"(?:ого|его|ому|ему|ыми|ими|ой|ей|ою|ею|ом|ем|ём|ым|им|ых|их|ую|юю|ам|ям|ами|ями|ах|ях|ов|ев|а|я|у|ю|ы|и|е|о|й|ь)$"
)
MIN_LETTERS = 3
"""Shorter parts of a display name ("Ян", "Dr") are found only by the other recognisers."""
MIN_STEM = 4
MAX_PHRASE = 5
ROLES = frozenset(
    (
        "support",
        "team",
        "help",
        "helpdesk",
        "service",
        "admin",
        "administrator",
        "manager",
        "bot",
        "sales",
        "info",
        "news",
        "поддержка",
        "поддержки",
        "служба",
        "техподдержка",
        "админ",
        "администратор",
        "менеджер",
        "команда",
        "бот",
        "новости",
    )
)
"""Who is called so is an office: its name is said too often to be hidden."""


@final
@dataclass(frozen=True)
class Participants:
    """The display names of a chat, ready to be looked up word by word. Building costs a few microseconds a name."""

    _words: frozenset[str] = frozenset()
    """Every part of every name, lower-case, ё as е, with the short forms of first names."""
    _stems: frozenset[str] = field(default=frozenset(), repr=False)
    """The parts without their Russian case ending."""

    _phrases: frozenset[tuple[str, ...]] = field(default=frozenset(), repr=False)
    """Whole names of several words: these are meant even if each word is an ordinary one ("Green Market")."""

    @classmethod
    def of(cls, names: Iterable[RawText]) -> "Participants":
        """The participants with these display names.

        Which parts of a name are a person's is decided when such a word is met in a text, by the recogniser: a chat has
        thousands of members and speaks of few.
        """
        words: set[str] = set()
        phrases: set[tuple[str, ...]] = set()
        for name in names:
            parts: list[str] = _PART.findall(normalise(name.reveal()[:128]).text)
            phrases.add(tuple(fold(part) for part in parts))
            for part in parts:
                words.update(_variants(part))
        stems = {stem(word) for word in words}
        whole = frozenset(phrase for phrase in phrases if 2 <= len(phrase) <= MAX_PHRASE and not ROLES & set(phrase))
        return cls(frozenset(words), frozenset(s for s in stems if len(s) >= MIN_STEM), whole)

    def has(self, word: str) -> bool:
        """Whether somebody's display name has this very word."""
        return fold(word) in self._words

    def has_form_of(self, word: str) -> bool:
        """Whether somebody's display name has this word in another case form, judged by the stem."""
        cut = stem(fold(word))
        return len(cut) >= MIN_STEM and cut in self._stems

    def phrase_at(self, words: Sequence[str]) -> int:
        """How many of these words, from the first, are somebody's whole display name; 0 for none."""
        if not self._phrases:
            return 0
        folded = tuple(fold(word) for word in words[:MAX_PHRASE])
        return next((size for size in range(len(folded), 1, -1) if folded[:size] in self._phrases), 0)

    def __bool__(self) -> bool:
        return bool(self._words)

    def __repr__(self) -> str:
        return f"Participants(<{len(self._words)} words>)"


NO_PARTICIPANTS = Participants()


def fold(word: str) -> str:
    """The form in which words of names are compared."""
    return word.lower().replace("ё", "е").replace("’", "'")


def stem(word: str) -> str:
    """A word without its Russian case ending.

    >>> stem("ивановой"), stem("иванова")
    ('иванов', 'иванов')
    """
    return _ENDINGS.sub("", word) if len(word) > MIN_STEM else word


def _variants(part: str) -> Iterable[str]:
    word = fold(part).strip("_-'")
    if sum(letter.isalpha() for letter in word) < MIN_LETTERS:
        return
    yield word
    yield from shorter_forms(word)
    for piece in regex.split(r"[-_]|\d+", word):
        if piece != word and len(piece) > MIN_LETTERS:
            yield piece
