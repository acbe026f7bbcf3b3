"""How often a bot may write, by the rules of thumb in Telegram's bot FAQ. Off until a test switches it on."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.fakes.botapi.faults import Refused
from tests.fakes.botapi.model import Chat, Kind


@dataclass(slots=True)
class Bucket:
    """Tokens that come back steadily: `size` at once, then one every `seconds`."""

    size: int
    seconds: float
    tokens: float = field(init=False)
    at: float | None = None

    def __post_init__(self) -> None:
        self.tokens = self.size

    def wait(self, now: float) -> float:
        """How long until there is one, in seconds."""
        if self.at is not None:
            self.tokens = min(self.size, self.tokens + (now - self.at) / self.seconds)
        self.at = now
        return max(0.0, (1 - self.tokens) * self.seconds)


class Rates:
    """One message a second to a person with short bursts, 20 a minute to a group, 30 a second to all."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.enabled = False
        self._clock = clock
        self._all = Bucket(30, 1 / 30)
        self._chats: dict[int, Bucket] = {}

    def take(self, chat: Chat) -> None:
        """Count a message or an edit, or refuse it with 429."""
        if not self.enabled:
            return
        new = Bucket(5, 1.0) if chat.kind is Kind.PRIVATE else Bucket(20, 3.0)
        buckets = (self._chats.setdefault(chat.id, new), self._all)
        now = self._clock()
        wait = max(bucket.wait(now) for bucket in buckets)
        if wait > 0:
            seconds = math.ceil(wait)
            raise Refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        for bucket in buckets:
            bucket.tokens -= 1
