"""How a message sounds, by its words. Pure.

No library on the registry reads both languages without a model to be downloaded, so these are lists of our own: what
people write in support chats, as stems. They tell annoyed from content; irony they do not.
"""

import re

from core.domain.lanes import NEGATIONS
from core.domain.text import fold, stem

REACH = 2
"""Words before one that can turn it around: "не очень удобно", "not really helpful"."""
WEIGHT = 0.5
"""What the first word counts; two of a kind make it certain."""


def _stems(*groups: str) -> frozenset[str]:
    return frozenset(stem(word) for group in groups for word in fold(group).split())


GOOD = _stems(
    "спасибо благодарю супер отлично отличный классно круто здорово прекрасно замечательно удобно удобный нравится рад рада"
    " молодцы выручили быстро помогло заработало получилось люблю восторг идеально шикарно",
    "thanks thank great awesome excellent perfect love nice cool helpful amazing wonderful happy glad solved worked works"
    " brilliant fantastic appreciate",
)
BAD = _stems(
    "ужас ужасно ужасный кошмар бред позор отвратительно плохо плохой безобразие надоело достало достали бесит злюсь зол"
    " издевательство сколько-можно невозможно задолбало катастрофа разочарован разочарована теряем убытки жалоба обман верните"
    " сломалось сломано вылетает зависает глючит тормозит ошибка авария беда проблема хуже",
    "terrible awful horrible bad worst worse hate angry annoying annoyed useless ridiculous unacceptable disappointed"
    " disappointing frustrated frustrating broken crash crashes fails failed error problem nightmare losing refund complaint"
    " scam sucks",
)
_SIGNS = {"good": re.compile("[👍❤🎉😊😀😍🙏🔥]|:\\)|\\)\\)"), "bad": re.compile("[😡🤬👎😠😤😢😭]|:\\(|\\(\\(|!{3,}")}
_WORD = re.compile(r"[^\W_]+")


def sentiment(text: str) -> float:
    """-1 (angry) to 1 (happy); 0 for what is matter-of-fact.

    >>> [sentiment(text) for text in ("Всё отлично, спасибо!", "Где настройки?", "Ужас, опять не удобно!!!")]
    [1.0, 0.0, -1.0]
    """
    found = _WORD.findall(fold(text))
    score = sum(_of(stem(word), found[max(at - REACH, 0) : at]) for at, word in enumerate(found))
    score += len(_SIGNS["good"].findall(text)) - len(_SIGNS["bad"].findall(text))
    return max(-1.0, min(1.0, WEIGHT * score))


def _of(word: str, before: list[str]) -> int:
    turned = -1 if not NEGATIONS.isdisjoint(before) else 1
    if word in GOOD:
        return turned
    # "без ошибок" is no joy, only no trouble.
    return -1 if word in BAD and turned == 1 else 0
