"""`answers` and `citations`: what was asked, what was answered, and on which units it rested."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, REAL
from sqlalchemy.orm import Mapped, mapped_column

from core.db.models.base import Base
from core.db.models.experiment import ARMS


class Answer(Base):
    """One question and what became of it. Question and answer are masked."""

    __tablename__ = "answers"

    answer_id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    question_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("questions.question_id", ondelete="CASCADE", use_alter=True), index=True
    )
    """The question to the bot that it answers, or answered before that was edited; None where it was asked elsewhere. The
    question is erased with all of them."""
    asked_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)
    question: Mapped[str]
    answer: Mapped[str]
    refused: Mapped[bool]
    language: Mapped[str]
    scope: Mapped[dict[str, Any]]
    """Who asked and which chats could be searched."""
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """The figures that the decision to answer or refuse was taken on, and its reason."""
    prompt: Mapped[str | None]
    model: Mapped[str | None]
    call_id: Mapped[UUID | None] = mapped_column(ForeignKey("model_calls.call_id"))
    experiment_id: Mapped[UUID | None] = mapped_column(ForeignKey("experiments.experiment_id"), index=True)
    arm: Mapped[str | None]
    """Of the experiment that its asker was in."""
    latency_ms: Mapped[dict[str, Any]]
    question_vector: Mapped[list[float] | None] = mapped_column(ARRAY(REAL))
    """Of a question that was refused, by which those that mean the same are found; NULL for an answered one."""
    source_deleted_at: Mapped[datetime | None]
    """When a message that it rested on was deleted. Its citation is gone then, and a quoted answer's text with it."""

    __table_args__ = (
        CheckConstraint(f"arm IN ({', '.join(repr(arm) for arm in ARMS)})", name="arm"),
        CheckConstraint("(arm IS NULL) = (experiment_id IS NULL)", name="arm_of_experiment"),
        Index("ix_answers_refused", "asked_at", postgresql_where=text("refused")),
    )


class Citation(Base):
    """One source of an answer."""

    __tablename__ = "citations"

    answer_id: Mapped[UUID] = mapped_column(ForeignKey("answers.answer_id", ondelete="CASCADE"), primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    unit_id: Mapped[str] = mapped_column(index=True)
    chat_id: Mapped[int] = mapped_column(index=True)
    message_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    score: Mapped[float]
