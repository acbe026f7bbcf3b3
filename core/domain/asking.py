"""What a message wants, and whether it says that the matter is over: by its words, in Russian and English. Pure.

The words are what support chats write, collected on the sample chats. How well it goes is told beside
`analytics.analysis.waiting`, which rests on it, as do the sums of threads.
"""

import re
from collections.abc import Sequence

from core.domain.lanes import NEGATIONS
from core.domain.text import fold, has_problem, is_substantive, is_thanks, words


def _forms(*groups: str) -> frozenset[str]:
    return frozenset(word for group in groups for word in fold(group).split())


_ASKING = _forms(
    "как почему зачем где куда когда сколько какой какая какие какое чем подскажите подскажи",
    "how why where when what which",
)
"""Among the first words of a message, they ask, be there a question mark or not."""
_HELP = _forms("подскажите подскажи помогите помоги хелп", "help")
_SOLVED = _forms(
    "заработало заработала заработал работает помогло получилось решилось решено решена решили сработало завелось сошлось"
    " пошло прошло прошла прошли нашла нашел зашла зашел пустило пустила открылось открылась загрузилось загрузилась ожило"
    " ожила появилось появилась починилось подключилось подключилась распечаталось",
    "works worked working solved resolved fixed sorted found",
)
_UNDERSTOOD = _forms("ок окей понял поняла принял приняла принято ясно понятно разберусь", "ok okay understood")
"""At the end of a message."""
_BUT = _forms("но однако", "but however")

_LINK = re.compile(r"https?://\S+")
_NO_TROUBLE = re.compile(r"\b(?:без|нет|no|without)\s+\w+", re.IGNORECASE)
_REPORT = 6
"""Words from which on a message tells of something."""
_OPENING = 3
"""Words of a message among which one that asks makes it a question."""
_LAST = 2
"""Words at the end of a message that say "understood", as the first one can ("Поняла, так и сделала")."""
_REACH = 2
"""Words before one that can turn it around: "так и не заработало", "still not really working"."""


def asks(text: str) -> bool:
    """Whether a message asks for something or says that something is broken.

    >>> [asks(text) for text in ("сколько касс можно на старте", "чек не приходит", "ок, понял", "можно, у меня работает")]
    [True, True, False, False]
    """
    if not is_substantive(text):
        return False
    without_links = _LINK.sub(" ", text)
    found = words(without_links)
    if "?" in without_links or is_broken(without_links) or not _HELP.isdisjoint(found):
        return True
    return len(found) > _OPENING and not _ASKING.isdisjoint(found[:_OPENING])


def reports(text: str) -> bool:
    """Whether a message with which a client begins a thread tells of something, though it asks nothing ("card reader wont pair,
    queue at the station"). What is shorter belongs to another conversation mostly ("flip the roll mate", "у нас тоже")."""
    return is_substantive(text) and len(words(text)) >= _REPORT


def is_broken(text: str) -> bool:
    """Whether a message says that something is broken, and not that nothing is.

    >>> is_broken("касса пишет ошибку"), is_broken("теперь без ошибок")
    (True, False)
    """
    return has_problem(_NO_TROUBLE.sub(" ", text))


def closes(text: str) -> bool:
    """Whether a message says that the matter is over: thanks, that it is understood, or that it works now, and no "but".

    >>> [closes(text) for text in ("Всё заработало, спасибо", "Так и не заработало", "спасибо, но чек пустой")]
    [True, False, False]
    """
    found = words(text)
    if "?" in text or not _BUT.isdisjoint(found):
        return False
    if not _UNDERSTOOD.isdisjoint(found[-_LAST:]) or (found[:1] and found[0] in _UNDERSTOOD and not is_broken(text)):
        return True
    works = any(word in _SOLVED and not _negated(found, at) for at, word in enumerate(found))
    return works or (is_thanks(text) and not is_broken(text) and _SOLVED.isdisjoint(found))


def _negated(found: Sequence[str], at: int) -> bool:
    return not NEGATIONS.isdisjoint(found[max(at - _REACH, 0) : at])
