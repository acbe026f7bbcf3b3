"""`questions` and `question_messages`: what people asked the bot. The rows are the queue: nothing waits in memory only."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.models.base import Base

STATES = (
    "waiting",  # to be answered once `due_at` has come
    "answering",  # a worker has it until `leased_until`
    "answered",
    "refused",  # answered, with "I don't know"
    "dropped",  # nobody waits for it any more: its messages are gone, or nothing strong was found unasked
    "failed",  # given up after too many tries; the asker was told
)


class Question(Base):
    """One question: a message, or several of one person within seconds. Everything textual in it is masked."""

    __tablename__ = "questions"

    question_id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    asker: Mapped[str]
    """Pseudonym."""
    role: Mapped[str]
    """`admin`, `agent` or `client` when it was asked (`core.domain.access.Role`)."""
    chat_id: Mapped[int]
    """Where it was asked. A private chat is known by its pseudonym."""
    sealed_chat: Mapped[bytes | None]
    """A private chat's real id, sealed; there only while something has still to be sent about it."""
    topic_id: Mapped[int | None]
    origin: Mapped[str]
    """`private`, `group`, or `unasked`: the bot speaks by itself (`reply_mode`)."""
    follows: Mapped[UUID | None] = mapped_column(ForeignKey("questions.question_id", ondelete="SET NULL"))
    """The question before it in the same conversation."""
    state: Mapped[str] = mapped_column(server_default=text("'waiting'"))
    revision: Mapped[int] = mapped_column(server_default=text("1"))
    """Grows with every message that joins and every edit: an answer to an earlier revision is not shown."""
    reopened: Mapped[int] = mapped_column(server_default=text("0"))
    """How often that happened after it had been taken up: each time costs an answer, and counts as a question."""
    behind: Mapped[int] = mapped_column(server_default=text("0"))
    """How many open questions its asker had already: who asks much waits behind who asks little."""
    tries: Mapped[int] = mapped_column(server_default=text("0"))
    """How often this revision was taken up."""
    asked_at: Mapped[datetime] = mapped_column(server_default=func.now())
    """When its first message was sent, as Telegram tells."""
    last_at: Mapped[datetime] = mapped_column(server_default=func.now())
    """When its latest message or edit was sent."""
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    """From when it may be answered: a little after its last message, because people write in bursts."""
    leased_until: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    answer_id: Mapped[UUID | None] = mapped_column(ForeignKey("answers.answer_id", ondelete="SET NULL"), index=True)
    """The latest answer to it."""

    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(state) for state in STATES)})", name="state"),
        CheckConstraint("role IN ('admin', 'agent', 'client')", name="role"),
        CheckConstraint("origin IN ('private', 'group', 'unasked')", name="origin"),
        CheckConstraint("(state = 'answering') = (leased_until IS NOT NULL)", name="leased"),
        Index("ix_questions_open", "asker", "chat_id", postgresql_where=text("state IN ('waiting', 'answering')")),
        Index("ix_questions_asker", "asker", "asked_at"),
        Index("ix_questions_conversation", "chat_id", "asker", "asked_at"),
    )


class QuestionMessage(Base):
    """One Telegram message of a question. Its key makes an update that is delivered twice one message."""

    __tablename__ = "question_messages"

    chat_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    message_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    question_id: Mapped[UUID] = mapped_column(ForeignKey("questions.question_id", ondelete="CASCADE"), index=True)
    edit_version: Mapped[int]
    """Seconds since 1970 of the last edit; 0 for the first edition."""
    text: Mapped[str]
    """Masked."""
