"""Who asks decides what can be found."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Role(StrEnum):
    """What a person is to the bot. Strangers have none."""

    ADMIN = "admin"
    AGENT = "agent"
    """Of the support team."""
    CLIENT = "client"

    @property
    def is_staff(self) -> bool:
        """Whether the person answers for the team."""
        return self is not Role.CLIENT


@dataclass(frozen=True, slots=True)
class AccessScope:
    """What a question may be answered from. Search cannot run without one.

    Made by `operator()`, `chats(...)` or `client(...)`. Nothing means "all" by being left out: a scope that is neither
    every chat nor some named chats cannot exist.
    """

    every_chat: bool
    chat_ids: frozenset[int]
    public: bool = False
    """Also the vetted answers of other chats that staff marked public."""

    def __post_init__(self) -> None:
        if self.every_chat == bool(self.chat_ids):
            raise ValueError(
                "An access scope is either every chat or at least one named chat; with none there is nothing to search."
            )

    @classmethod
    def operator(cls) -> Self:
        """Every chat: for staff and the operator's own terminal."""
        return cls(every_chat=True, chat_ids=frozenset())

    @classmethod
    def chats(cls, chat_ids: Iterable[int]) -> Self:
        """These chats only.

        Raises:
            ValueError: there are none. An empty list is refused, so that it can never be read as "no restriction".
        """
        return cls(every_chat=False, chat_ids=frozenset(chat_ids))

    @classmethod
    def client(cls, chat_id: int) -> Self:
        """The chat that a client asks in, and what staff marked public."""
        return cls(every_chat=False, chat_ids=frozenset({chat_id}), public=True)

    @property
    def only_chat(self) -> int | None:
        """The chat, where it is a single one."""
        return next(iter(self.chat_ids)) if len(self.chat_ids) == 1 else None

    def allows(self, chat_id: int, *, public: bool = False) -> bool:
        """Whether something of this chat may be shown; `public`: staff marked it so.

        >>> AccessScope.client(-100).allows(-200), AccessScope.client(-100).allows(-200, public=True)
        (False, True)
        """
        return self.every_chat or chat_id in self.chat_ids or (self.public and public)
