"""`handovers`: questions that were given to a human."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, func, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from core.db.models.base import Base


class Handover(Base):
    """One question in the staff's hands. Its card and the reply to the asker are `bot_messages`."""

    __tablename__ = "handovers"

    handover_id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    question_id: Mapped[UUID] = mapped_column(ForeignKey("questions.question_id", ondelete="CASCADE"), unique=True)
    why: Mapped[str]
    """`asked`: the person wanted a human; `downvoted`: the answer was voted down."""
    candidates: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    """Ids of the units that came nearest, also where they were too weak to answer from; best first."""
    state: Mapped[str] = mapped_column(server_default=text("'open'"))
    opened_at: Mapped[datetime] = mapped_column(server_default=func.now())
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]
    """Pseudonym of the member of staff."""
    reply: Mapped[str | None]
    """What staff answered; masked."""

    __table_args__ = (
        CheckConstraint("why IN ('asked', 'downvoted')", name="why"),
        CheckConstraint("state IN ('open', 'answered')", name="state"),
        CheckConstraint("(state = 'answered') = (reply IS NOT NULL)", name="answered"),
    )
