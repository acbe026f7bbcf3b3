"""`coverage`: which message ids of each chat are known to be held, so that a hole can be named."""

from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import INT8MULTIRANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from core.db.models.base import Base


class Coverage(Base):
    """PostgreSQL's own multirange does the arithmetic: `held + new`, `range_merge(held) - held` for the holes."""

    __tablename__ = "coverage"

    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.chat_id"), primary_key=True)
    held: Mapped[list[Range[Any]]] = mapped_column(INT8MULTIRANGE)
