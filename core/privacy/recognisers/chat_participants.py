"""The chat's own participants, by what the others call them."""

from collections.abc import Iterable

import regex

from core.privacy import models
from core.privacy.diminutives import all_forms
from core.privacy.participants import MAX_PHRASE, Participants, fold
from core.privacy.recognisers.base import Context, Found, Rank
from core.privacy.recognisers.lexicon import kind_of, plain
from core.privacy.recognisers.words import CYRILLIC, weigh
from core.privacy.types import PiiType

ORDINARY = 0.2
"""A word is an ordinary one too when its readings as such weigh this much together."""

_HANDLE = regex.compile(r"[\p{L}\d][\p{L}\d_-]*+")


def is_ordinary(word: str) -> bool:
    """Whether the word means something besides a name: a participant called so is not found by it in lower case."""
    if not CYRILLIC.search(word):
        return kind_of(plain(word)) in ("place", "brand") or kind_of(plain(word)).endswith("o")
    return weigh(word.lower()).other >= ORDINARY


def is_name(word: str) -> bool:
    """Whether the word can be a name at all."""
    if not CYRILLIC.search(word):
        return kind_of(plain(word)) == "Fo"
    return weigh(word.lower()).name > 0 or fold(word) in all_forms()


class ChatParticipants:
    """Parts of the participants' display names, in any case form.

    A part that is also an ordinary word counts only if it is oftener a name, or can be one and has a capital letter: a
    participant called "Поддержка" takes no word out of the chat, and "Вера" only "Вера" and "Верой", not "вера".
    """

    name = "participant"

    def find(self, context: Context) -> Iterable[Found]:
        if not context.participants:
            return
        yield from self._whole_names(context)
        for match in _HANDLE.finditer(context.text):
            word = match.group().strip("_-")
            if _is_called(word, context.participants) and _is_personal(word):
                yield Found(
                    match.start(), match.start() + len(match.group().rstrip("_-")), PiiType.PERSON, Rank.PATTERN
                )

    def _whole_names(self, context: Context) -> Iterable[Found]:
        matches = list(_HANDLE.finditer(context.text))
        for place, match in enumerate(matches):
            if match.group()[0].isupper():
                near = matches[place : place + MAX_PHRASE]
                size = context.participants.phrase_at([other.group() for other in near])
                if size and near[size - 1].end() - match.start() <= sum(len(m.group()) + 2 for m in near[:size]):
                    yield Found(match.start(), near[size - 1].end(), PiiType.PERSON, Rank.PATTERN)


def _is_called(word: str, participants: Participants) -> bool:
    if participants.has(word):
        return True
    if not CYRILLIC.search(word):
        return False
    if any(participants.has(reading.lemma) for reading in models.readings(word.lower())):
        return True
    return participants.has_form_of(word)


def _is_personal(word: str) -> bool:
    if not is_ordinary(word) or (word[0].isupper() and is_name(word)):
        return True
    weights = weigh(word.lower())
    return weights.name > weights.other
