"""Which chats are listened to. Pure: the rules, the account's folders, and what is known of a chat."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from core.domain.chats import SUPERGROUP_OFFSET, ChatKind
from core.rules import ListenRules

SERVICE_ACCOUNT = 777000
"""Telegram itself, which sends login codes. Never listened to, whatever the rules say."""


@dataclass(frozen=True, slots=True)
class ChatFacts:
    """What the decision rests on."""

    chat_id: int
    """Marked."""
    kind: ChatKind
    usernames: Collection[str] = ()
    is_self: bool = False
    is_own_bot: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """The decision, and why."""

    listen: bool
    reason: str


def select(chat: ChatFacts, rules: ListenRules, folders: Mapping[str, Collection[int]]) -> Selection:
    """Deny wins; where anything is allowed by name, only that is.

    `folders`: the marked ids of the chats in each folder, by its title.
    """
    if chat.chat_id == SERVICE_ACCOUNT:
        return Selection(False, "Telegram's own account sends login codes")
    if chat.is_self:
        return Selection(False, "the account's saved messages")
    if chat.is_own_bot:
        return Selection(False, "questions to the bot are no history")
    for entry in rules.deny:
        if _names(entry, chat, folders):
            return Selection(False, f"denied by {entry!r}")
    for entry in rules.allow:
        if _names(entry, chat, folders):
            return Selection(True, f"allowed by {entry!r}")
    if rules.allow:
        return Selection(False, "not among those allowed")
    return Selection(True, "every chat is listened to")


def _names(entry: int | str, chat: ChatFacts, folders: Mapping[str, Collection[int]]) -> bool:
    """By id (marked, or bare as links write it), `@username`, or `folder:Title`."""
    if isinstance(entry, int):
        return chat.chat_id in (entry, -entry, -SUPERGROUP_OFFSET - entry)
    if entry.startswith("folder:"):
        return chat.chat_id in folders.get(entry.removeprefix("folder:"), ())
    return entry.removeprefix("@").lower() in {name.lower() for name in chat.usernames}
