"""`eval_cases`: questions of this installation by which answers are measured, harvested from what people said of answers.

Cases that are written by hand stand in `evals/datasets/*.jsonl`; these are the operator's own, and follow their messages.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import ARRAY, REAL, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from core.db.models.base import Base

STATES = (
    "candidate",  # harvested; a person has to look at it
    "accepted",
    "rejected",
    "withdrawn",  # a message that it rested on was deleted: its words are gone
)
ORIGINS = (
    "liked",  # an answer that was voted up
    "disliked",  # one that was voted down, without a correction
    "corrected",  # one that was corrected
    "staff_reply",  # a question that was handed over, and what staff answered
    "escalated",  # a question that was handed over, and has no answer yet
    "suggested",  # a draft that staff sent
)


class EvalCase(Base):
    """One case. Everything textual is masked."""

    __tablename__ = "eval_cases"

    case_id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    origin: Mapped[str]
    source: Mapped[UUID] = mapped_column(unique=True)
    """The answer, the hand-over or the suggestion that it was made from: harvesting twice makes one case."""
    question_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("questions.question_id", ondelete="CASCADE"), index=True
    )
    """The question to the bot; erased with its asker, and the case with it."""
    state: Mapped[str] = mapped_column(server_default=text("'candidate'"))
    question: Mapped[str]
    before: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    """What the same person had asked just before, the oldest first."""
    language: Mapped[str]
    chat_id: Mapped[int | None]
    """The chat that the asker may see; NULL for staff, who may see all."""
    rests_on: Mapped[list[str]] = mapped_column(ARRAY(TEXT), server_default=text("'{}'"))
    """What a right answer rests on: messages as `chat:message`, vetted answers as `vetted:id`. With one of them the case is
    withdrawn."""
    reference: Mapped[str] = mapped_column(server_default=text("''"))
    """What a right answer says."""
    facts: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    must_refuse: Mapped[bool] = mapped_column(server_default=text("false"))
    must_not_say: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    remark: Mapped[str] = mapped_column(server_default=text("''"))
    """Why it was voted down."""
    embedding: Mapped[list[float]] = mapped_column(ARRAY(REAL))
    """Of the question behind what was asked before it: two that mean the same are one case."""
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    edited_at: Mapped[datetime | None]
    """When a person changed its words last: from then on no harvest does."""
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]

    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(state) for state in STATES)})", name="state"),
        CheckConstraint(f"origin IN ({', '.join(repr(origin) for origin in ORIGINS)})", name="origin"),
        CheckConstraint("(state IN ('accepted', 'rejected')) = (decided_at IS NOT NULL)", name="decided"),
        Index("ix_eval_cases_state", "state", "made_at"),
        Index("ix_eval_cases_rests_on", "rests_on", postgresql_using="gin"),
    )
