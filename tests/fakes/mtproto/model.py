"""What the fake Telegram is made of. Plain data: nothing here knows how it looks on the wire."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, TypeAlias

from tests.fakes.mtproto.chronicle import Journal
from tests.fakes.mtproto.tl import TL


class Kind(StrEnum):
    """The four sorts of conversation. The first two share the account's message ids and `pts`."""

    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


@dataclass(eq=False, slots=True)
class Person:
    """A user or a bot."""

    id: int
    first_name: str
    access_hash: int
    last_name: str | None = None
    username: str | None = None
    phone: str | None = None
    bot: bool = False
    language: str | None = None
    deleted: bool = False
    contact: bool = False

    @property
    def marked_id(self) -> int:
        """The id as Telethon's `chat_id` and the Bot API write it."""
        return self.id


@dataclass(frozen=True, slots=True)
class Media:
    """What hangs on a message. There are no bytes behind it."""

    kind: Literal["photo", "document", "voice", "sticker"] = "photo"
    name: str = "file.pdf"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a message answers: a message (maybe of another chat), a part of it, a topic."""

    message_id: int
    top_id: int | None = None
    room: "Room | None" = None
    quote: str | None = None
    topic: bool = False


@dataclass(frozen=True, slots=True)
class Forward:
    """Where a forwarded message came from; a hidden account is only a name."""

    date: datetime
    sender: "Person | Room | None" = None
    name: str | None = None
    channel_post: int | None = None


@dataclass(eq=False, slots=True)
class Post:
    """A message. `text` is the caption where there is media; `action` makes it a service message."""

    id: int
    room: "Room"
    sender: "Person | Room | None"
    text: str
    date: datetime
    entities: tuple[TL, ...] = ()
    media: Media | None = None
    reply: Reply | None = None
    forward: Forward | None = None
    grouped_id: int | None = None
    action: TL | None = None
    via_bot: Person | None = None
    silent: bool = False
    signature: str | None = None
    edited: datetime | None = None
    edit_hidden: bool = False
    reactions: dict[str, int] = field(default_factory=dict)
    deleted: bool = False


@dataclass(eq=False, slots=True)
class Topic:
    """A topic of a forum. Its id is the id of the service message that made it; 1 is "General"."""

    id: int
    room: "Room"
    title: str
    creator: Person
    date: datetime
    closed: bool = False


@dataclass(eq=False, slots=True)
class Room:
    """A conversation of the account. `posts` holds what is not deleted, in ascending order of id."""

    id: int
    kind: Kind
    title: str
    access_hash: int
    created: datetime
    person: Person | None = None
    username: str | None = None
    forum: bool = False
    joined: bool = True
    archived: bool = False
    pinned: bool = False
    members: dict[int, Person] = field(default_factory=dict)
    admins: set[int] = field(default_factory=set)
    posts: dict[int, Post] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)
    last_id: int = 0
    journal: Journal = field(default_factory=Journal)
    changed: float = 0.0
    topics: dict[int, Topic] = field(default_factory=dict)
    migrated_to: "Room | None" = None
    migrated_from: "Room | None" = None

    @property
    def is_channel(self) -> bool:
        """Supergroups and channels have message ids and a `pts` of their own."""
        return self.kind in (Kind.SUPERGROUP, Kind.CHANNEL)

    @property
    def marked_id(self) -> int:
        """The id as Telethon's `chat_id` and the Bot API write it."""
        if self.kind is Kind.PRIVATE:
            return self.id
        return -1_000_000_000_000 - self.id if self.is_channel else -self.id

    @property
    def top(self) -> Post | None:
        """The newest message."""
        return self.posts[self.order[-1]] if self.order else None


@dataclass(eq=False, slots=True)
class Folder:
    """A folder of the account (a "dialog filter")."""

    id: int
    title: str
    include: list[Room] = field(default_factory=list)
    exclude: list[Room] = field(default_factory=list)
    pinned: list[Room] = field(default_factory=list)
    groups: bool = False
    broadcasts: bool = False
    contacts: bool = False
    shared: bool = False
    """A folder that came by an invitation link; Telegram then knows no exclusions."""


Place: TypeAlias = Room | Person
"""Where a message is posted: a person stands for the private chat with them."""
