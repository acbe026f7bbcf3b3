"""`bot_messages`: every message that the bot shows, and what it shall say.

The row is written in the transaction that decides; `assistant.bot.messenger` makes Telegram agree with it afterwards, as
often as it takes (docs/decisions/0007-bot-messages.md).
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.models.base import Base

KINDS = (
    "answer",  # to a question
    "card",  # of a hand-over, in the staff chat
    "reply",  # what staff answered: to the asker of a hand-over, or to the client of a suggestion
    "suggestion",  # a card with a draft, in the staff chat
    "alarm",  # a share of a budget was reached, in the staff chat
    "report",  # of a week, as a document, in the staff chat
)


class BotMessage(Base):
    """One message of the bot. `wanted > shown` means that Telegram does not show yet what it shall."""

    __tablename__ = "bot_messages"

    bot_message_id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    kind: Mapped[str]
    subject: Mapped[UUID]
    """The question, the hand-over, the suggestion, the alarm or the report that it is about."""
    chat_id: Mapped[int]
    """A private chat is known by its pseudonym."""
    sealed_chat: Mapped[bytes | None]
    """A private chat's real id, sealed; there only until everything wanted is shown."""
    topic_id: Mapped[int | None]
    reply_to: Mapped[int | None]
    message_id: Mapped[int | None]
    """Telegram's id, once the message is there."""
    html: Mapped[str]
    """In Telegram's HTML, masked, within its limits. Empty where what stood there was deleted or erased: it is to be said
    anew (`assistant.retracted`), and until then nothing is shown. Of a report: its file's name, and no more."""
    buttons: Mapped[list[Any]]
    """Rows of `[text, data or https link]`."""
    wanted: Mapped[int] = mapped_column(server_default=text("1"))
    """Grows with every change of `html` or `buttons`."""
    shown: Mapped[int] = mapped_column(server_default=text("0"))
    """The last `wanted` that Telegram has taken."""
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    tries: Mapped[int] = mapped_column(server_default=text("0"))
    failed: Mapped[str | None]
    """Why it can never be shown (the bot was blocked, the chat is gone); NULL while it may be."""
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    shown_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(repr(kind) for kind in KINDS)})", name="kind"),
        UniqueConstraint("kind", "subject"),
        UniqueConstraint("chat_id", "message_id"),
        Index("ix_bot_messages_blank", "bot_message_id", postgresql_where=text("html = ''")),
        Index("ix_bot_messages_due", "due_at", postgresql_where=text("shown < wanted AND failed IS NULL")),
    )
