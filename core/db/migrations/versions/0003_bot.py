"""The bot: questions as a queue, what it shows, votes, hand-overs, vetted answers, suggestions.

The two columns of `data_units` rewrite the table once: about a minute for a million units, before any role starts.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bot_messages",
        sa.Column("bot_message_id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("sealed_chat", sa.LargeBinary(), nullable=True),
        sa.Column("topic_id", sa.BigInteger(), nullable=True),
        sa.Column("reply_to", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("html", sa.String(), nullable=False),
        sa.Column("buttons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("wanted", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("shown", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("failed", sa.String(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('answer', 'card', 'reply', 'suggestion')", name=op.f("ck_bot_messages_kind")),
        sa.PrimaryKeyConstraint("bot_message_id", name=op.f("pk_bot_messages")),
        sa.UniqueConstraint("chat_id", "message_id", name=op.f("uq_bot_messages_chat_id_message_id")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_bot_messages_kind_subject")),
    )
    op.create_index(
        "ix_bot_messages_blank", "bot_messages", ["bot_message_id"], unique=False, postgresql_where=sa.text("html = ''")
    )
    op.create_index(
        "ix_bot_messages_due",
        "bot_messages",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("shown < wanted AND failed IS NULL"),
    )
    op.create_table(
        "vetted_answers",
        sa.Column("vetted_id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("asker", sa.String(), nullable=False),
        sa.Column("public", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("source", sa.Uuid(), nullable=False),
        sa.Column("vetted_by", sa.String(), nullable=False),
        sa.Column("vetted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("origin IN ('handover', 'correction')", name=op.f("ck_vetted_answers_origin")),
        sa.PrimaryKeyConstraint("vetted_id", name=op.f("pk_vetted_answers")),
        sa.UniqueConstraint("source", name=op.f("uq_vetted_answers_source")),
    )
    op.create_index(op.f("ix_vetted_answers_chat_id"), "vetted_answers", ["chat_id"], unique=False)
    op.create_table(
        "feedback",
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("voter", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("vote", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("correction", sa.String(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("voted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("by IN ('button', 'reaction')", name=op.f("ck_feedback_by")),
        sa.CheckConstraint(
            "reason IN ('wrong', 'outdated', 'incomplete', 'not_my_question', 'should_not_have_said')",
            name=op.f("ck_feedback_reason"),
        ),
        sa.CheckConstraint(
            "vote = -1 OR (reason IS NULL AND correction IS NULL)", name=op.f("ck_feedback_reason_of_down")
        ),
        sa.CheckConstraint("vote IN (1, -1)", name=op.f("ck_feedback_vote")),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answers.answer_id"], name=op.f("fk_feedback_answer_id_answers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("answer_id", "voter", name=op.f("pk_feedback")),
    )
    op.create_table(
        "questions",
        sa.Column("question_id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("asker", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("sealed_chat", sa.LargeBinary(), nullable=True),
        sa.Column("topic_id", sa.BigInteger(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("follows", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("reopened", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("behind", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(state = 'answering') = (leased_until IS NOT NULL)", name=op.f("ck_questions_leased")),
        sa.CheckConstraint("origin IN ('private', 'group', 'unasked')", name=op.f("ck_questions_origin")),
        sa.CheckConstraint("role IN ('admin', 'agent', 'client')", name=op.f("ck_questions_role")),
        sa.CheckConstraint(
            "state IN ('waiting', 'answering', 'answered', 'refused', 'dropped', 'failed')",
            name=op.f("ck_questions_state"),
        ),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answers.answer_id"], name=op.f("fk_questions_answer_id_answers"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["follows"], ["questions.question_id"], name=op.f("fk_questions_follows_questions"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("question_id", name=op.f("pk_questions")),
    )
    op.create_index(op.f("ix_questions_answer_id"), "questions", ["answer_id"], unique=False)
    op.create_index("ix_questions_asker", "questions", ["asker", "asked_at"], unique=False)
    op.create_index("ix_questions_conversation", "questions", ["chat_id", "asker", "asked_at"], unique=False)
    op.create_index(
        "ix_questions_open",
        "questions",
        ["asker", "chat_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('waiting', 'answering')"),
    )
    op.create_table(
        "suggestions",
        sa.Column("suggestion_id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=True),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("draft", sa.String(), nullable=True),
        sa.Column("answer_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.CheckConstraint("(state = 'snoozed') = (due_at IS NOT NULL)", name=op.f("ck_suggestions_snoozed")),
        sa.CheckConstraint(
            "state IN ('open', 'snoozed', 'sent', 'dismissed', 'withdrawn')", name=op.f("ck_suggestions_state")
        ),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answers.answer_id"], name=op.f("fk_suggestions_answer_id_answers"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("suggestion_id", name=op.f("pk_suggestions")),
        sa.UniqueConstraint("chat_id", "message_id", name=op.f("uq_suggestions_chat_id_message_id")),
    )
    op.create_index(op.f("ix_suggestions_answer_id"), "suggestions", ["answer_id"], unique=False)
    op.create_index(
        "ix_suggestions_snoozed", "suggestions", ["due_at"], unique=False, postgresql_where=sa.text("state = 'snoozed'")
    )
    op.create_table(
        "handovers",
        sa.Column("handover_id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("candidates", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("state", sa.String(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("reply", sa.String(), nullable=True),
        sa.CheckConstraint("(state = 'answered') = (reply IS NOT NULL)", name=op.f("ck_handovers_answered")),
        sa.CheckConstraint("state IN ('open', 'answered')", name=op.f("ck_handovers_state")),
        sa.CheckConstraint("why IN ('asked', 'downvoted')", name=op.f("ck_handovers_why")),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["questions.question_id"],
            name=op.f("fk_handovers_question_id_questions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("handover_id", name=op.f("pk_handovers")),
        sa.UniqueConstraint("question_id", name=op.f("uq_handovers_question_id")),
    )
    op.create_table(
        "question_messages",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("edit_version", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["questions.question_id"],
            name=op.f("fk_question_messages_question_id_questions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("chat_id", "message_id", name=op.f("pk_question_messages")),
    )
    op.create_index(op.f("ix_question_messages_question_id"), "question_messages", ["question_id"], unique=False)
    op.add_column(
        "data_units",
        sa.Column(
            "vetted", sa.Boolean(), sa.Computed("(metadata_->>'vetted' IS NOT NULL)", persisted=True), nullable=False
        ),
    )
    op.add_column(
        "data_units",
        sa.Column(
            "public",
            sa.Boolean(),
            sa.Computed("(coalesce(metadata_->>'vetted', '') = 'public')", persisted=True),
            nullable=False,
        ),
    )
    op.create_index("ix_data_units_public", "data_units", ["id"], unique=False, postgresql_where=sa.text("public"))
    op.add_column("answers", sa.Column("question_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_answers_question_id_questions"),
        "answers",
        "questions",
        ["question_id"],
        ["question_id"],
        ondelete="CASCADE",
    )
    op.create_index(op.f("ix_answers_question_id"), "answers", ["question_id"], unique=False)
    op.create_index("ix_messages_sender", "messages", ["sender"], unique=False)
    op.add_column("chats", sa.Column("speaking_since", sa.DateTime(timezone=True), nullable=True))
