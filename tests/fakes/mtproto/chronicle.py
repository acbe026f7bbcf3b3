"""What happened, numbered as Telegram numbers it: the `pts` of the account and of each channel, and the `seq`."""

import bisect
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.fakes.mtproto.model import Post, Room


class What(StrEnum):
    """What happened."""

    NEW = "new"
    EDIT = "edit"
    DELETE = "delete"
    ROOM = "room"
    REACTION = "reaction"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, as clients hear of it. `pts` is 0 where the update carries none."""

    what: What
    room: "Room"
    at: float
    pts: int = 0
    count: int = 0
    seq: int = 0
    post: "Post | None" = None
    ids: tuple[int, ...] = ()


class Journal:
    """One `pts` sequence with all that happened in it."""

    def __init__(self) -> None:
        self.pts = 1
        self._events: list[Event] = []

    def advance(self, count: int) -> int:
        """The `pts` after `count` more events."""
        self.pts += count
        return self.pts

    def append(self, event: Event) -> None:
        """Keep an event that `advance` gave its number."""
        self._events.append(event)

    def since(self, pts: int) -> list[Event]:
        """What a client that knows `pts` has missed, oldest first."""
        return self._events[bisect.bisect_right(self._events, pts, key=lambda event: event.pts) :]


Watcher = Callable[[list[Event]], None]
"""Hears of events that travel in one packet."""


class Chronicle:
    """The account's time line. Whoever holds `lock` sees, and makes, consistent history."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.journal = Journal()
        self.notices: list[Event] = []
        self.seq = 1
        self.skew = 0.0
        self.watchers: list[Watcher] = []
        self._packet: list[Event] | None = None

    def clock(self) -> float:
        """The server's time."""
        return time.time() + self.skew

    def now(self) -> datetime:
        """The server's time in whole seconds, as Telegram tells it."""
        return datetime.fromtimestamp(self.clock(), UTC).replace(microsecond=0)

    def record(
        self, what: What, room: "Room", *, count: int = 0, post: "Post | None" = None, ids: tuple[int, ...] = ()
    ) -> None:
        """Number what happened, keep it for whoever asks later, and tell who listens now."""
        at = room.changed = self.clock()
        if count:
            journal = room.journal if room.is_channel else self.journal
            event = Event(what, room, at, journal.advance(count), count, 0, post, ids)
            journal.append(event)
        elif what is What.ROOM:
            self.seq += 1
            event = Event(what, room, at, seq=self.seq)
            self.notices.append(event)
        else:
            event = Event(what, room, at, post=post)
        if room.joined or what is What.ROOM:
            self._tell(event)

    @contextmanager
    def together(self) -> Iterator[None]:
        """What happens within the block is told in one packet at its end."""
        with self.lock:
            if self._packet is not None:
                yield
                return
            self._packet = []
            try:
                yield
            finally:
                packet, self._packet = self._packet, None
                self._pass_on(packet)

    def _tell(self, event: Event) -> None:
        if self._packet is None:
            self._pass_on([event])
        elif event.what is What.ROOM:  # it has a number of its own, which a packet has one of
            self._pass_on(self._packet)
            self._packet = []
            self._pass_on([event])
        else:
            self._packet.append(event)

    def _pass_on(self, packet: list[Event]) -> None:
        for watcher in self.watchers if packet else ():
            watcher(packet)
