"""First schema."""

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS vector")
    op.create_table(
        "chats",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_chats")),
    )
    op.create_table(
        "data_units",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("metadata_", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("node_id", sa.String(), nullable=False),
        sa.Column("embedding", HALFVEC(dim=384), nullable=True),
        sa.Column(
            "text_search_tsv",
            postgresql.TSVECTOR(),
            sa.Computed(
                "setweight(to_tsvector('russian', coalesce(metadata_->>'question', '')), 'A') || to_tsvector('russian', text)",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.Column(
            "chat_id", sa.BigInteger(), sa.Computed("((metadata_->>'chat_id')::bigint)", persisted=True), nullable=True
        ),
        sa.Column(
            "thread_id",
            sa.BigInteger(),
            sa.Computed("((metadata_->>'thread_id')::bigint)", persisted=True),
            nullable=True,
        ),
        sa.Column(
            "last_at", sa.Float(), sa.Computed("((metadata_->>'last_at')::float8)", persisted=True), nullable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_units")),
        sa.UniqueConstraint("node_id", name=op.f("uq_data_units_node_id")),
    )
    op.create_index("ix_data_units_chat_id_thread_id", "data_units", ["chat_id", "thread_id"], unique=False)
    op.create_index(
        "ix_data_units_embedding",
        "data_units",
        ["embedding"],
        unique=False,
        postgresql_using="hnsw",
        postgresql_ops={"embedding": "halfvec_cosine_ops"},
    )
    op.create_index(
        "ix_data_units_text_search_tsv", "data_units", ["text_search_tsv"], unique=False, postgresql_using="gin"
    )
    op.create_index(
        "ix_data_units_unembedded",
        "data_units",
        ["chat_id", "id"],
        unique=False,
        postgresql_where=sa.text("embedding IS NULL"),
    )
    op.create_table(
        "dead_letters",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("entry_id", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_letters")),
        sa.UniqueConstraint("stream", "entry_id", name=op.f("uq_dead_letters_stream_entry_id")),
    )
    op.create_table(
        "pseudonym_key",
        sa.Column("only_row", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.CheckConstraint("only_row", name=op.f("ck_pseudonym_key_only_row")),
        sa.PrimaryKeyConstraint("only_row", name=op.f("pk_pseudonym_key")),
    )
    op.create_table(
        "unmasked",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "message_id", name=op.f("pk_unmasked")),
    )
    op.create_table(
        "index_info",
        sa.Column("only_row", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("dimension", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("only_row", name=op.f("ck_index_info_only_row")),
        sa.PrimaryKeyConstraint("only_row", name=op.f("pk_index_info")),
    )
    op.create_table(
        "model_calls",
        sa.Column("call_id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("retry_of", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("prompt", sa.String(), nullable=True),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("cache_read_tokens", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("cache_write_5m_tokens", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("cache_write_1h_tokens", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("price", sa.Numeric(precision=18, scale=10), nullable=True),
        sa.Column("latency_ms", sa.BigInteger(), nullable=True),
        sa.Column("request_id", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.CheckConstraint("(outcome = 'open') = (settled_at IS NULL)", name=op.f("ck_model_calls_settled")),
        sa.CheckConstraint("outcome <> 'open' OR price IS NULL", name=op.f("ck_model_calls_open_unpriced")),
        sa.CheckConstraint(
            "outcome IN ('open', 'ok', 'truncated', 'refused', 'rejected', 'not_authorised', 'rate_limited', 'overloaded', 'unavailable', 'timed_out', 'broken', 'cancelled')",
            name=op.f("ck_model_calls_outcome"),
        ),
        sa.CheckConstraint(
            "outcome NOT IN ('ok', 'truncated', 'refused') OR price IS NOT NULL",
            name=op.f("ck_model_calls_reply_priced"),
        ),
        sa.CheckConstraint(
            "least(input_tokens, output_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens) >= 0",
            name=op.f("ck_model_calls_tokens"),
        ),
        sa.CheckConstraint("price >= 0", name=op.f("ck_model_calls_price")),
        sa.ForeignKeyConstraint(
            ["retry_of"], ["model_calls.call_id"], name=op.f("fk_model_calls_retry_of_model_calls")
        ),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_model_calls")),
    )
    op.create_index(
        "ix_model_calls_open",
        "model_calls",
        ["opened_at"],
        unique=False,
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_index(op.f("ix_model_calls_opened_at"), "model_calls", ["opened_at"], unique=False)
    op.create_index(op.f("ix_model_calls_purpose"), "model_calls", ["purpose"], unique=False)
    op.create_table(
        "prompt_versions",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("first_used_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_prompt_versions")),
    )
    op.create_table(
        "answers",
        sa.Column("answer_id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("scope", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("prompt", sa.String(), nullable=True),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("latency_ms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["model_calls.call_id"], name=op.f("fk_answers_call_id_model_calls")),
        sa.PrimaryKeyConstraint("answer_id", name=op.f("pk_answers")),
    )
    op.create_index(op.f("ix_answers_asked_at"), "answers", ["asked_at"], unique=False)
    op.create_table(
        "coverage",
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("held", postgresql.INT8MULTIRANGE(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.chat_id"], name=op.f("fk_coverage_chat_id_chats")),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_coverage")),
    )
    op.create_table(
        "messages",
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("edit_version", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("is_staff", sa.Boolean(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reply_to", sa.BigInteger(), nullable=True),
        sa.Column("topic_id", sa.BigInteger(), nullable=True),
        sa.Column("mentions", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("lane_score", sa.BigInteger(), nullable=False),
        sa.Column("lane_reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("threaded", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("thread_id", sa.BigInteger(), nullable=True),
        sa.Column("link_how", sa.String(), nullable=True),
        sa.Column("link_evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint("lane IN ('HIGH', 'MEDIUM', 'LOW')", name=op.f("ck_messages_lane")),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.chat_id"], name=op.f("fk_messages_chat_id_chats")),
        sa.PrimaryKeyConstraint("chat_id", "message_id", name=op.f("pk_messages")),
    )
    op.create_index("ix_messages_chat_id_parent_id", "messages", ["chat_id", "parent_id"], unique=False)
    op.create_index("ix_messages_chat_id_thread_id", "messages", ["chat_id", "thread_id"], unique=False)
    op.create_index("ix_messages_sent_at", "messages", ["sent_at"], unique=False)
    op.create_index(
        "ix_messages_unthreaded",
        "messages",
        ["chat_id", "message_id"],
        unique=False,
        postgresql_where=sa.text("NOT threaded"),
    )
    op.create_table(
        "citations",
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answers.answer_id"], name=op.f("fk_citations_answer_id_answers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("answer_id", "rank", name=op.f("pk_citations")),
    )
    op.create_index(op.f("ix_citations_unit_id"), "citations", ["unit_id"], unique=False)
