"""Who did something at a message of the bot, and which question that message answers."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from assistant import messages
from core.db.models import Question, QuestionMessage
from core.domain.access import Role
from core.privacy.types import MaskedText


@dataclass(frozen=True, slots=True)
class Spot:
    """One message in one chat. The chat is the one in which Telegram says that it happened: nobody reaches an answer from
    another."""

    chat_id: int
    """A private chat's pseudonym."""
    message_id: int


@dataclass(frozen=True, slots=True)
class Actor:
    """Who pressed, reacted or wrote."""

    person: str
    """Pseudonym."""
    role: Role


async def question_at(session: AsyncSession, spot: Spot) -> Question | None:
    """The question that the bot answers there; locked, so that nobody answers it anew meanwhile."""
    said = await messages.find(session, spot.chat_id, spot.message_id)
    if said is None or said.kind != "answer":
        return None
    return await session.get(Question, said.subject, with_for_update=True)


async def words_of(session: AsyncSession, question: Question) -> MaskedText:
    """What was asked, all its messages; empty where they were deleted."""
    said = select(QuestionMessage.text).where(QuestionMessage.question_id == question.question_id)
    return MaskedText("\n".join(await session.scalars(said.order_by(QuestionMessage.message_id))))


async def last_message_of(session: AsyncSession, question: Question) -> int | None:
    """The message of the question that is replied to."""
    last = select(func.max(QuestionMessage.message_id)).where(QuestionMessage.question_id == question.question_id)
    found: int | None = await session.scalar(last)
    return found
