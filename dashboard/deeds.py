"""What a page may change. The wiring hands these in; each asks for itself whether its visitor may."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.domain.access import AccessScope
from core.errors import OtklikError
from dashboard.access import Visitor
from evals.candidates import Edited


class NotAllowed(OtklikError):
    """The visitor's role may not do this."""


@dataclass(frozen=True, slots=True)
class Filling:
    """A gap that somebody fills: the answer they vouch for."""

    answer_id: UUID
    """The refused answer whose question it answers."""
    words: str
    """As they were typed; the deed masks them."""
    chat_id: int | None
    """Whose clients shall find it, where the question was asked in no chat."""


@dataclass(frozen=True, slots=True)
class Deeds:
    """Each is one transaction on the writing database.

    Raises:
        NotAllowed: the visitor may not.
        BadInput: it cannot be done; the text says why.
    """

    accept_case: Callable[[Visitor, UUID], Coroutine[Any, Any, None]]
    reject_case: Callable[[Visitor, UUID], Coroutine[Any, Any, None]]
    edit_case: Callable[[Visitor, UUID, Edited], Coroutine[Any, Any, None]]
    resend: Callable[[Visitor, Sequence[int]], Coroutine[Any, Any, int]]
    """Puts dead letters back into their streams; returns how many."""
    fill_gap: Callable[[Visitor, AccessScope, Filling], Coroutine[Any, Any, None]]


def only_admins(visitor: Visitor) -> None:
    """The check of what only admins may do.

    Raises:
        NotAllowed: the visitor is none.
    """
    if not visitor.is_admin:
        raise NotAllowed("Only an admin may do this.")
