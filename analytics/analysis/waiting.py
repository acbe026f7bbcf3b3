"""Which clients wait for an answer, without a model: by threads, by who spoke last, and by what the words ask. Pure.

Over the threads of the sample chats, each cut off behind every message of a client, it finds 0.92 of those that staff did
answer later, and 0.91 of what it finds is right (`tests/analytics/test_waiting.py`; it was written with them at hand).
Questions alone, by their mark and their words, are 0.57 of them: "card reader wont pair, queue at the station" is none.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from analytics.analysis.vocabulary import ASKING, BUT, HELP, SOLVED, UNDERSTOOD
from analytics.reading import Said
from core.domain.lanes import NEGATIONS
from core.domain.text import has_problem, is_substantive, is_thanks, words

REPORT = 6
"""Words from which on a client who begins a thread reports something. What is shorter, and asks nothing, belongs to another
conversation mostly ("flip the roll mate", "у нас тоже")."""

_LINK = re.compile(r"https?://\S+")
_NO_TROUBLE = re.compile(r"\b(?:без|нет|no|without)\s+\w+", re.IGNORECASE)
_OPENING = 3
"""Words of a message among which one that asks makes it a question."""
_LAST = 2
"""Words at the end of a message that say "understood"."""
_REACH = 2
"""Words before one that can turn it around: "так и не заработало", "still not really working"."""


def waiting_in(messages: Sequence[Said]) -> Iterator[Said]:
    """The messages that wait for staff, one for each client in each thread: the one that asks, or that begins it."""
    threads: dict[int, list[Said]] = defaultdict(list)
    for message in messages:
        threads[message.message_id if message.thread_id is None else message.thread_id].append(message)
    for thread_id, thread in threads.items():
        yield from _waiting_in(thread_id, thread)


def _waiting_in(thread_id: int, thread: Sequence[Said]) -> Iterator[Said]:
    staff = [message for message in thread if message.is_staff]
    begun_here = thread[0].message_id == thread_id
    said: dict[str, list[Said]] = defaultdict(list)
    for message in thread:
        if not (message.is_staff or message.answered) and is_substantive(message.text):
            said[message.sender].append(message)
    for own in said.values():
        if closes(own[-1].text):
            continue
        asking = next((message for message in own if asks(message.text)), None)
        if asking is not None:
            yield asking
        elif staff and "?" in staff[-1].text:
            yield own[0]  # staff has asked back, and this is the reply
        elif begun_here and not staff and own[0] is thread[0] and len(words(own[0].text)) >= REPORT:
            yield own[0]


def asks(text: str) -> bool:
    """Whether a message asks for something or says that something is broken.

    >>> [asks(text) for text in ("сколько касс можно на старте", "чек не приходит", "ок, понял", "можно, у меня работает")]
    [True, True, False, False]
    """
    without_links = _LINK.sub(" ", text)
    found = words(without_links)
    if "?" in without_links or is_broken(without_links) or not HELP.isdisjoint(found):
        return True
    return len(found) > _OPENING and not ASKING.isdisjoint(found[:_OPENING])


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
    if "?" in text or not BUT.isdisjoint(found):
        return False
    if not UNDERSTOOD.isdisjoint(found[-_LAST:]):
        return True
    works = any(word in SOLVED and not _negated(found, at) for at, word in enumerate(found))
    return works or (is_thanks(text) and not is_broken(text) and SOLVED.isdisjoint(found))


def _negated(found: Sequence[str], at: int) -> bool:
    return not NEGATIONS.isdisjoint(found[max(at - _REACH, 0) : at])
