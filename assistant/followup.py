"""Whether a question leans on the one before it, told without a model. Pure: words and figures in, decision out.

The figures come from `evals/datasets/followups.jsonl`, pairs of questions to the sample chats: of 40 follow-ups 11 find
their unit alone and 39 understood so; of 24 next questions about something else 21 find theirs either way; of 24 that the
chats do not answer, 16 of them worded like follow-ups, 18 are refused alone and 19 so. In 248 pairs of unrelated
questions of the labelled sample no right answer was lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from assistant.retrieval.evidence import Verdict
from assistant.turns import Turn
from core.domain.text import STOP_WORDS, fold, is_code, is_filler, stem, tokens, words
from core.index.records import Hit
from core.privacy.types import MaskedText

FEW = 2
"""Words of its own, up to which a question that points back says too little to be searched for: alone something is found
for it all the same, and looks strong for 22 of 34 follow-ups, though it is right for 8."""

SOME = 5
"""Words of its own, up to which a question that points back may still lean on the one before it."""

SLACK = 0.003
"""How much worse a unit may fit both questions than it fits the first one alone, and still be taken to speak to the
second. Of 40 follow-ups 38 stay within it, of 24 questions off the subject ("А какая завтра погода?") 7."""

CHAIN = 3
"""Questions before it that are joined at most, where each leans on its predecessor."""


def _listed(*groups: str) -> frozenset[str]:
    return frozenset(word for group in groups for word in fold(group).split())


_OPENERS = _listed("а и но или тогда еще", "and but or then so also")
"""A question that begins so goes on from something."""

_POINTERS = _listed(
    "он она оно они его ее их ему ей им него нее них это этот эта эти этого этой этому этим этих того тот та те там туда"
    " тут здесь тогда так такой такое",
    "it its that this these those they them their there then he she him her one ones same still",
)
"""Words that stand for something said before."""

_EMPTY = frozenset(
    stem(word)
    for word in _listed(
        "почему зачем помогло помогает помог поможет работает работало получилось получается вышло выходит сделать делать"
        " пробовал",
        "help helped helps work worked works working tried happens happened",
    )
)
"""What is asked or said of any remedy: no subject of its own."""


class Leaning(StrEnum):
    """How much a question needs the one before it, by its words."""

    NONE = "none"
    PARTLY = "partly"
    """It is very short, or points back, and still says something."""
    WHOLLY = "wholly"
    """It points back, and has hardly a word of its own."""


class How(StrEnum):
    """How a question was understood."""

    ALONE = "alone"
    """As it stands."""
    JOINED = "joined"
    """With the words of the question before it."""
    CONDENSED = "condensed"
    """As the model put it, from what was said before."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What is searched for and answered."""

    text: MaskedText
    how: How
    cost_usd: Decimal = Decimal(0)


def leaning(question: MaskedText) -> Leaning:
    """How much a question, asked after another one, needs it.

    >>> [leaning(MaskedText(one)).value for one in ("А если он не помогает?", "А где взять новый код?", "на Бизнесе?")]
    ['wholly', 'partly', 'partly']
    >>> [leaning(MaskedText(one)).value for one in ("Как поставить логотип на чек?", "Ошибка E-305", "Спасибо!")]
    ['none', 'none', 'none']
    """
    own = _own_words(question)
    if is_filler(question) or any(is_code(token) for token in own):
        return Leaning.NONE
    said = words(question)
    points = not own or said[0] in _OPENERS or not _POINTERS.isdisjoint(said)
    if len(own) <= FEW:
        return Leaning.WHOLLY if points else Leaning.PARTLY
    return Leaning.PARTLY if points and len(own) <= SOME else Leaning.NONE


def context(before: Sequence[Turn]) -> MaskedText:
    """What a follow-up leans on: the question before it, and what that one leant on itself.

    >>> turns = [Turn(MaskedText(one), None) for one in ("Чек не печатается", "Нужен счёт для бухгалтера", "А акт?")]
    >>> context(turns)
    'Нужен счёт для бухгалтера\\nА акт?'
    """
    chain: list[str] = []
    for turn in reversed(before[-CHAIN:]):
        chain.insert(0, turn.question)
        if leaning(turn.question) is not Leaning.WHOLLY:
            break
    return MaskedText("\n".join(chain))


def continues(question: MaskedText, lean: Leaning, alone: Verdict, joined: Verdict, fitted: float | None) -> bool:
    """Whether a question that leans is better understood behind its context than alone.

    `fitted`: the cosine between the context alone and the unit that was found for both; None where that unit was not
    found for the context.
    """
    if not joined.answer or joined.source is None:
        return False
    rise = 0.0 if fitted is None or joined.source.dense is None else joined.source.dense - fitted
    shares = _shares_words(question, joined.source)
    if lean is Leaning.WHOLLY:
        return shares or rise >= -SLACK
    return shares and rise >= -SLACK and joined.strength >= alone.strength


def stands(question: MaskedText, lean: Leaning, alone: Verdict) -> bool:
    """Whether a question that does not continue anything may be answered alone: two vague words look like any unit."""
    return lean is not Leaning.WHOLLY or alone.source is None or _shares_words(question, alone.source)


def _shares_words(question: MaskedText, source: Hit) -> bool:
    """Whether a unit has a word of the question's own, or the question has none."""
    own = _own_words(question)
    known = {stem(word) for word in words(source.text)}
    return not own or any(stem(word) in known for token in own for word in words(token))


def _own_words(question: str) -> list[str]:
    """The words that say what it is about."""
    return [
        token
        for token in tokens(question)
        if token not in STOP_WORDS and token not in _POINTERS and stem(token) not in _EMPTY
    ]
