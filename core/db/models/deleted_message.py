"""`deleted_messages`: ids of messages that were deleted, so that a late edition does not bring one back."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from core.db.models.base import Base

SHARED = 0
"""The `chat_id` of an id from an account's shared space, where nobody knew which chat it was in. No chat has it."""


class DeletedMessage(Base):
    """All that is left of a deleted message. Its row in `messages` is gone, so nothing that reads messages meets it."""

    __tablename__ = "deleted_messages"

    chat_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    message_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    deleted_at: Mapped[datetime]
    """When the listener learned of it."""
