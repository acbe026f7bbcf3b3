"""Who asks decides what can be found."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class AccessScope:
    """The chats that a question may be answered from. Search cannot run without one.

    Made by `AccessScope.operator()` or `AccessScope.chats(...)`. Nothing means "all" by being left out: a scope that is
    neither every chat nor some named chats cannot exist.
    """

    every_chat: bool
    chat_ids: frozenset[int]

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

    def allows(self, chat_id: int) -> bool:
        """Whether something of this chat may be shown.

        >>> AccessScope.chats([-100]).allows(-200), AccessScope.operator().allows(-200)
        (False, True)
        """
        return self.every_chat or chat_id in self.chat_ids
