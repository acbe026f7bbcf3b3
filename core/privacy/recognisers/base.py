"""What a recogniser is, and what it is given."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import NamedTuple, Protocol

import regex

from core.privacy.participants import NO_PARTICIPANTS, Participants
from core.privacy.types import PiiType, TextEntity

TOKEN = regex.compile(r"\[(?:" + "|".join(PiiType) + r")\]")
"""A mask. Whatever a recogniser says, a mask is never masked again."""

_WORD = regex.compile(r"\p{L}[\p{L}\p{M}]*+(?:[-'’]\p{L}++)*+")


class Rank(IntEnum):
    """How strong a finding is. Where findings overlap, the higher rank wins, then the longer, then the earlier."""

    NAME = 1
    """Words that look like somebody's name or an address."""
    PATTERN = 2
    """A shape that is hardly anything else."""
    CHECKED = 3
    """A shape whose checksum is right, or words that say what follows ("пароль:")."""
    ENVELOPE = 4
    """Something that carries others inside: a URL with a password, a private key."""


class Found(NamedTuple):
    """A finding in the reading form of the text: `[start, end)`."""

    start: int
    end: int
    type: PiiType
    rank: Rank


class Word(NamedTuple):
    """A word of the text. Hyphens and apostrophes inside belong to it."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Context:
    """The text in its reading form, and what is known around it. Made for one message, then thrown away."""

    text: str
    entities: Sequence[TextEntity] = ()
    """Telegram's entities, in offsets of the reading form."""
    participants: Participants = field(default=NO_PARTICIPANTS)

    @cached_property
    def words(self) -> Sequence[Word]:
        return [Word(match.group(), match.start(), match.end()) for match in _WORD.finditer(self.text)]

    @cached_property
    def has_digits(self) -> bool:
        return any(letter.isdigit() for letter in self.text)

    def before(self, start: int, length: int = 32) -> str:
        """What stands before `start` on the same line, in lower case: where people say what a number is."""
        return self.text[max(0, start - length) : start].lower().rpartition("\n")[2]


class Recogniser(Protocol):
    """Finds one family of personal data. Pure: no state, no I/O, linear in the length of the text."""

    @property
    def name(self) -> str:
        """Stands in `otklik mask --explain`."""

    def find(self, context: Context) -> Iterable[Found]:
        """Everything it sees; overlaps are the masker's business."""
