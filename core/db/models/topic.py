"""`topics` and `window_topics`: what a chat talks about, under names that last."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY, REAL
from sqlalchemy.orm import Mapped, mapped_column

from core.db.models.base import Base


class Topic(Base):
    """One topic of one chat."""

    __tablename__ = "topics"

    topic_id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.chat_id", ondelete="CASCADE"))
    name: Mapped[str]
    """Masked."""
    embedding: Mapped[list[float]] = mapped_column(ARRAY(REAL))
    """Of the name: those nearest to what is talked about are offered to the model. An array, since a chat has some hundreds
    of topics at most and any model's dimension fits."""
    stands_for: Mapped[UUID | None] = mapped_column(ForeignKey("topics.topic_id", ondelete="CASCADE"), index=True)
    """The topic that is meant, where this is only a former name of it: what was merged or renamed stays so, though the
    model may come up with the old name again. NULL for a topic itself."""
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (UniqueConstraint("chat_id", "name"),)


class WindowTopic(Base):
    """One topic in one window."""

    __tablename__ = "window_topics"

    window_id: Mapped[UUID] = mapped_column(
        ForeignKey("analysis_windows.window_id", ondelete="CASCADE"), primary_key=True
    )
    topic_id: Mapped[UUID] = mapped_column(
        ForeignKey("topics.topic_id", ondelete="CASCADE"), primary_key=True, index=True
    )
    message_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    """The messages that are about it."""
    problem: Mapped[str | None]
    """What did not work, in a sentence; masked."""
    sentiment: Mapped[float]
    resolved: Mapped[bool | None]
    """NULL where nobody can tell."""

    __table_args__ = (CheckConstraint("sentiment BETWEEN -1 AND 1", name="sentiment"),)
