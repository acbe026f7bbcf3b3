"""`unmasked`: messages that could not be masked, and so are not held. Never their text."""

from datetime import datetime

from sqlalchemy import func
from sqlalchemy.orm import Mapped, mapped_column

from core.db.models.base import Base


class Unmasked(Base):
    """One message that waits where it came from. It counts as waiting until a later try has stored it."""

    __tablename__ = "unmasked"

    chat_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    message_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    error: Mapped[str]
    """What the masker said: lengths and types only."""
    failed_at: Mapped[datetime] = mapped_column(server_default=func.now())
