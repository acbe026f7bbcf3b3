"""`eval_runs`, `eval_results` and `eval_replies`: what was measured, on what, and what was paid for it."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Numeric, func, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from core.db.models.base import Base


class EvalRun(Base):
    """One way of answering, measured on some cases."""

    __tablename__ = "eval_runs"

    run_id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    label: Mapped[str]
    """As the person called it, or what was measured."""
    setup: Mapped[dict[str, Any]]
    """All that decides what comes out, as far as we choose it: datasets, prompts, models, samples. A run that was stopped
    goes on where the same setup is run again."""
    fingerprint: Mapped[str]
    """Of the cases: figures of different ones are not compared."""
    cases: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)
    finished_at: Mapped[datetime | None]
    """NULL while results are missing."""


class EvalResult(Base):
    """One case, answered once. A case is answered `samples` times where the model's moods shall be averaged out."""

    __tablename__ = "eval_results"

    run_id: Mapped[UUID] = mapped_column(ForeignKey("eval_runs.run_id", ondelete="CASCADE"), primary_key=True)
    case_id: Mapped[str] = mapped_column(primary_key=True)
    sample: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    question: Mapped[str]
    answer: Mapped[str]
    """Masked; emptied when a message that it rests on is deleted."""
    refused: Mapped[bool]
    rests_on: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    """What was found for it, as in `eval_cases`."""
    scores: Mapped[dict[str, Any]]
    """`evals.metrics.scores.Scores`."""
    verdict: Mapped[dict[str, Any] | None]
    """What the judge said (`evals.judge.Verdict`)."""
    cost_usd: Mapped[Decimal] = mapped_column(Numeric(18, 10))
    """Of the answer, whenever it was paid; without its judge."""
    paid_usd: Mapped[Decimal] = mapped_column(Numeric(18, 10))
    """In this run, for the judge too; 0 where every reply was remembered from an earlier one."""
    latency_ms: Mapped[int]

    __table_args__ = (Index("ix_eval_results_rests_on", "rests_on", postgresql_using="gin"),)


class EvalReply(Base):
    """What a model replied to a request of an eval, under the hash of the whole request: the same one is not paid twice."""

    __tablename__ = "eval_replies"

    key: Mapped[str] = mapped_column(primary_key=True)
    reply: Mapped[dict[str, Any]]
    """Its text, masked, what it cites, and what it cost."""
    case_id: Mapped[str] = mapped_column(index=True)
    """For which it was paid."""
    rests_on: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    """What the model had been given by then, as in `eval_cases`: it goes with any of that."""
    call_id: Mapped[UUID] = mapped_column(ForeignKey("model_calls.call_id", ondelete="CASCADE"))
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (Index("ix_eval_replies_rests_on", "rests_on", postgresql_using="gin"),)
