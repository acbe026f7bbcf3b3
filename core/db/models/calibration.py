"""`calibrations`: how strong evidence must be to be answered from, fitted on the operator's own labelled cases."""

from datetime import datetime

from sqlalchemy import CheckConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.models.base import Base


class Calibration(Base):
    """One fit. The latest one of the index's embedding model holds; strengths of another model mean something else."""

    __tablename__ = "calibrations"

    embedding_model: Mapped[str] = mapped_column(primary_key=True)
    fitted_at: Mapped[datetime] = mapped_column(primary_key=True, server_default=func.now())
    threshold: Mapped[float]
    """The strength (`assistant.retrieval.evidence`) from which an answer is given."""
    wanted_precision: Mapped[float]
    """The share of right answers that was asked for,"""
    precision: Mapped[float]
    """and the one that was reached on the cases."""
    coverage: Mapped[float]
    """The share of the answerable cases that are answered."""
    cases: Mapped[int]
    fingerprint: Mapped[str]
    """Of the cases."""

    __table_args__ = (
        CheckConstraint("cases > 0", name="cases"),
        CheckConstraint(text("threshold > 0"), name="threshold"),
    )
