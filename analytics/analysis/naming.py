"""A topic's name without a model. Pure.

A topic that the chat has already, where all its words stand in the question; else the noun that the conversation comes back
to, or the chat does. A word that is said once names nothing: of the lone nouns of the sample chats half are chance
("самсунг", "глаз", "удача"). One noun, because two are nearly always a pair of their own: 69 questions of a sample chat get
61 names of two nouns and 36 of one ("чек" ten times, "карта" six), and only what comes again is a topic.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from analytics.analysis.vocabulary import SAYING_NOTHING, SAYING_NOTHING_STEMS
from core.domain.text import STOP_WORDS, fold, is_code, is_filler, stem, words
from core.privacy.models import readings

TELLING = 2
"""Words that a name must have for a longer text to mean it: "чек" alone is not "возврат по чеку"."""
COMMON, COMMON_FROM = 0.25, 5
"""A word of so many of the chat's questions names none of them: the product itself, mostly. In a small chat too few tell."""
SHORTEST = 3

_PROPER = frozenset({"Name", "Surn", "Patr", "Geox"})
"""Of people and places."""


class ChatWords:
    """What a chat's topics are called, and in how many of its questions each noun stands."""

    def __init__(self, questions: Iterable[str], topics: Iterable[str] = ()) -> None:
        """`topics`: the names of its topics, former ones too."""
        self._topics = sorted(topics, key=lambda name: -len(name_stems(name)))
        self._counts: Counter[str] = Counter()
        self._forms: dict[str, str] = {}
        self._questions = 0
        for question in questions:
            self._questions += 1
            found = dict(_nouns(question))
            self._counts.update(found.keys())
            for key, form in found.items():
                self._forms[key] = min(form, self._forms.get(key, form), key=len)

    def name(self, question: str, thread: Sequence[str]) -> str | None:
        """The topic of a question, which is one of the messages of its thread; None where no word of it comes again.

        >>> chat = ChatWords(["Где возврат?", "возврат по чеку", "Пустой чек", "Тариф", "Printers?"], ["касса не печатает"])
        >>> chat.name("Подскажите, как сделать возврат?", ["Подскажите, как сделать возврат?"])
        'возврат'
        >>> chat.name("Весы молчат", ["Весы молчат"]), chat.name("Весы молчат", ["Весы молчат", "Какие весы?"])
        (None, 'весы')
        >>> chat.name("Не печатает касса", ["Не печатает касса"]), chat.name("my printer", ["my printer", "which printer?"])
        ('касса не печатает', 'printer')
        """
        stems = name_stems(question)
        held = next(
            (name for name in self._topics if len(name_stems(name)) >= TELLING and name_stems(name) <= stems), None
        )
        return held or self._noun(question, thread)

    def _noun(self, question: str, thread: Sequence[str]) -> str | None:
        own = dict(reversed(list(_nouns(question))))
        said = Counter(key for text in thread for key in dict(_nouns(text)))
        most = max(COMMON * self._questions, COMMON_FROM)
        again = [key for key in reversed(own) if self._counts[key] <= most and (said[key] > 1 or self._counts[key] > 1)]
        best = max(again, key=lambda key: (said[key] > 1, self._counts[key]), default=None)
        return None if best is None else min(own[best], self._forms.get(best, own[best]), key=len)


def name_stems(name: str) -> frozenset[str]:
    """The stems of the words that tell."""
    return frozenset(stem(word) for word in words(name) if word not in STOP_WORDS)


def _nouns(text: str) -> Iterable[tuple[str, str]]:
    """Each noun of a text, by what its forms have in common, and as it is written here."""
    for word in words(text):
        if len(word) < SHORTEST or word in STOP_WORDS or is_code(word) or is_filler(word):
            continue
        if word.isascii():
            if (root := stem(word)) not in SAYING_NOTHING_STEMS:
                yield root, word
        elif (noun := _russian_noun(word)) is not None:
            yield noun, noun


def _russian_noun(word: str) -> str | None:
    """Its dictionary form; None where it is no noun, or one that says nothing."""
    likeliest = readings(word)[0]
    lemma = fold(likeliest.lemma)
    is_thing = "NOUN" in likeliest.grammemes and _PROPER.isdisjoint(likeliest.grammemes)
    return lemma if is_thing and lemma not in SAYING_NOTHING else None
