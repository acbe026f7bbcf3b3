"""`appraisals`: what is known of single client messages that staff has to look at: urgent ones, and those that wait."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from core.db.models.analysis_window import ANALYSERS
from core.db.models.base import Base

STATES = ("ready", "analysing", "done", "set_aside")
CATEGORIES = ("question", "problem", "outage", "complaint", "request", "feedback", "other")


class Appraisal(Base):
    """One message. Those of the fast lane get their row at once; a window adds the ones in it that wait for an answer."""

    __tablename__ = "appraisals"

    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.chat_id", ondelete="CASCADE"), primary_key=True)
    message_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    window_id: Mapped[UUID | None] = mapped_column(ForeignKey("analysis_windows.window_id", ondelete="SET NULL"))
    """The window that found it; NULL for the fast lane's."""
    state: Mapped[str] = mapped_column(server_default=text("'ready'"))
    revision: Mapped[int] = mapped_column(server_default=text("1"))
    tries: Mapped[int] = mapped_column(server_default=text("0"))
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    leased_until: Mapped[datetime | None]
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    error: Mapped[str | None]

    analysed_at: Mapped[datetime | None]
    analysed_by: Mapped[str | None]
    call_id: Mapped[UUID | None] = mapped_column(ForeignKey("model_calls.call_id", ondelete="SET NULL"))
    category: Mapped[str | None]
    urgent: Mapped[bool | None]
    """Whether the urgency that its words claimed was confirmed."""
    sentiment: Mapped[float | None]
    requires_response: Mapped[bool | None]
    summary: Mapped[str | None]
    """Masked."""
    suggestion: Mapped[str | None]
    """A draft from retrieved history; masked."""
    sources: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))
    """The messages of the chat that the draft may rest on: it goes when one of them does."""
    untold: Mapped[bool] = mapped_column(server_default=text("false"))
    """Staff has still to be told: set with the analysis, taken back once it is in the stream. So no crash loses an alarm."""

    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(state) for state in STATES)})", name="state"),
        CheckConstraint(f"analysed_by IN ({', '.join(repr(name) for name in ANALYSERS)})", name="analysed_by"),
        CheckConstraint(f"category IN ({', '.join(repr(name) for name in CATEGORIES)})", name="category"),
        CheckConstraint("(state = 'analysing') = (leased_until IS NOT NULL)", name="leased"),
        CheckConstraint("sentiment BETWEEN -1 AND 1", name="sentiment"),
        Index("ix_appraisals_open", "due_at", postgresql_where=text("state IN ('ready', 'analysing')")),
        Index("ix_appraisals_fast", "made_at", postgresql_where=text("window_id IS NULL")),
        Index("ix_appraisals_untold", "made_at", postgresql_where=text("untold")),
        Index("ix_appraisals_waiting", "chat_id", "made_at", postgresql_where=text("requires_response")),
    )
