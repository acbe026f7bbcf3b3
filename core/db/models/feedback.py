"""`feedback`: what people thought of an answer. One vote for a person and an answer, changeable."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column

from core.db.models.base import Base

REASONS = ("wrong", "outdated", "incomplete", "not_my_question", "should_not_have_said")


class Feedback(Base):
    """One person's vote. Prompt, model, sources and scores stand with the answer and its citations."""

    __tablename__ = "feedback"

    answer_id: Mapped[UUID] = mapped_column(ForeignKey("answers.answer_id", ondelete="CASCADE"), primary_key=True)
    voter: Mapped[str] = mapped_column(primary_key=True)
    """Pseudonym."""
    role: Mapped[str]
    vote: Mapped[int]
    """1 or -1."""
    reason: Mapped[str | None]
    """Of a -1, where the voter named one."""
    correction: Mapped[str | None]
    """What the answer should have been, in the voter's words; masked."""
    by: Mapped[str]
    """`button` or `reaction`."""
    voted_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        CheckConstraint("vote IN (1, -1)", name="vote"),
        CheckConstraint(f"reason IN ({', '.join(repr(reason) for reason in REASONS)})", name="reason"),
        CheckConstraint("vote = -1 OR (reason IS NULL AND correction IS NULL)", name="reason_of_down"),
        CheckConstraint("by IN ('button', 'reaction')", name="by"),
    )
