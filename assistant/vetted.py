"""Vetted answers: what a member of staff said is right becomes a row, and a unit that is found and preferred.

The unit has no vector yet: it is found by its words at once, and by its meaning when the caller has told the stream of
changed units after the commit (`UnitsChanged(chat_id=...)`).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.eval_tables import reopen_cases, withdraw_cases
from core.db.models import VettedAnswer
from core.index.records import UnitRecord, vetted_unit_id
from core.index.writing import delete_vetted_unit, put_vetted_unit
from core.privacy.types import MaskedText


class Origin(StrEnum):
    """How an answer came to be vetted."""

    HANDOVER = "handover"
    """Staff answered a question that was handed over."""
    CORRECTION = "correction"
    """Staff corrected an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vetted:
    """One question with the answer that staff vouches for."""

    question: MaskedText
    answer: MaskedText
    chat_id: int
    """Where it was asked: whoever may search that chat finds it."""
    asker: str
    """Pseudonym."""
    origin: Origin
    source: UUID
    """The hand-over, or the answer that was corrected: it has one vetted answer, the latest."""
    vetted_by: str
    """Pseudonym."""


async def vet(session: AsyncSession, vetted: Vetted) -> UUID:
    """Keep a vetted answer; one with the same source takes the place of the former, and stays public if that was.

    Returns its id.
    """
    words = {"question": vetted.question, "answer": vetted.answer, "vetted_by": vetted.vetted_by}
    row = insert(VettedAnswer).values(
        **words, chat_id=vetted.chat_id, asker=vetted.asker, origin=vetted.origin, source=vetted.source
    )
    kept = row.on_conflict_do_update(index_elements=["source"], set_=words | {"vetted_at": func.now()})
    stored = (await session.scalars(kept.returning(VettedAnswer), execution_options={"populate_existing": True})).one()
    await put_vetted_unit(session, _unit(stored))
    await reopen_cases(session, [vetted_unit_id(stored.vetted_id)])
    return stored.vetted_id


async def set_public(session: AsyncSession, vetted_id: UUID, *, public: bool) -> bool:
    """Let the clients of other chats find it, or not any more. False where there is no such answer."""
    change = update(VettedAnswer).where(VettedAnswer.vetted_id == vetted_id).values(public=public)
    stored = (
        await session.scalars(change.returning(VettedAnswer), execution_options={"populate_existing": True})
    ).one_or_none()
    if stored is None:
        return False
    await put_vetted_unit(session, _unit(stored))
    return True


async def withdraw(session: AsyncSession, vetted_id: UUID) -> bool:
    """Take it back: row, unit, and what evals made of it. False where there is no such answer."""
    await delete_vetted_unit(session, vetted_id)
    await withdraw_cases(session, [vetted_unit_id(vetted_id)])
    gone = delete(VettedAnswer).where(VettedAnswer.vetted_id == vetted_id).returning(VettedAnswer.vetted_id)
    return (await session.scalars(gone)).one_or_none() is not None


def _unit(row: VettedAnswer) -> UnitRecord:
    question, answer = MaskedText(row.question), MaskedText(row.answer)
    moment: datetime = row.vetted_at
    return UnitRecord(
        unit_id=vetted_unit_id(row.vetted_id),
        chat_id=row.chat_id,
        thread_id=0,
        message_ids=(),
        text=MaskedText(f"{question}\n{answer}"),
        question=question,
        answer=answer,
        asked_at=moment,
        last_at=moment,
        staff_answered=True,
        vetted="public" if row.public else "private",
    )
