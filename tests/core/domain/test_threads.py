"""What a thread comes to: who asked, when staff answered, who still waits."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from core.domain.threads import ThreadMessage, ThreadSummary, summarise
from core.privacy.types import MaskedText

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ASKS, TELLS, THANKS = "Не печатается чек, что делать?", "Стоит на складе", "Спасибо, помогло"
REPORTS = "card reader wont pair, queue at the station"


def said(minute: int, who: str, words: str) -> ThreadMessage:
    """`who`: the pseudonym; staff's begin with an `s`."""
    at = NOON + timedelta(minutes=minute)
    return ThreadMessage(minute, who, who.startswith("s"), at, MaskedText(words))


def at(minute: int | None) -> datetime | None:
    return None if minute is None else NOON + timedelta(minutes=minute)


def summed(*messages: ThreadMessage) -> ThreadSummary:
    """The same in any order of the messages."""
    found = summarise(messages)
    assert found == summarise(random.Random(1).sample(messages, len(messages)))
    return found


def test_a_thread_is_counted_and_knows_its_ends() -> None:
    found = summed(said(1, "anna", TELLS), said(2, "s1", TELLS), said(5, "boris", TELLS))
    assert (found.messages, found.staff_messages, found.last_by_staff) == (3, 1, False)
    assert (found.began_at, found.last_at) == (at(1), at(5))
    assert found.asker is None
    assert found.asked_at is None
    assert found.answered_at is None
    assert found.open_at is None


@pytest.mark.parametrize(
    ("messages", "asker", "asked", "answered", "waits"),
    [
        ([said(1, "anna", ASKS)], "anna", 1, None, 1),
        ([said(1, "anna", "Добрый день!"), said(2, "anna", ASKS)], "anna", 2, None, 2),
        ([said(1, "anna", ASKS), said(3, "s1", TELLS)], "anna", 1, 3, None),
        ([said(1, "s1", ASKS), said(3, "anna", TELLS)], None, None, None, None),  # staff asks nobody's question
        ([said(1, "s1", TELLS), said(3, "anna", ASKS)], "anna", 3, None, 3),  # what was said before answers nothing
        ([said(1, "anna", ASKS), said(3, "s1", TELLS), said(4, "s2", TELLS)], "anna", 1, 3, None),
        ([said(1, "anna", ASKS), said(3, "s1", TELLS), said(9, "boris", ASKS)], "anna", 1, 3, 9),
        ([said(1, "anna", ASKS), said(3, "s1", TELLS), said(9, "anna", THANKS)], "anna", 1, 3, None),
        ([said(1, "anna", ASKS), said(2, "anna", ASKS)], "anna", 1, None, 1),  # since the first
        ([said(1, "anna", ASKS), said(2, "boris", TELLS), said(3, "anna", THANKS)], "anna", 1, None, None),
        ([said(1, "anna", ASKS), said(2, "boris", THANKS)], "anna", 1, None, 1),  # another's thanks settle nothing
        ([said(1, "anna", ASKS), said(2, "anna", THANKS), said(3, "boris", ASKS)], "anna", 1, None, 3),
        ([said(1, "anna", ASKS), said(2, "anna", "Спасибо, а теперь что делать?")], "anna", 1, None, 1),
        ([said(1, "anna", REPORTS)], "anna", 1, None, 1),
        ([said(1, "s1", TELLS), said(2, "anna", REPORTS)], None, None, None, None),  # only who begins a thread reports
        ([said(1, "anna", ASKS), said(2, "s1", "Какая модель?"), said(3, "anna", "Атол 91")], "anna", 1, 2, 3),
        ([said(1, "anna", ASKS), said(2, "s1", "Помогло?"), said(3, "anna", "да, заработало")], "anna", 1, 2, None),
        ([said(1, "anna", ASKS), said(2, "s1", TELLS), said(3, "anna", "Атол 91")], "anna", 1, 2, None),
    ],
)
def test_who_asked_who_answered_and_who_waits(
    messages: list[ThreadMessage], asker: str | None, asked: int | None, answered: int | None, waits: int | None
) -> None:
    found = summed(*messages)
    assert (found.asker, found.asked_id, found.asked_at) == (asker, asked, at(asked))
    assert found.answered_at == at(answered)
    assert (found.open_id, found.open_at) == (waits, at(waits))


def test_messages_of_one_moment_are_in_the_order_of_their_ids() -> None:
    first, second = (ThreadMessage(n, who, who == "s1", NOON, MaskedText(ASKS)) for n, who in ((7, "anna"), (8, "s1")))
    assert summed(second, first).answered_at == NOON
