"""`experiments`: two ways of answering that are tried on the people who ask the bot."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.models.base import Base

STATES = (
    "running",
    "adopted",  # the candidate is better: everybody gets it, until a person ends the experiment
    "rejected",  # the candidate is worse, or broke a guardrail
    "undecided",  # enough people were asked, and no difference was found
    "stopped",  # by a person
)
ARMS = ("control", "candidate")


class Experiment(Base):
    """One experiment. At most one decides at a time what people are answered with."""

    __tablename__ = "experiments"

    experiment_id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    control_prompt: Mapped[str] = mapped_column(ForeignKey("prompt_versions.version"))
    control_model: Mapped[str]
    candidate_prompt: Mapped[str] = mapped_column(ForeignKey("prompt_versions.version"))
    candidate_model: Mapped[str]
    share: Mapped[float]
    """Of the people who get the candidate."""
    people: Mapped[int]
    """The stop rule: with so many people in the smaller arm whose answers were voted on, it ends undecided."""
    state: Mapped[str] = mapped_column(server_default=text("'running'"))
    verdict: Mapped[str | None]
    """Why it ended, in a sentence."""
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    decided_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(state) for state in STATES)})", name="state"),
        CheckConstraint("share > 0 AND share < 1", name="share"),
        CheckConstraint("(state = 'running') = (decided_at IS NULL)", name="decided"),
        Index(
            "uq_experiments_live", text("(true)"), unique=True, postgresql_where=text("state IN ('running', 'adopted')")
        ),
    )
