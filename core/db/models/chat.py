"""`chats`: the chats whose messages are held."""

from datetime import datetime

from sqlalchemy import func
from sqlalchemy.orm import Mapped, mapped_column

from core.db.models.base import Base


class Chat(Base):
    """One chat. A private chat is known by its pseudonym: its real id would be the person's."""

    __tablename__ = "chats"

    chat_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    title: Mapped[str]
    """Masked."""
    first_seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
    speaking_since: Mapped[datetime | None]
    """Since when the bot may speak here unasked (`reply_mode`): what was asked before is left alone. NULL while it may not."""
