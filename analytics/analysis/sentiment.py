"""How a message sounds, by its words and signs. Pure.

No library on the registry reads both languages without a model to be downloaded, so these are lists of our own: what
people write in support chats. They tell annoyed from content; irony they do not. Of the sample chats' messages that a person
called annoyed or content (`evals/datasets/moods.jsonl`) they find four of five, and are right in nine of ten of what they
find; the lists were written with them at hand.
"""

import re

from analytics.analysis.vocabulary import BAD, BAD_FORMS, GOOD, GOOD_FORMS, WISHING
from core.domain.asking import is_broken
from core.domain.lanes import NEGATIONS
from core.domain.text import fold, stem

REACH = 2
"""Words before one that can turn it around: "не очень удобно", "not really helpful"."""
WEIGHT = 0.5
"""What the first word or sign counts; two of a kind make it certain."""
TROUBLE = 0.25
"""What a fault counts that is reported calmly, be it named once or five times: slightly below matter-of-fact."""
SHOUTED = 6
"""Words from which on a message that ends in an exclamation mark is no "зашла!" but somebody who has had enough."""

_PATIENCE = re.compile(
    r"\b(?:втор|треть?|четверт|пят)\w{1,3} (?:день|дня|недел\w|раз|час\w?|сутки|месяц)\b|\bсколько можно\b|\bдо сих пор\b"
    r"|\bкогда уже\b|\bтак и не\b|\bлюди уходят\b|\bуже (?:час|полчаса|день|недел\w|месяц)\b|\bнедел\w жд|\bхоть бы раз\b"
    r"|\b(?:second|third|fourth) (?:day|week|time)\b|\bfor (?:hours|days|weeks)\b|\ball (?:day|night|week)\b|\bstill no"
    r"|\bevery time\b"
)
"""Somebody has waited for too long, or gone through it too often."""
_HAPPY = re.compile(r"[👍❤🎉😊😀😁😄🙂😍😘🥳🙏🔥👏👌💪🤝🎶]|:-?\)|\)\)")
_UNHAPPY = re.compile(r"[😡🤬👎😠😤😢😭😱😞😔😕💔🤦]|:-?\(|\(\(|!{3,}|\?{2,}|\w\((?=\s|$)")
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


def sentiment(text: str) -> float:
    """-1 (angry) to 1 (happy); 0 for what is matter-of-fact.

    >>> [sentiment(text) for text in ("Всё отлично, спасибо!", "Где настройки?", "Ужас, опять не удобно!!!")]
    [1.0, 0.0, -1.0]
    >>> [sentiment(text) for text in ("касса пишет ошибку", "третий день касса не работает", "мы на старте(")]
    [-0.25, -0.75, -0.5]
    """
    folded = fold(text)
    found = _WORD.findall(folded)
    moods = [_of(found, at) for at in range(len(found))]
    score = sum(moods) + len(_HAPPY.findall(text)) - len(_UNHAPPY.findall(text)) - len(_PATIENCE.findall(folded))
    shouted = text.rstrip().endswith("!") and len(found) >= SHOUTED and max(moods, default=0) <= 0
    trouble = TROUBLE if is_broken(text) and score <= 0 else 0
    return max(-1.0, min(1.0, WEIGHT * (score - shouted) - trouble))


def _of(found: list[str], at: int) -> int:
    form, word = found[at], stem(found[at])
    before = found[max(at - REACH, 0) : at]
    turned = -1 if not NEGATIONS.isdisjoint(before) else 1
    if word in GOOD or form in GOOD_FORMS:
        return 0 if not WISHING.isdisjoint(found[max(at - REACH - 1, 0) : at + 2]) else turned
    # "без ошибок" is no joy, only no trouble.
    return -1 if (word in BAD or form in BAD_FORMS) and turned == 1 else 0
