"""`listened_chats`: how far the listener has come, per chat."""

from datetime import datetime

from sqlalchemy import func
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from core.db.models.base import Base

ACCOUNT = 0
"""The row of the account itself: the `pts` that its private chats and basic groups share."""


class ListenedChat(Base):
    """One chat of the listening account, or the account itself. What lies before the cursor is in the streams or stored."""

    __tablename__ = "listened_chats"

    chat_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """As stored: a private chat's pseudonym. No foreign key, since `ACCOUNT` is no chat."""
    pts: Mapped[int | None]
    """Telegram's number of the last event that Redis has safely taken; NULL where the account's counts."""
    told_at: Mapped[datetime | None]
    """Telegram's own time of that state; only the account has one."""
    top_id: Mapped[int] = mapped_column(server_default=sql("0"))
    """The newest message id at that state: what came before it has been heard, or is a hole in the coverage."""
    shared: Mapped[bool] = mapped_column(server_default=sql("false"))
    """Whether the chat's message ids come from the account's shared space (private chats and basic groups)."""
    wanted_depth: Mapped[int] = mapped_column(server_default=sql("0"))
    """How many messages of history somebody asked for with `otklik backfill`; the set depth is read without asking."""
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
