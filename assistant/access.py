"""Who a person is to the bot, and what may be searched where they ask. Pure: facts in, decision and reason out.

The scope follows the audience, not the asker: what is said in a group is read by all of it, so an agent who asks in a
client's group is answered from that group alone.
"""

from dataclasses import dataclass
from enum import StrEnum

from core.domain.access import AccessScope, Role
from core.rules import AccessRules, Rules


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of who wrote."""

    user_id: int | None
    """Telegram's id; None for who writes in the name of a channel or of the group."""
    in_staff_chat: bool
    """They are a member of the staff chat (`[access] staff_chat`)."""
    has_written: bool
    """They have written in a chat whose messages are held."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where it was written. An agent's inline query is written in their private chat: only they see what it finds."""

    chat_id: int
    """As it is stored: a private chat's pseudonym, a group's own id."""
    is_private: bool
    is_held: bool
    """There is a row in `chats`."""


class Reason(StrEnum):
    """Why a person has a role, or a scope, or none."""

    ADMIN_BY_RULES = "admin_by_rules"
    STAFF_BY_RULES = "staff_by_rules"
    IN_STAFF_CHAT = "in_staff_chat"
    IN_KNOWN_GROUP = "in_known_group"
    HAS_WRITTEN = "has_written"
    """In a chat that is held."""
    STRANGERS_WELCOME = "strangers_welcome"
    STRANGER = "stranger"
    UNKNOWN_GROUP = "unknown_group"
    """Neither held, nor in `[chats]`, nor the staff chat: who reads there is anybody's guess."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A person's role in a place, and why. Strangers have none."""

    role: Role | None
    reason: Reason


@dataclass(frozen=True, slots=True)
class NoAccess:
    """Nothing may be searched; the person should be told politely."""

    reason: Reason


def role_of(person: Person, place: Place, rules: Rules) -> Standing:
    """What a person is to the bot in this place: the highest role that anything gives them."""
    if person.user_id in rules.access.admins:
        return Standing(Role.ADMIN, Reason.ADMIN_BY_RULES)
    if person.user_id in rules.staff.ids:
        return Standing(Role.AGENT, Reason.STAFF_BY_RULES)
    if person.in_staff_chat or _is_staff_chat(place, rules):
        return Standing(Role.AGENT, Reason.IN_STAFF_CHAT)
    if not place.is_private:
        known = _is_known_group(place, rules)
        return Standing(Role.CLIENT, Reason.IN_KNOWN_GROUP) if known else Standing(None, Reason.UNKNOWN_GROUP)
    if person.has_written:
        return Standing(Role.CLIENT, Reason.HAS_WRITTEN)
    if rules.access.strangers:
        return Standing(Role.CLIENT, Reason.STRANGERS_WELCOME)
    return Standing(None, Reason.STRANGER)


def scope_of(role: Role | None, place: Place, rules: Rules) -> AccessScope | NoAccess:
    """What an answer that is read in this place may rest on."""
    if role is None:
        return NoAccess(Reason.STRANGER if place.is_private else Reason.UNKNOWN_GROUP)
    if _is_staff_chat(place, rules):
        return agents_scope(rules.access)
    if not place.is_private:
        return AccessScope.client(place.chat_id) if _is_known_group(place, rules) else NoAccess(Reason.UNKNOWN_GROUP)
    match role:
        case Role.ADMIN:
            return AccessScope.operator()
        case Role.AGENT:
            return agents_scope(rules.access)
        case Role.CLIENT:
            return AccessScope.client(place.chat_id)


def agents_scope(access: AccessRules) -> AccessScope:
    """What agents may search; of other chats at least what every client may read."""
    if not access.agent_chats:
        return AccessScope.operator()
    return AccessScope(every_chat=False, chat_ids=access.agent_chats, public=True)


def _is_staff_chat(place: Place, rules: Rules) -> bool:
    staff_chat = rules.access.staff_chat or None  # 0 is none, and never a chat
    return not place.is_private and place.chat_id == staff_chat


def _is_known_group(place: Place, rules: Rules) -> bool:
    return place.is_held or place.chat_id in rules.chats
