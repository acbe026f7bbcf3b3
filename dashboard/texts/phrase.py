"""A phrase in both languages, and which of them a visitor reads."""

from collections.abc import Mapping
from typing import Final, TypeAlias

from core.domain.language import Language

Phrase: TypeAlias = Mapping[Language, str]
LANGUAGES: Final[Mapping[Language, str]] = {"ru": "Русский", "en": "English"}


def known_language(name: str | None) -> Language | None:
    """The language of this name, if the dashboard speaks it."""
    return next((language for language in LANGUAGES if language == name), None)


def preferred(configured: str, asked_for: str) -> Language:
    """What the rules say, or else the first language in a browser's list that we speak; English where there is none.

    >>> preferred("auto", "de-DE,de;q=0.9,ru;q=0.8,en;q=0.7"), preferred("auto", "ru-RU"), preferred("en", "ru")
    ('ru', 'ru', 'en')
    """
    given = known_language(configured)
    if given is not None:
        return given
    names = (part.split(";")[0].split("-")[0].strip().lower() for part in asked_for[:200].split(","))
    return next((language for name in names if (language := known_language(name)) is not None), "en")
