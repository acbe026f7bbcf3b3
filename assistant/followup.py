"""Whether a question leans on the one before it, told by its words alone. Pure: words in, decision out."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from assistant.turns import Turn
from core.domain.text import STOP_WORDS, fold, is_code, tokens, words
from core.privacy.types import MaskedText

FEW = 2
"""Words of its own, up to which a question that points back says too little to be searched for."""

SOME = 5
"""Words of its own, up to which a question may still lean on the one before it, if nothing is found for it alone."""


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


class Leaning(StrEnum):
    """Whether a question needs what was said before it."""

    NO = "no"
    PERHAPS = "perhaps"
    """Short: only if nothing is found for it alone."""
    YES = "yes"


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
    """Whether a question, asked after another one, says enough by itself.

    >>> leaning(MaskedText("А если он не помогает?")), leaning(MaskedText("Как поставить логотип на чек?"))
    (<Leaning.YES: 'yes'>, <Leaning.PERHAPS: 'perhaps'>)
    """
    own = [token for token in tokens(question) if token not in STOP_WORDS and token not in _POINTERS]
    if len(own) > SOME or any(is_code(token) for token in own):
        return Leaning.NO
    said = words(question)
    points = bool(said) and (said[0] in _OPENERS or not _POINTERS.isdisjoint(said))
    return Leaning.YES if len(own) <= FEW and points else Leaning.PERHAPS


def joined(question: MaskedText, before: Sequence[Turn]) -> Understood:
    """The question behind the one before it."""
    return Understood(MaskedText(f"{before[-1].question}\n{question}"), How.JOINED)
