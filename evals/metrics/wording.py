"""Whether a text says something, by the stems of its words, in Russian and English."""

from collections.abc import Iterable

from core.domain.text import stem, words


def says(text: str, wording: str) -> bool:
    """Whether the words of a wording stand in a text, side by side and in any form.

    >>> says("Откройте Настройки → Кодировка, поставьте CP866.", "кодировку")
    True
    >>> says("The limit is 2000 goods", "200 goods")
    False
    """
    sought = [stem(word) for word in words(wording)]
    held = [stem(word) for word in words(text)]
    return bool(sought) and any(held[at : at + len(sought)] == sought for at in range(len(held) - len(sought) + 1))


def says_any(text: str, wordings: Iterable[str]) -> bool:
    """Whether a text says it in one of these wordings."""
    return any(says(text, wording) for wording in wordings)
