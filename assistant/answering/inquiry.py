"""What goes into answering."""

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.turns import Turn
from core.domain.access import AccessScope
from core.llm.calls import Purpose
from core.privacy.types import MaskedText


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """A question, with all that decides how it is answered."""

    question: MaskedText
    scope: AccessScope
    """What may be searched for it."""
    before: Sequence[Turn] = ()
    """The turns before it in the same conversation, the latest last."""
    asker: str | None = None
    """Pseudonym: by it a person stays in one arm of an experiment. None where nobody will read and judge the answer."""
    purpose: Purpose = Purpose.ANSWER
    """What the answer is paid for."""
