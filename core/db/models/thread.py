"""`threads`: what each thread comes to, so that nobody has to read its messages for it.

Written anew whenever the thread's messages are read anyway (`ingestion.placing.recut`), in the same transaction; the
verdict by `core.db.verdicts`.
"""

from datetime import datetime

from sqlalchemy import Boolean, Computed, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.models.base import Base


class Thread(Base):
    """One thread. All but the verdict is a `core.domain.threads.ThreadSummary`: what its fields mean stands there."""

    __tablename__ = "threads"

    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.chat_id", ondelete="CASCADE"), primary_key=True)
    thread_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """As in `messages`."""
    began_at: Mapped[datetime]
    last_at: Mapped[datetime]
    last_by_staff: Mapped[bool]
    messages: Mapped[int]
    staff_messages: Mapped[int]
    asker: Mapped[str | None]
    asked_id: Mapped[int | None]
    asked_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    open_id: Mapped[int | None]
    open_at: Mapped[datetime | None]

    verdict: Mapped[bool | None]
    """Whether the matter is settled, in the words of the latest window that says something about the thread: False where
    any of its topics with messages of the thread is unresolved, NULL where one of them cannot tell, or no window has said
    anything."""
    judged_at: Mapped[datetime | None]
    """When the last message of that window was sent; NULL where there is none."""
    resolved: Mapped[bool | None] = mapped_column(
        Boolean, Computed("CASE WHEN open_at > judged_at THEN false ELSE verdict END", persisted=True)
    )
    """The verdict, until a client asks again after it. A thread is resolved if the analysis said so and nobody has asked
    since; staff's answer alone does not resolve it."""

    __table_args__ = (
        Index("ix_threads_last_at", "last_at", "chat_id"),
        Index(
            "ix_threads_asked",
            "asked_at",
            "chat_id",
            postgresql_include=["answered_at", "resolved"],
            postgresql_where=text("asked_at IS NOT NULL"),
        ),
        Index(
            "ix_threads_open",
            "open_at",
            "chat_id",
            postgresql_where=text("open_at IS NOT NULL AND resolved IS NOT TRUE"),
        ),
    )
