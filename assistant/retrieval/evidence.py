"""Whether what was found is strong enough to answer from. Pure: hits in, decision and reason out.

The figures come from 62 questions that the sample chats answer and 22 that they do not (11 of these about the same
product), and from 1,239 questions to Q&A threads, asked with the right thread and without it; those about small scopes
from the same 84 questions, asked of 1 to 40 units drawn from the sample.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.domain.language import language_of
from core.domain.text import PLACEHOLDER, STOP_WORDS, stem, tokens, words
from core.index.records import Hit
from core.index.search import OTHER_LANGUAGE
from core.privacy.types import MaskedText

LOOKED_AT = 8
"""Units looked at. The right one is among the first five for 97 of 100 questions of the labelled sets; a few more cost
little and let the model see contradictions. Where fewer are found there are no more: the asker may see hardly anything."""

STRONG = 0.865
"""The strength from which an answer is given, where `otklik evals calibrate` has fitted no other. On the sample it answers
60 of 62 (53 from the right unit) and refuses 21 of 22; at 0.86 it refuses 18, at 0.88 only 56 are answered. e5 tells subjects
apart better than neighbours within one: a question whose unit is not there still finds one that looks strong among 40 of the
sample's in 32 of 100 cases, so an answer always shows its source."""

AHEAD_WEIGHT = 0.5
"""What the lead over the next unit adds to the cosine. A unit that stands out is the one; many alike mean that the
question only brushes their subject. Anything from 0.3 to 1 gives the same decisions within one question. Among fewer than
`LOOKED_AT` a lead says nothing, since something is always the nearest: with it, 27 of 100 questions to two units that do not
answer them were answered, without it 13, and of 65 that one of the two answers 60 instead of 62."""

UNKNOWN_NAME = 0.02
"""What a name in the question costs that the unit does not have ("Alexa", "amoCRM", "E-120"): to a vector one product
is like another. 8 % of the answerable and 50 % of the unanswerable questions of the sample have one. Without it 18
instead of 21 of 22 are refused."""

SHARED = 0.3
"""The share of the question's own words that a unit has, at which they speak neither for it nor against it. To e5 all
questions to one product are near each other; their words are not. With them 53 instead of 52 of the 62 are answered from
the right unit and 21 instead of 18 of the 22 refused; of questions to two units that do not answer them 6 of 100 are
answered instead of 13, to forty 32 instead of 44, and no right answer is lost."""

SHARED_MOST = 0.4
"""More than that proves no more: of two vague words any unit may have both."""

SHARED_WEIGHT = 0.1
"""What the share adds to the cosine, or takes from it."""

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
    shared: float | None
    """The share of the question's own words that it has, each counted alike: among three units no word is rare. None where
    that says nothing: the question has no word of its own, or the unit is in the other language."""
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
    """Decide about the best unit that was answered, of those found (best first; `LOOKED_AT`, or all there are).

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
    other_language = language_of(question) != language_of(source.text)
    return Evidence(
        cosine=source.dense,
        ahead=ahead if len(hits) >= LOOKED_AT else min(ahead, 0.0),
        coverage=source.lexical,
        shared=None if other_language else _shared(question, source.text),
        other_language=other_language,
        unknown_names=tuple(_unknown(names_in(question), source.text)),
    )


def strength_of(evidence: Evidence, threshold: float = STRONG) -> float:
    """One number on the scale of the cosine; without one it is placed beside the threshold by its words."""
    unknown = UNKNOWN_NAME if evidence.unknown_names else 0.0
    if evidence.cosine is None:
        return threshold + evidence.coverage - WORDS_ALONE - unknown
    offset = OTHER_LANGUAGE if evidence.other_language else 0.0
    shared = 0.0 if evidence.shared is None else SHARED_WEIGHT * (min(evidence.shared, SHARED_MOST) - SHARED)
    return evidence.cosine + offset + AHEAD_WEIGHT * evidence.ahead + shared - unknown


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


def _shared(question: str, text: str) -> float | None:
    own = {stem(word) for token in tokens(question) if token not in STOP_WORDS for word in words(token)}
    return len(own & {stem(word) for word in words(text)}) / len(own) if own else None


def _unknown(names: Sequence[str], text: str) -> list[str]:
    known = {stem(word) for word in words(text)}
    return [name for name in names if not all(stem(word) in known for word in words(name))]
