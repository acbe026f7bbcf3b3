"""A year of 40 invented support chats, the same in every run: who said what when, and what the analysis made of it."""

from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random
from uuid import UUID

from core.contracts.messages import MessageObserved
from core.domain.lanes import Lane

ENDS = datetime(2026, 11, 1, tzinfo=UTC)
"""The benchmark's now."""
DAYS = 365
CHATS = 40
STAFF = 12
WINDOW = 50
TOPICS = 30
"""In each chat."""
SILENT = 0.12
"""Of the conversations nobody of the staff answers."""
URGENT = 0.01
WAITING = 0.02
"""Of the clients' messages that the windows found waiting."""

HOURS = list(accumulate((1, 1, 1, 1, 1, 2, 4, 8, 14, 18, 20, 20, 18, 18, 18, 17, 16, 14, 11, 9, 7, 5, 3, 2)))
"""When people write, hour by hour, added up."""
SIZES = list(accumulate((20, 22, 18, 12, 8, 6, 4, 3, 2, 2, 1, 1, 1)))
"""How long conversations are: so many of one message, of two, …; one in a hundred more is `LONG`."""
LONG = 30


@dataclass(frozen=True, slots=True)
class Said:
    """One message, as `core.domain.threads.Spoken` wants it, with its place."""

    message_id: int
    sender: str
    is_staff: bool
    sent_at: datetime
    text: str
    thread_id: int
    lane: Lane
    window: int
    """Which window of its chat it is in."""


@dataclass(frozen=True, slots=True)
class ChatYear:
    """One chat."""

    chat_id: int
    said: Sequence[Said]
    """In the order of their ids."""

    def window_id(self, window: int) -> UUID:
        """The same in every run."""
        return UUID(int=(-self.chat_id << 64) + window)

    def topic_id(self, topic: int) -> UUID:
        """Likewise."""
        return UUID(int=(-self.chat_id << 64) + (1 << 63) + topic)

    def topic_of(self, thread_id: int) -> int:
        """A conversation has one topic; few topics have most of them."""
        return min(thread_id * 2_654_435_761 % 1_000, thread_id * 40_503 % 1_000) * TOPICS // 1_000

    def threads(self) -> dict[int, list[Said]]:
        """The conversations, by their ids."""
        return _grouped((message.thread_id, message) for message in self.said)

    def windows(self) -> dict[int, list[Said]]:
        """The windows, by their numbers."""
        return _grouped((message.window, message) for message in self.said)


def year(messages: int, sayings: Sequence[MessageObserved], seed: int) -> Iterator[ChatYear]:
    """So many messages, chat by chat; the busiest has ten times as many as the quietest. `sayings`: what is said."""
    chance = Random(seed)
    clients = [one.text for one in sayings if not one.is_staff]
    staff = [one.text for one in sayings if one.is_staff]
    weights = [1 / (3 + number) for number in range(CHATS)]
    shares = [round(messages * weight / sum(weights)) for weight in weights]
    shares[0] += messages - sum(shares)
    for number, share in enumerate(shares):
        yield _chat(-1_003_000_000_000 - number, share, clients, staff, chance)


def _chat(chat_id: int, messages: int, clients: Sequence[str], staff: Sequence[str], chance: Random) -> ChatYear:
    drafted: list[tuple[datetime, int, str, bool, str]] = []
    thread = 0
    while len(drafted) < messages:
        thread += 1
        drafted += _conversation(thread, clients, staff, chance)
    drafted = sorted(drafted[:messages])
    first: dict[int, int] = {}
    said = []
    for message_id, (sent_at, drafted_thread, sender, is_staff, text) in enumerate(drafted, start=1):
        high = not is_staff and chance.random() < URGENT
        said.append(
            Said(
                message_id, sender, is_staff, sent_at, text, first.setdefault(drafted_thread, message_id),
                Lane.HIGH if high else Lane.LOW, (message_id - 1) // WINDOW,
            )
        )  # fmt: skip
    return ChatYear(chat_id, said)


def _conversation(
    thread: int, clients: Sequence[str], staff: Sequence[str], chance: Random
) -> Iterator[tuple[datetime, int, str, bool, str]]:
    day = ENDS - timedelta(days=1 + int(chance.random() * DAYS))
    hour = bisect(HOURS, chance.random() * HOURS[-1])
    at = day + timedelta(hours=min(hour, 23), seconds=int(chance.random() * 3_600))
    place = bisect(SIZES, chance.random() * SIZES[-1] * 1.01)
    size = place + 1 if place < len(SIZES) else LONG
    client, agent = f"c{int(chance.random() * 4_000)}", f"s{int(chance.random() * STAFF)}"
    silent = chance.random() < SILENT
    for place in range(size):
        is_staff = place > 0 and not silent and chance.random() < 0.5
        pool = staff if is_staff else clients
        text = pool[int(chance.random() * len(pool))]
        yield min(at, ENDS - timedelta(seconds=1)), thread, agent if is_staff else client, is_staff, text
        at += timedelta(seconds=20 + int(chance.expovariate(1 / 900)))


def _grouped(messages: Iterable[tuple[int, Said]]) -> dict[int, list[Said]]:
    found: dict[int, list[Said]] = defaultdict(list)
    for key, message in messages:
        found[key].append(message)
    return found
