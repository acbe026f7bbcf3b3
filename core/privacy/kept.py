"""What an installation has said is public: its products, its company, its support mailbox and hotline."""

from collections.abc import Iterable, Sequence

import regex

from core.privacy import models
from core.privacy.normalise import normalise
from core.privacy.recognisers.base import Found
from core.privacy.recognisers.numbers import digits_of
from core.privacy.types import PiiType

_BEGINS, _ENDS = r"(?<![\p{L}\d.+%@-])", r"(?![\p{L}\d@-]|\.[\p{L}\d])"
"""`support@polka.example` is not kept inside `my.support@polka.example`, nor `Polka` in `polka@mail.example`."""
_CYRILLIC_WORD = regex.compile(r"[а-яё]+(?:-[а-яё]+)*")
_NUMBER = regex.compile(r"[+\d][\d ().-]{6,24}")
SUBSCRIBER = 10
"""Digits of a phone by which two ways to write it are compared: `8 800` and `+7 800` are one."""


class Kept:
    """Decides whether a finding is one of these words. A Russian word counts in all its case forms, a phone in all groupings."""

    def __init__(self, entries: Iterable[str]) -> None:
        written = sorted({normalise(entry.strip()).text.lower() for entry in entries} - {""}, key=len, reverse=True)
        self._pattern = (
            regex.compile(f"{_BEGINS}(?:{'|'.join(map(regex.escape, written))}){_ENDS}", regex.IGNORECASE)
            if written
            else None
        )
        self._words = frozenset(entry for entry in written if _CYRILLIC_WORD.fullmatch(entry))
        self._phones = frozenset(digits_of(entry)[-SUBSCRIBER:] for entry in written if _NUMBER.fullmatch(entry))

    def places(self, text: str) -> Sequence[tuple[int, int]]:
        """Where the words stand in a text."""
        return [match.span() for match in self._pattern.finditer(text)] if self._pattern else []

    def covers(self, found: Found, text: str, places: Sequence[tuple[int, int]]) -> bool:
        """Whether a finding is public. A secret never is: people take their product's name for a password."""
        if self._pattern is None or found.type is PiiType.SECRET:
            return False
        if any(start <= found.start and found.end <= end for start, end in places):
            return True
        written = text[found.start : found.end]
        if found.type is PiiType.PHONE:
            return digits_of(written)[-SUBSCRIBER:] in self._phones
        return found.type is PiiType.PERSON and self._is_form(written.lower())

    def _is_form(self, word: str) -> bool:
        return _CYRILLIC_WORD.fullmatch(word) is not None and any(
            reading.lemma in self._words for reading in models.readings(word)
        )
