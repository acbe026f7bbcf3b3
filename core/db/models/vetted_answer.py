"""`vetted_answers`: what staff said is right. Each is a unit of the index, preferred to what was cut from chats."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.models.base import Base


class VettedAnswer(Base):
    """One question with the answer that a member of staff gave or corrected. Its unit is `vetted:<id>`."""

    __tablename__ = "vetted_answers"

    vetted_id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    question: Mapped[str]
    """Masked."""
    answer: Mapped[str]
    """Masked."""
    chat_id: Mapped[int] = mapped_column(index=True)
    """Where it was asked: whoever may search that chat finds it."""
    asker: Mapped[str]
    """Pseudonym: what is erased with the person."""
    public: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether clients of other chats may find it too."""
    origin: Mapped[str]
    """`handover` or `correction`."""
    source: Mapped[UUID] = mapped_column(unique=True)
    """The hand-over, or the answer that was corrected."""
    vetted_by: Mapped[str]
    """Pseudonym."""
    vetted_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (CheckConstraint("origin IN ('handover', 'correction')", name="origin"),)
