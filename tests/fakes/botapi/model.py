"""What the fake Telegram is made of, as plain data. Entities and keyboards are aiogram's own frozen types."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from aiogram.types import InlineKeyboardMarkup, MessageEntity
from aiogram.types.reply_markup_union import ReplyMarkupUnion

GENERAL = 1
"""The id of a forum's first topic. Its messages carry no thread, and a message sent to thread 1 is refused."""


class Kind(StrEnum):
    """The sorts of conversation. Message ids of the first two come from one sequence, a supergroup has its own."""

    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"


class Status(StrEnum):
    """What somebody is in a chat."""

    CREATOR = "creator"
    ADMINISTRATOR = "administrator"
    MEMBER = "member"
    LEFT = "left"
    KICKED = "kicked"

    @property
    def inside(self) -> bool:
        """Is in the chat."""
        return self not in (Status.LEFT, Status.KICKED)

    @property
    def rules(self) -> bool:
        """Administers the chat."""
        return self in (Status.CREATOR, Status.ADMINISTRATOR)


@dataclass(eq=False, slots=True, repr=False)
class User:
    """Somebody with an account. People who act are `tests.fakes.botapi.people.Person`."""

    id: int
    first_name: str
    username: str | None = None
    last_name: str | None = None
    language: str | None = None
    is_bot: bool = False
    deactivated: bool = False
    started: bool = False
    """Has ever written to the bot in private: before, the bot may not write to them."""
    blocked: bool = False
    """Has blocked the bot."""

    def __repr__(self) -> str:
        return f"{self.first_name} ({self.id})"


@dataclass(eq=False, slots=True)
class Topic:
    """A topic of a forum. Its id is that of the service message that made it."""

    id: int
    title: str
    closed: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """A document as the bot uploaded it, or a person sent it."""

    id: str
    name: str
    mime: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Forward:
    """Where a forwarded message came from. A person who hides their account is only a name."""

    date: datetime
    user: User | None = None
    name: str | None = None


@dataclass(eq=False, slots=True, repr=False)
class Message:
    """A message as it is now. Of a document, `text` and `entities` are the caption."""

    id: int
    chat: "Chat"
    sender: User
    date: datetime
    text: str = ""
    entities: tuple[MessageEntity, ...] = ()
    document: File | None = None
    markup: ReplyMarkupUnion | None = None
    reply_to: "Message | None" = None
    quote: str | None = None
    topic: Topic | None = None
    """The topic of a forum; None is "General", and wherever there are no topics."""
    forward: Forward | None = None
    service: dict[str, Any] | None = None
    """The field of a service message, as {"left_chat_member": {…}}."""
    via_bot: User | None = None
    silent: bool = False
    protected: bool = False
    preview_off: bool = False
    edited: datetime | None = None
    deleted: bool = False
    earlier: list[str] = field(default_factory=list)
    """The texts before each edit, oldest first."""
    reactions: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """Emoji by the id of who set them."""

    @property
    def keyboard(self) -> list[list[str]]:
        """The labels of the inline buttons, row by row."""
        rows = self.markup.inline_keyboard if isinstance(self.markup, InlineKeyboardMarkup) else []
        return [[button.text for button in row] for row in rows]

    @property
    def links(self) -> list[str]:
        """The addresses behind its words."""
        return [entity.url for entity in self.entities if entity.url]

    @property
    def root(self) -> "Message":
        """The first message of the thread of replies."""
        return self if self.reply_to is None else self.reply_to.root

    def __repr__(self) -> str:
        where = f"{self.chat.title}{f' / {self.topic.title}' if self.topic else ''}"
        state = " [deleted]" if self.deleted else " [edited]" if self.edited else ""
        what = self.text if self.service is None else f"<{next(iter(self.service))}>"
        return (
            f"{where} #{self.id} {self.sender.first_name}{state}: {what}{f' {self.keyboard}' if self.keyboard else ''}"
        )


@dataclass(eq=False, slots=True)
class Draft:
    """What a person sees grow while the bot writes. `texts` are its stages; the last is what shows now."""

    id: int
    chat: "Chat"
    topic_id: int | None
    texts: list[str]
    can_stop: bool
    keep_on_stop: bool
    at: float
    stopped: bool = False
    finished: bool = False
    """A message has been sent to the chat since, as Telegram demands."""


@dataclass(eq=False, slots=True, repr=False)
class Chat:
    """A conversation. `history` holds every message ever, by id; `messages` what is there now."""

    id: int
    kind: Kind
    title: str
    user: User | None = None
    username: str | None = None
    forum: bool = False
    read_only: bool = False
    """Only administrators may write."""
    members: dict[int, Status] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    history: dict[int, Message] = field(default_factory=dict)
    drafts: list[Draft] = field(default_factory=list)
    last_id: int = 0
    migrated_to: "Chat | None" = None
    actions: list[str] = field(default_factory=list)
    """What the bot was shown to be doing: "typing" and the like, in order."""

    @property
    def messages(self) -> list[Message]:
        """All that is not deleted, oldest first."""
        return [message for message in self.history.values() if not message.deleted]

    def status(self, user: User) -> Status:
        """What the user is here."""
        return self.members.get(user.id, Status.LEFT)

    def __repr__(self) -> str:
        return f"{self.title} ({self.kind} {self.id})"
