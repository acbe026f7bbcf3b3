"""How often the bot may write, by Telegram's own advice for bots: so that it is seldom told to wait."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Rate:
    """One request every `seconds`, and `burst` of them at once after a silence."""

    seconds: float
    burst: int


EVERYWHERE: Final = Rate(seconds=1 / 30, burst=25)
"""30 messages a second to all chats together."""
PRIVATE: Final = Rate(seconds=1.0, burst=4)
"""One message a second to a person; short bursts pass."""
GROUP: Final = Rate(seconds=3.0, burst=15)
"""20 messages a minute to a group; some are left to the unexpected."""
REMEMBERED: Final = 10_000
"""Chats, above which those that have rested are forgotten."""


class Pace:
    """Counts requests. A chat is known by its id in our tables: groups have negative ones."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._everywhere = 0.0
        self._chats: dict[int, float] = {}
        """When each would have no debt left, on the clock."""

    def wait(self, chat_id: int, *, spare: int = 0) -> float:
        """Seconds until one more request may be made to this chat, leaving `spare` of its burst to others; 0 for now."""
        now = self._clock()
        rate = GROUP if chat_id < 0 else PRIVATE
        chat = self._chats.get(chat_id, now) - now - (rate.burst - 1 - spare) * rate.seconds
        everywhere = self._everywhere - now - (EVERYWHERE.burst - 1) * EVERYWHERE.seconds
        return max(0.0, chat, everywhere)

    def count(self, chat_id: int) -> None:
        """One request was made."""
        now = self._clock()
        if len(self._chats) >= REMEMBERED:
            self._chats = {known: until for known, until in self._chats.items() if until > now}
        rate = GROUP if chat_id < 0 else PRIVATE
        self._chats[chat_id] = max(now, self._chats.get(chat_id, now)) + rate.seconds
        self._everywhere = max(now, self._everywhere) + EVERYWHERE.seconds
