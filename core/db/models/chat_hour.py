"""`chat_hours`: how much was said in each chat and hour, so that nobody has to count messages.

Counted anew, never added to, for the hours that a placement, a deletion or an erasure touches, in its transaction: a
redelivery cannot double, a crash cannot lose.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.models.base import Base


class ChatHour(Base):
    """One hour of one chat; there is no row where nothing was said. A message counts from its placement on, at the latest."""

    __tablename__ = "chat_hours"

    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.chat_id", ondelete="CASCADE"), primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    """When it begins, a whole hour of UTC. In a zone half an hour off it counts to where it begins."""
    messages: Mapped[int] = mapped_column(Integer)  # PostgreSQL adds up bigints as numerics, three times as long
    staff_messages: Mapped[int] = mapped_column(Integer)
    urgent: Mapped[int] = mapped_column(Integer)
    """Of clients, in the HIGH lane."""
    people: Mapped[int] = mapped_column(Integer)
    """Who wrote in this hour. Not to be added up: the same people may write in the next."""
    stale: Mapped[bool] = mapped_column(server_default=text("false"))
    """A later edition has moved one of its messages to another hour: the next placement counts this one again."""

    __table_args__ = (
        Index("ix_chat_hours_hour", "hour"),
        Index("ix_chat_hours_stale", "chat_id", postgresql_where=text("stale")),
    )
