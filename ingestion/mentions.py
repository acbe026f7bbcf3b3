"""Whom a message names. Found before masking: in masked text every name is `[PERSON]`."""

import re
from collections.abc import Iterable, Mapping
from typing import final

from core.domain.text import STOP_WORDS
from core.privacy.diminutives import shorter_forms
from core.privacy.participants import fold, stem
from core.privacy.types import RawText

MAX_BEARERS = 3
"""A name that more people of the chat bear points at nobody in particular."""

MIN_ANYWHERE = 4
"""Letters from which a name counts anywhere in a text; a shorter one ("Ян", "kit") only where it is addressed."""

SHORT = 4
MAX_READ = 4_096
"""Characters of a text: the longest message that Telegram allows."""

MAX_MENTIONS = 20
WORD = re.compile(r"[^\W_][\w'-]*")
_ADDRESS = re.compile(r"(?<![\w'|-])(\w[\w'|-]*+)\s*+[:,]|@(\w++)")
"""Possessive and begun only where a word begins: a pasted log of 4,096 characters must not be read 4,096 times."""
ROLES = frozenset(
    {
        "support", "team", "help", "helpdesk", "admin", "administrator", "manager", "service", "shop", "store", "bot",
        "поддержка", "техподдержка", "помощь", "команда", "админ", "администратор", "менеджер", "сервис", "магазин",
        "кафе", "кофейня", "отдел", "бот",
    }
)  # fmt: skip
"""Words of display names that speak of the work more often than of the bearer: "Анна | Поддержка"."""


@final
class Names:
    """The display names of one chat's people, ready to be looked up word by word."""

    def __init__(self, names: Mapping[str, RawText]) -> None:
        """`names`: display names by sender id."""
        self._bearers: dict[str, set[str]] = {}
        for sender_id, name in names.items():
            for form in _forms_of_name(fold(name.reveal()[:128])):
                self._bearers.setdefault(form, set()).add(sender_id)

    def named_in(self, text: RawText) -> tuple[str, ...]:
        """The sender ids that a text names, in order: "@name", "name: …", or the name in any Russian case form."""
        if not self._bearers:
            return ()
        folded = fold(text.reveal()[:MAX_READ])
        addressed = [word for pair in _ADDRESS.findall(folded) for word in pair if word]
        told = (word for word in WORD.findall(folded) if word not in STOP_WORDS)
        anywhere = [form for form in _forms(told) if len(form) >= MIN_ANYWHERE]
        found: dict[str, None] = {}
        for word in (*addressed, *anywhere):
            bearers = self._bearers.get(word, set())
            if len(bearers) <= MAX_BEARERS:
                found.update(dict.fromkeys(sorted(bearers)))
        return tuple(found)[:MAX_MENTIONS]


def _forms_of_name(folded: str) -> set[str]:
    """What somebody with this display name is called: each part of it, its short forms, and their case forms."""
    parts = [word for word in WORD.findall(folded) if word not in ROLES]
    called = [*parts, *(fold(short) for part in parts for short in shorter_forms(part))]
    return set(_forms([folded.strip(), *called, *(form for word in called for form in _declined(word))]))


def _declined(word: str) -> Iterable[str]:
    """The case forms of a name too short to be cut to a stem: "анна" is met as "анне", "саша" as "сашу"."""
    if len(word) <= SHORT and word.endswith(("а", "я")):
        for ending in ("у", "ю", "е", "ы", "и", "ой", "ей"):
            yield word[:-1] + ending


def _forms(words: Iterable[str]) -> Iterable[str]:
    """Each word, and what it is without its case ending."""
    for word in words:
        if len(word) > 1:
            yield word
            yield stem(word)
