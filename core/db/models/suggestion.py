"""`suggestions`: drafts for staff, of answers to clients' messages that require a response."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.models.base import Base

STATES = (
    "open",
    "snoozed",  # until `due_at`
    "sent",
    "dismissed",
    "withdrawn",  # nobody waits any more: the message was deleted, or staff has answered it by hand
)


class Suggestion(Base):
    """One client's message that waits, with the draft that staff may send. Its card is a `bot_messages` row."""

    __tablename__ = "suggestions"

    suggestion_id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    chat_id: Mapped[int]
    message_id: Mapped[int]
    """The client's message that the answer will reply to."""
    topic_id: Mapped[int | None]
    summary: Mapped[str]
    """Masked."""
    urgent: Mapped[bool]
    draft: Mapped[str | None]
    """What `Send` sends; masked. NULL where nothing strong was found: staff has to write it."""
    answer_id: Mapped[UUID | None] = mapped_column(ForeignKey("answers.answer_id", ondelete="SET NULL"), index=True)
    """The sourced answer that the draft was made of."""
    state: Mapped[str] = mapped_column(server_default=text("'open'"))
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    due_at: Mapped[datetime | None]
    """When a snoozed one comes back."""
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    """Pseudonym."""

    __table_args__ = (
        UniqueConstraint("chat_id", "message_id"),
        CheckConstraint(f"state IN ({', '.join(repr(state) for state in STATES)})", name="state"),
        CheckConstraint("(state = 'snoozed') = (due_at IS NOT NULL)", name="snoozed"),
        Index("ix_suggestions_snoozed", "due_at", postgresql_where=text("state = 'snoozed'")),
    )
