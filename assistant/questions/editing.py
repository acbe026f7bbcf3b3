"""Whether an edited message has its question answered anew. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from assistant.questions.records import Why

EDITABLE = timedelta(hours=24)
"""How long an edit still counts. It is also what the limit of a day looks back on, so that no edit escapes it."""


@dataclass(frozen=True, slots=True)
class Edit:
    """An edition beside the one that is held."""

    held_version: int
    version: int
    same_words: bool
    asked_at: datetime
    """When the question was."""
    edited_at: datetime


def why_ignored(edit: Edit) -> Why | None:
    """Why the edition changes nothing; None where it does.

    Two editions of one second have the same version: the one that comes later is the newer.
    """
    if edit.version < edit.held_version:
        return Why.OLDER
    if edit.same_words:
        return Why.SAME_WORDS
    if edit.edited_at - edit.asked_at > EDITABLE:
        return Why.TOO_LATE
    return None
