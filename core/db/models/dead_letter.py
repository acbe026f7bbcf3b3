"""`dead_letters`: stream entries that could not be handled, kept until a person sends them again."""

from datetime import datetime

from sqlalchemy import Identity, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from core.db.models.base import Base


class DeadLetter(Base):
    """One entry that failed for good. It is already acknowledged in its stream: this row is all that is left of it."""

    __tablename__ = "dead_letters"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    stream: Mapped[str]
    entry_id: Mapped[str]
    """The entry's id in the stream; with `stream` it makes a second delivery of the same entry one row."""
    body: Mapped[bytes]
    """The message as it stood in the stream: masked, like everything there."""
    error: Mapped[str]
    """The exception's type and what it said, masked and bounded."""
    failed_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (UniqueConstraint("stream", "entry_id"),)
