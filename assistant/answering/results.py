"""What comes out of answering."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Self, TypeAlias
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.domain.chats import message_link
from core.domain.language import Language
from core.index.records import Hit
from core.privacy.types import MaskedText

Words: TypeAlias = Callable[[MaskedText], Awaitable[None]]
"""Called while an answer is being written, each time with the whole of it that may be shown so far. It takes the place of
what was shown before, and the finished answer takes the place of it. The next words wait for its return."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A source of an answer."""

    unit_id: str
    chat_id: int
    message_ids: tuple[int, ...]
    """None for a vetted answer: it stands in no chat."""
    sent_at: datetime
    link: str | None
    text: MaskedText
    score: float
    vetted: bool
    """Staff said that it is right."""

    @classmethod
    def of(cls, hit: Hit) -> Self:
        """The citation of a unit that was found."""
        return cls(
            unit_id=hit.unit_id,
            chat_id=hit.chat_id,
            message_ids=hit.message_ids,
            sent_at=hit.asked_at,
            link=message_link(hit.chat_id, hit.message_ids[0]) if hit.message_ids else None,
            text=hit.text,
            score=hit.score,
            vetted=hit.vetted,
        )


@dataclass(frozen=True, slots=True)
class AnswerResult:
    """An answer, or a refusal that says so."""

    answer_id: UUID
    answer: MaskedText
    said: MaskedText
    """The same without the line that tells where a quotation is from: what staff may say in its own name."""
    refused: bool
    language: Language
    citations: Sequence[Citation]
    prompt: str | None
    """`name@version`; None where no model wrote the answer."""
    model: str | None
    cost_usd: Decimal
    """Of the answer and of understanding the question."""
    latency_ms: Mapping[str, int]
    """`mask` (where a raw question was given), `retrieve`, `answer`, `total`."""


Settle: TypeAlias = Callable[[AsyncSession, AnswerResult], Awaitable[None]]
"""What becomes of an answer, in the transaction that records it, which deletions wait for (`core.db.locks.KEEPING`). What it
raises takes the record back."""
