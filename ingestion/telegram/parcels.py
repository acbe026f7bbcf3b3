"""What travels from hearing to publishing: messages, deletions, and how far they bring the count."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.contracts.messages import MessagesDeleted
from core.domain.chats import ChatKind
from core.privacy.types import RawText
from ingestion.raw import RawMessage
from ingestion.telegram.origins import Origin

Range = tuple[int, int]
"""Message ids, both ends included."""


@dataclass(slots=True)
class Chat:
    """A chat that is listened to. Stays in this process: it holds the real id."""

    chat_id: int
    """Marked; in a private chat the person's own."""
    stored_id: int
    kind: ChatKind
    title: RawText
    peer: Any
    """Telethon's input peer: id and access hash."""
    top_id: int = 0
    """The newest message id heard of."""
    origin: Origin | None = None
    """The basic group that it was before, where the account can read that."""

    @property
    def shared(self) -> bool:
        """Whether its message ids and events are counted with the account's."""
        return self.kind in (ChatKind.PRIVATE, ChatKind.GROUP)


@dataclass(frozen=True, slots=True)
class Advance:
    """How far the ledger may move once the parcel is safe."""

    box_id: int | None = None
    pts: int = 0
    told_at: datetime | None = None
    tops: Mapping[int, int] = field(default_factory=dict)
    """The newest message id heard of, by stored chat id."""
    covered: Mapping[int, Collection[Range]] = field(default_factory=dict)
    """Ranges of ids of which everything was in this parcel, by stored chat id."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """Published whole, in order with the others."""

    messages: tuple[tuple[Chat, RawMessage], ...] = ()
    deletions: tuple[MessagesDeleted, ...] = ()
    advance: Advance | None = None
    history: bool = False
    """From the past: urgent once, it goes with the batch lane."""


def without(ranges: Iterable[Range], ids: Iterable[int]) -> list[Range]:
    """The ranges with holes where the ids are.

    >>> without([(1, 10)], [4, 10])
    [(1, 3), (5, 9)]
    """
    left = list(ranges)
    for hole in ids:
        left = [
            piece
            for low, high in left
            for piece in ([(low, hole - 1), (hole + 1, high)] if low <= hole <= high else [(low, high)])
            if piece[0] <= piece[1]
        ]
    return left
