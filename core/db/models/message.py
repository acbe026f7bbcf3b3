"""`messages`: every message in its latest edition, masked, with its place in the threads."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, func
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from core.db.models.base import Base


class Message(Base):
    """One message. A later `edit_version` replaces an earlier one, so the order of arrival does not matter."""

    __tablename__ = "messages"

    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.chat_id"), primary_key=True)
    message_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    edit_version: Mapped[int] = mapped_column(server_default=sql("0"))
    """Seconds since 1970 of the last edit; 0 for the first edition."""
    seen: Mapped[int] = mapped_column(server_default=sql("0"))
    """Microseconds since 1970 when this edition was read from Telegram; orders edits of one second."""
    sender: Mapped[str]
    """The sender's keyed pseudonym."""
    is_staff: Mapped[bool]
    sent_at: Mapped[datetime]
    reply_to: Mapped[int | None]
    topic_id: Mapped[int | None]
    mentions: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    """Pseudonyms of the participants whom the message names; in the text a name is only `[PERSON]`."""
    text: Mapped[str]
    """Masked."""
    lane: Mapped[str]
    lane_score: Mapped[int]
    lane_reasons: Mapped[list[Any]] = mapped_column(JSONB)
    stored_at: Mapped[datetime] = mapped_column(server_default=func.now())

    threaded: Mapped[bool] = mapped_column(server_default=sql("false"))
    """False until the message, in this edition, has been given its place below."""
    parent_id: Mapped[int | None]
    thread_id: Mapped[int | None] = mapped_column(BigInteger)
    """The id of the thread's first message; of an absent one where a reply points outside what is held."""
    link_how: Mapped[str | None]
    link_evidence: Mapped[list[Any] | None] = mapped_column(JSONB)

    window_id: Mapped[UUID | None] = mapped_column(ForeignKey("analysis_windows.window_id", ondelete="SET NULL"))
    """The piece of the chat that it was analysed in; NULL until one is cut."""

    __table_args__ = (
        CheckConstraint("lane IN ('HIGH', 'MEDIUM', 'LOW')", name="lane"),
        Index("ix_messages_chat_id_thread_id", "chat_id", "thread_id"),
        Index("ix_messages_chat_id_parent_id", "chat_id", "parent_id"),
        Index("ix_messages_unthreaded", "chat_id", "message_id", postgresql_where=sql("NOT threaded")),
        Index("ix_messages_unwindowed", "chat_id", "message_id", postgresql_where=sql("window_id IS NULL")),
        Index("ix_messages_window_id", "window_id", postgresql_where=sql("window_id IS NOT NULL")),
        Index("ix_messages_urgent", "stored_at", postgresql_where=sql("lane = 'HIGH' AND NOT is_staff")),
        Index("ix_messages_chat_id_sent_at", "chat_id", "sent_at"),
        Index("ix_messages_message_id", "message_id"),
        Index("ix_messages_sender", "sender"),
    )
