"""What was said before a question in its conversation."""

from dataclasses import dataclass

from core.privacy.types import MaskedText


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question and what was answered."""

    question: MaskedText
    answer: MaskedText | None
    """None where nothing was found, or nothing was answered yet."""
