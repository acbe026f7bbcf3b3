"""Analysis: windows, topics, appraisals, alarms of the budget, and what a call may cost at most."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "budget_alarms",
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("budget", sa.String(), nullable=False),
        sa.Column("percent", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("period", "begins", "budget", "percent", name=op.f("pk_budget_alarms")),
    )
    op.create_table(
        "analysis_windows",
        sa.Column("window_id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), server_default=sa.text("'ready'"), nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("batch_id", sa.String(), nullable=True),
        sa.Column("cut_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("analysed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("analysed_by", sa.String(), nullable=True),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("summary", sa.String(), nullable=True),
        sa.Column("sentiment", sa.Float(), nullable=True),
        sa.CheckConstraint(
            "(state = 'analysing') = (leased_until IS NOT NULL)", name=op.f("ck_analysis_windows_leased")
        ),
        sa.CheckConstraint(
            "(state = 'submitted') = (batch_id IS NOT NULL)", name=op.f("ck_analysis_windows_submitted")
        ),
        sa.CheckConstraint("analysed_by IN ('model', 'local', 'rule')", name=op.f("ck_analysis_windows_analysed_by")),
        sa.CheckConstraint(
            "state IN ('ready', 'analysing', 'submitted', 'done', 'set_aside')", name=op.f("ck_analysis_windows_state")
        ),
        sa.CheckConstraint("sentiment BETWEEN -1 AND 1", name=op.f("ck_analysis_windows_sentiment")),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["model_calls.call_id"],
            name=op.f("fk_analysis_windows_call_id_model_calls"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chats.chat_id"], name=op.f("fk_analysis_windows_chat_id_chats"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("window_id", name=op.f("pk_analysis_windows")),
    )
    op.create_index(
        "ix_analysis_windows_batch",
        "analysis_windows",
        ["batch_id"],
        unique=False,
        postgresql_where=sa.text("state = 'submitted'"),
    )
    op.create_index("ix_analysis_windows_chat_id_last_at", "analysis_windows", ["chat_id", "last_at"], unique=False)
    op.create_index(
        "ix_analysis_windows_open",
        "analysis_windows",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('ready', 'analysing')"),
    )
    op.create_table(
        "topics",
        sa.Column("topic_id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("embedding", postgresql.ARRAY(sa.REAL()), nullable=False),
        sa.Column("stands_for", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chats.chat_id"], name=op.f("fk_topics_chat_id_chats"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["stands_for"], ["topics.topic_id"], name=op.f("fk_topics_stands_for_topics"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("topic_id", name=op.f("pk_topics")),
        sa.UniqueConstraint("chat_id", "name", name=op.f("uq_topics_chat_id_name")),
    )
    op.create_index(op.f("ix_topics_stands_for"), "topics", ["stands_for"], unique=False)
    op.create_table(
        "appraisals",
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("window_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), server_default=sa.text("'ready'"), nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("analysed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("analysed_by", sa.String(), nullable=True),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=True),
        sa.Column("sentiment", sa.Float(), nullable=True),
        sa.Column("requires_response", sa.Boolean(), nullable=True),
        sa.Column("summary", sa.String(), nullable=True),
        sa.Column("suggestion", sa.String(), nullable=True),
        sa.Column("sources", postgresql.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("untold", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("(state = 'analysing') = (leased_until IS NOT NULL)", name=op.f("ck_appraisals_leased")),
        sa.CheckConstraint("analysed_by IN ('model', 'local', 'rule')", name=op.f("ck_appraisals_analysed_by")),
        sa.CheckConstraint(
            "category IN ('question', 'problem', 'outage', 'complaint', 'request', 'feedback', 'other')",
            name=op.f("ck_appraisals_category"),
        ),
        sa.CheckConstraint("state IN ('ready', 'analysing', 'done', 'set_aside')", name=op.f("ck_appraisals_state")),
        sa.CheckConstraint("sentiment BETWEEN -1 AND 1", name=op.f("ck_appraisals_sentiment")),
        sa.ForeignKeyConstraint(
            ["call_id"], ["model_calls.call_id"], name=op.f("fk_appraisals_call_id_model_calls"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chats.chat_id"], name=op.f("fk_appraisals_chat_id_chats"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["window_id"],
            ["analysis_windows.window_id"],
            name=op.f("fk_appraisals_window_id_analysis_windows"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("chat_id", "message_id", name=op.f("pk_appraisals")),
    )
    op.create_index(
        "ix_appraisals_open",
        "appraisals",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('ready', 'analysing')"),
    )
    op.create_index("ix_appraisals_untold", "appraisals", ["made_at"], unique=False, postgresql_where=sa.text("untold"))
    op.create_index(
        "ix_appraisals_waiting",
        "appraisals",
        ["chat_id", "made_at"],
        unique=False,
        postgresql_where=sa.text("requires_response"),
    )
    op.create_table(
        "window_topics",
        sa.Column("window_id", sa.Uuid(), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.Column("message_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("sentiment", sa.Float(), nullable=False),
        sa.Column("resolved", sa.Boolean(), nullable=True),
        sa.CheckConstraint("sentiment BETWEEN -1 AND 1", name=op.f("ck_window_topics_sentiment")),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topics.topic_id"], name=op.f("fk_window_topics_topic_id_topics"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["window_id"],
            ["analysis_windows.window_id"],
            name=op.f("fk_window_topics_window_id_analysis_windows"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("window_id", "topic_id", name=op.f("pk_window_topics")),
    )
    op.create_index(op.f("ix_window_topics_topic_id"), "window_topics", ["topic_id"], unique=False)
    op.add_column("messages", sa.Column("window_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_messages_unwindowed",
        "messages",
        ["chat_id", "message_id"],
        unique=False,
        postgresql_where=sa.text("window_id IS NULL"),
    )
    op.create_index(
        "ix_messages_urgent",
        "messages",
        ["stored_at"],
        unique=False,
        postgresql_where=sa.text("lane = 'HIGH' AND NOT is_staff"),
    )
    op.create_index(
        "ix_messages_window_id",
        "messages",
        ["window_id"],
        unique=False,
        postgresql_where=sa.text("window_id IS NOT NULL"),
    )
    op.create_foreign_key(
        op.f("fk_messages_window_id_analysis_windows"),
        "messages",
        "analysis_windows",
        ["window_id"],
        ["window_id"],
        ondelete="SET NULL",
    )
    op.add_column("model_calls", sa.Column("api", sa.String(), server_default=sa.text("'messages'"), nullable=False))
    op.add_column("model_calls", sa.Column("batch_id", sa.String(), nullable=True))
    op.add_column(
        "model_calls",
        sa.Column("reserved", sa.Numeric(precision=18, scale=10), server_default=sa.text("0"), nullable=False),
    )
    for name, condition in (
        ("api", "api IN ('messages', 'batches')"),
        ("reserved", "reserved >= 0"),
    ):
        op.create_check_constraint(op.f(f"ck_model_calls_{name}"), "model_calls", condition)
    op.drop_constraint(op.f("ck_model_calls_outcome"), "model_calls")
    outcomes = (
        "'open', 'ok', 'truncated', 'refused', 'rejected', 'not_authorised', 'rate_limited', 'overloaded', 'unavailable', "
        "'timed_out', 'broken', 'cancelled', 'expired'"
    )
    op.create_check_constraint(op.f("ck_model_calls_outcome"), "model_calls", f"outcome IN ({outcomes})")
