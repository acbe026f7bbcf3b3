"""Who a visitor is, and what they may see and do. Pure: rules and a name in, role and scope out, as in the bot."""

from dataclasses import dataclass
from typing import Final

from assistant.access import agents_scope
from core.domain.access import AccessScope, Role
from core.rules import Rules

OPERATOR: Final = "operator"
"""Whoever sits at the machine, where nobody has to log in."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """One who has come in."""

    name: str
    role: Role

    @property
    def is_admin(self) -> bool:
        """Whether they see every chat, what it costs, evals and settings, and may decide on cases and dead letters."""
        return self.role is Role.ADMIN


def visitor_of(name: str, rules: Rules) -> Visitor | None:
    """Who this is by the rules as they stand; None for somebody whom they do not name (any more)."""
    person = rules.dashboard.people.get(name)
    return None if person is None else Visitor(name, Role(person.role))


def operator() -> Visitor:
    """Who comes in where there is no lock."""
    return Visitor(OPERATOR, Role.ADMIN)


def scope_of(visitor: Visitor, rules: Rules) -> AccessScope:
    """Whose chats they may see: what the bot would search for them in a private chat."""
    return AccessScope.operator() if visitor.is_admin else agents_scope(rules.access)
