"""`analysis_windows`: the pieces that a chat is analysed in. Each message is in one, as its `messages.window_id` tells."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.models.base import Base

STATES = (
    "ready",  # cut, or changed since it was analysed
    "analysing",  # a worker has it until `leased_until`
    "submitted",  # in a message batch of the vendor, which answers within a day
    "done",
    "set_aside",  # given up: `error` says why; a person looks at it
)
ANALYSERS = ("model", "local", "rule")
"""Claude, the deterministic analyser, or the rule that skips what is trivial."""


class AnalysisWindow(Base):
    """Some consecutive messages of one chat. Cutting is one transaction, so a crash neither loses nor doubles a message."""

    __tablename__ = "analysis_windows"

    window_id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.chat_id", ondelete="CASCADE"))
    first_at: Mapped[datetime]
    """When the first of its messages was sent."""
    last_at: Mapped[datetime]
    live: Mapped[bool]
    """False for history: only the local analyser reads that, since nobody asked to pay for it."""
    state: Mapped[str] = mapped_column(server_default=text("'ready'"))
    revision: Mapped[int] = mapped_column(server_default=text("1"))
    """Grows with every edit and deletion inside: an analysis of an earlier revision is not stored."""
    tries: Mapped[int] = mapped_column(server_default=text("0"))
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    leased_until: Mapped[datetime | None]
    batch_id: Mapped[str | None]
    """The vendor's batch that it was submitted in."""
    cut_at: Mapped[datetime] = mapped_column(server_default=func.now())
    error: Mapped[str | None]

    analysed_at: Mapped[datetime | None]
    analysed_by: Mapped[str | None]
    call_id: Mapped[UUID | None] = mapped_column(ForeignKey("model_calls.call_id", ondelete="SET NULL"))
    summary: Mapped[str | None]
    """Masked, like everything here."""
    sentiment: Mapped[float | None]
    """-1 (angry) to 1 (happy), of the clients."""

    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(state) for state in STATES)})", name="state"),
        CheckConstraint(f"analysed_by IN ({', '.join(repr(name) for name in ANALYSERS)})", name="analysed_by"),
        CheckConstraint("(state = 'analysing') = (leased_until IS NOT NULL)", name="leased"),
        CheckConstraint("(state = 'submitted') = (batch_id IS NOT NULL)", name="submitted"),
        CheckConstraint("sentiment BETWEEN -1 AND 1", name="sentiment"),
        Index("ix_analysis_windows_open", "due_at", postgresql_where=text("state IN ('ready', 'analysing')")),
        Index("ix_analysis_windows_batch", "batch_id", postgresql_where=text("state = 'submitted'")),
        Index("ix_analysis_windows_chat_id_last_at", "chat_id", "last_at"),
    )
