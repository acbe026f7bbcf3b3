"""Whether what was found is strong enough to answer from. Pure: hits in, decision and reason out.

The figures come from 62 questions that the sample chats answer and 22 that they do not (11 of these about the same
product), and from 1,239 questions to Q&A threads, asked with the right thread and without it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.domain.language import language_of
from core.domain.text import PLACEHOLDER, stem, words
from core.index.records import Hit
from core.index.search import OTHER_LANGUAGE
from core.privacy.types import MaskedText

STRONG = 0.865
"""The strength from which an answer is given, where `otklik evals calibrate` has fitted no other. On the sample 0.86 to 0.87
answers 58 or 59 of 62 (51 or 52 from the right unit) and refuses 19 to 21 of 22; at 0.855 it refuses 18, at 0.88 only 53 are
answered. e5 tells subjects apart better than neighbours within one: of the Q&A questions without their thread 96 % still
find a neighbour that looks strong, so an answer always shows its source."""

AHEAD_WEIGHT = 0.5
"""What the lead over the next unit adds to the cosine. A unit that stands out is the one; many alike mean that the
question only brushes their subject. Anything from 0.3 to 1 gives the same decisions within one question."""

UNKNOWN_NAME = 0.02
"""What a name in the question costs that the unit does not have ("Alexa", "amoCRM", "E-120"): to a vector one product
is like another. 8 % of the answerable and 50 % of the unanswerable questions of the sample have one. Without it 17
instead of 20 of 22 are refused."""

WORDS_ALONE = 0.65
"""The share of the question's words that a unit must have to be answered from before it is embedded. Of the answerable
questions 20 % reach it, of the others none whose unit was answered."""


class Reason(StrEnum):
    """Why an answer is given or refused."""

    STRONG = "strong"
    NOTHING_FOUND = "nothing_found"
    NOT_ANSWERED = "not_answered"
    """What fits was asked, but staff never answered it."""
    WEAK = "weak"
    """What staff answered is about something else."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of the unit an answer would rest on."""

    cosine: float | None
    """None where the unit is not embedded yet."""
    ahead: float
    """Its cosine less the highest of the others; negative where an unanswered unit is closer."""
    coverage: float
    """The share of the question's words, weighted by rarity, that it has."""
    other_language: bool
    """It is in the other language than the question."""
    unknown_names: tuple[str, ...]
    """Names and codes in the question that it does not have."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision, and what it rests on."""

    answer: bool
    reason: Reason
    source: Hit | None = None
    """The unit to answer from; also told when it was too weak."""
    evidence: Evidence | None = None
    strength: float = 0.0


def judge(question: MaskedText, hits: Sequence[Hit], threshold: float = STRONG) -> Verdict:
    """Decide about the best unit that was answered, of those found (best first, ten suffice).

    A newer one that scores almost the same is not preferred: at a margin of 0.003 two of 52 right answers of the sample
    are lost, at 0.01 four, and none is won. Neighbours are mostly other problems, seldom later news of the same one.
    """
    if not hits:
        return Verdict(answer=False, reason=Reason.NOTHING_FOUND)
    source = _answered(hits)
    if source is None:
        return Verdict(answer=False, reason=Reason.NOT_ANSWERED)
    evidence = evidence_for(question, source, hits)
    strength = strength_of(evidence, threshold)
    answer = strength >= threshold
    reason = Reason.STRONG if answer else (Reason.WEAK if source is hits[0] else Reason.NOT_ANSWERED)
    return Verdict(answer=answer, reason=reason, source=source, evidence=evidence, strength=strength)


def _answered(hits: Sequence[Hit]) -> Hit | None:
    """The best unit that staff answered. Where nobody is known as staff, what others said is all there is."""
    by_staff = next((hit for hit in hits if hit.staff_answered), None)
    return by_staff or next((hit for hit in hits if hit.answer is not None), None)


def evidence_for(question: MaskedText, source: Hit, hits: Sequence[Hit]) -> Evidence:
    """The facts about a unit among the others that were found."""
    others = [hit.dense for hit in hits if hit is not source and hit.dense is not None]
    ahead = source.dense - max(others) if source.dense is not None and others else 0.0
    return Evidence(
        cosine=source.dense,
        ahead=ahead,
        coverage=source.lexical,
        other_language=language_of(question) != language_of(source.text),
        unknown_names=tuple(_unknown(names_in(question), source.text)),
    )


def strength_of(evidence: Evidence, threshold: float = STRONG) -> float:
    """One number on the scale of the cosine; without one it is placed beside the threshold by its words."""
    unknown = UNKNOWN_NAME if evidence.unknown_names else 0.0
    if evidence.cosine is None:
        return threshold + evidence.coverage - WORDS_ALONE - unknown
    offset = OTHER_LANGUAGE if evidence.other_language else 0.0
    return evidence.cosine + offset + AHEAD_WEIGHT * evidence.ahead - unknown


_WORD = re.compile(r"[^\W_]+(?:[-.][^\W_]+)*")
_SENTENCE_END = ".?!:\n"
SHOUTING = 0.5
"""A question with this share of words in capitals is shouted, and one with a capital at every word is a headline: there
capitals mark no names."""


def names_in(question: str) -> list[str]:
    """The words that name one particular thing: codes, capitalised words inside a sentence, Latin words in Russian.

    >>> names_in("Можно подключить amoCRM? Ошибка E-120 на кассе Эвотор")
    ['amoCRM', 'E-120', 'Эвотор']
    """
    plain = PLACEHOLDER.sub(" ", question)
    found = [match for match in _WORD.finditer(plain) if len(match.group()) > 1]
    capitals = sum(match.group().isupper() for match in found)
    shouted = capitals > SHOUTING * len(found) or all(match.group()[0].isupper() for match in found)
    russian = re.search("[а-яё]", plain, re.IGNORECASE) is not None
    return [match.group() for match in found if _is_name(match, russian=russian, shouted=shouted)]


def _is_name(match: re.Match[str], *, russian: bool, shouted: bool) -> bool:
    word = match.group()
    letters = any(character.isalpha() for character in word)
    if letters and (any(character.isdigit() for character in word) or (russian and word.isascii())):
        return True
    before = match.string[: match.start()].rstrip()
    return word[0].isupper() and not shouted and bool(before) and before[-1] not in _SENTENCE_END


def _unknown(names: Sequence[str], text: str) -> list[str]:
    known = {stem(word) for word in words(text)}
    return [name for name in names if not all(stem(word) in known for word in words(name))]
