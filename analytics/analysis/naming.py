"""A topic's name without a model: the words of its question that the chat's questions share. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from core.domain.text import STOP_WORDS, has_problem, is_code, is_filler, stem, words

COMMON = 0.25
"""A word of so many of the chat's questions names none of them: the product itself, mostly."""
WORDS = 2
SHORTEST = 3


class QuestionWords:
    """In how many of a chat's questions each word stands."""

    def __init__(self, questions: Iterable[str]) -> None:
        self._counts: Counter[str] = Counter()
        self._forms: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._questions = 0
        for question in questions:
            self._questions += 1
            self._counts.update({stem(word) for word in _content(question)})
            for word in _content(question):
                self._forms[stem(word)][word] += 1

    def name(self, question: str) -> str | None:
        """The question's topic; None where it has no word that could be one.

        >>> chat = QuestionWords(["Где возврат?", "возврат по чеку", "Пустой чек", "Тариф", "Сканер", "Терминал", "Весы", "1С"])
        >>> chat.name("Подскажите, как сделать возврат по чеку без чека?")
        'возврат чек'
        """
        own = {stem(word): word for word in _content(question)}
        most = max(COMMON * self._questions, 2)
        counted = [(one, self._counts[one]) for one in own if self._counts[one] <= most]
        best = sorted(counted, key=lambda pair: (-pair[1], -len(pair[0]), pair[0]))[:WORDS]
        return " ".join(sorted(self._shown(one, own[one]) for one, _ in best)) or None

    def _shown(self, one: str, own: str) -> str:
        """A word in the form that the chat uses most."""
        forms = self._forms.get(one)
        return max(forms, key=lambda form: (forms[form], form)) if forms else own


def _content(question: str) -> list[str]:
    return [
        word
        for word in words(question)
        if len(word) >= SHORTEST
        and word not in STOP_WORDS
        and not (is_code(word) or is_filler(word) or has_problem(word))
    ]
