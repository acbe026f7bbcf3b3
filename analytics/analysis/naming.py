"""A topic's name without a model: the noun of its question that most of the chat's questions share. Pure.

One, because two are nearly always a pair of their own: 69 questions of a sample chat get 61 names of two nouns and 36 of
one ("чек" ten times, "карта" six), and only what comes again is a topic.
"""

from collections import Counter
from collections.abc import Iterable

from core.domain.text import STOP_WORDS, fold, is_code, is_filler, words
from core.privacy.models import readings

COMMON = 0.25
"""A word of so many of the chat's questions names none of them: the product itself, mostly."""
SHORTEST = 3


class QuestionWords:
    """In how many of a chat's questions each noun stands."""

    def __init__(self, questions: Iterable[str]) -> None:
        self._counts: Counter[str] = Counter()
        self._questions = 0
        for question in questions:
            self._questions += 1
            self._counts.update(set(_nouns(question)))

    def name(self, question: str) -> str | None:
        """The question's topic; None where it has no word that could be one.

        >>> chat = QuestionWords(["Где возврат?", "возврат по чеку", "Пустой чек", "Тариф", "Сканер", "Терминал", "Весы", "1С"])
        >>> chat.name("Подскажите, как сделать возврат по чеку без чека?")
        'возврат'
        """
        most = max(COMMON * self._questions, 2)
        own = [noun for noun in dict.fromkeys(_nouns(question)) if self._counts[noun] <= most]
        return max(own, key=lambda noun: self._counts[noun], default=None)


def _nouns(question: str) -> list[str]:
    found = (word for word in words(question) if len(word) >= SHORTEST and word not in STOP_WORDS)
    return [noun for word in found if not (is_code(word) or is_filler(word)) and (noun := _noun(word))]


def _noun(word: str) -> str | None:
    """A Russian noun in its dictionary form; of other languages nobody here knows what is one, so every word may be."""
    if word.isascii():
        return word
    likeliest = readings(word)[0]
    return fold(likeliest.lemma) if "NOUN" in likeliest.grammemes else None
