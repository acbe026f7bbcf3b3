"""Rollups for the dashboard: threads and chat hours, filled from what is held; the chat of a model call.

The tables are filled before their keys and indexes are made, and what locks `chats` and `messages` comes last: of two
minutes at a million messages the consumers wait for some seconds.
"""

from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby, islice
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.domain.threads import summarise

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

READ = 2_000
"""Messages fetched at once."""
WRITTEN = 1_000
"""Threads inserted at once."""

_HOURS = """
    INSERT INTO chat_hours (chat_id, hour, messages, staff_messages, urgent, people)
    SELECT chat_id, date_trunc('hour', sent_at, 'UTC'), count(*), count(*) FILTER (WHERE is_staff),
        count(*) FILTER (WHERE lane = 'HIGH' AND NOT is_staff), count(DISTINCT sender)
    FROM messages GROUP BY 1, 2
"""
_CURSOR = """
    DECLARE held NO SCROLL CURSOR FOR
    SELECT chat_id, thread_id, message_id, is_staff, sender, sent_at, text FROM messages
    WHERE thread_id IS NOT NULL ORDER BY chat_id, thread_id
"""
_VERDICTS = """
    WITH said AS (
        SELECT m.chat_id, m.thread_id, w.last_at, CASE WHEN bool_or(f.resolved IS FALSE) THEN false
            WHEN bool_or(f.resolved IS NULL) THEN NULL ELSE true END AS verdict
        FROM window_topics f CROSS JOIN LATERAL unnest(f.message_ids) AS said(message_id)
            JOIN analysis_windows w USING (window_id)
            JOIN messages m ON m.chat_id = w.chat_id AND m.message_id = said.message_id AND m.window_id = w.window_id
        WHERE m.thread_id IS NOT NULL GROUP BY 1, 2, 3
    ), latest AS (
        SELECT DISTINCT ON (chat_id, thread_id) * FROM said ORDER BY chat_id, thread_id, last_at DESC
    )
    UPDATE threads t SET verdict = latest.verdict, judged_at = latest.last_at FROM latest
    WHERE t.chat_id = latest.chat_id AND t.thread_id = latest.thread_id
"""
_CALLS = (
    "UPDATE model_calls c SET chat_id = w.chat_id FROM analysis_windows w WHERE w.call_id = c.call_id",
    "UPDATE model_calls c SET chat_id = a.chat_id FROM appraisals a WHERE a.call_id = c.call_id",
    """UPDATE model_calls c SET chat_id = (a.scope->'chats'->>0)::bigint FROM answers a
        WHERE a.call_id = c.call_id AND jsonb_array_length(a.scope->'chats') = 1""",
    "UPDATE model_calls c SET chat_id = first.chat_id FROM model_calls first WHERE c.retry_of = first.call_id",
)


def upgrade() -> None:
    op.create_table(
        "chat_hours",
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("staff_messages", sa.Integer(), nullable=False),
        sa.Column("urgent", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("stale", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    threads = op.create_table(
        "threads",
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_by_staff", sa.Boolean(), nullable=False),
        sa.Column("messages", sa.BigInteger(), nullable=False),
        sa.Column("staff_messages", sa.BigInteger(), nullable=False),
        sa.Column("asker", sa.String(), nullable=True),
        sa.Column("asked_id", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("open_id", sa.BigInteger(), nullable=True),
        sa.Column("open_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verdict", sa.Boolean(), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "resolved",
            sa.Boolean(),
            sa.Computed("CASE WHEN open_at > judged_at THEN false ELSE verdict END", persisted=True),
            nullable=True,
        ),
    )
    op.execute(_HOURS)
    _fill(threads)
    op.create_primary_key(op.f("pk_chat_hours"), "chat_hours", ["chat_id", "hour"])
    op.create_primary_key(op.f("pk_threads"), "threads", ["chat_id", "thread_id"])
    op.execute(_VERDICTS)
    op.create_index("ix_chat_hours_hour", "chat_hours", ["hour"], unique=False)
    op.create_index("ix_chat_hours_stale", "chat_hours", ["chat_id"], unique=False, postgresql_where=sa.text("stale"))
    op.create_index("ix_threads_last_at", "threads", ["last_at", "chat_id"], unique=False)
    op.create_index(
        "ix_threads_asked",
        "threads",
        ["asked_at", "chat_id"],
        unique=False,
        postgresql_include=["answered_at", "resolved"],
        postgresql_where=sa.text("asked_at IS NOT NULL"),
    )
    op.create_index(
        "ix_threads_open",
        "threads",
        ["open_at", "chat_id"],
        unique=False,
        postgresql_where=sa.text("open_at IS NOT NULL AND resolved IS NOT TRUE"),
    )
    op.add_column("model_calls", sa.Column("chat_id", sa.BigInteger(), nullable=True))
    for statement in _CALLS:
        op.execute(statement)
    op.create_index(
        "ix_appraisals_fast", "appraisals", ["made_at"], unique=False, postgresql_where=sa.text("window_id IS NULL")
    )
    op.create_index("ix_answers_refused", "answers", ["asked_at"], unique=False, postgresql_where=sa.text("refused"))
    op.add_column("answers", sa.Column("question_vector", postgresql.ARRAY(sa.REAL()), nullable=True))
    for table in ("chat_hours", "threads"):
        op.create_foreign_key(
            op.f(f"fk_{table}_chat_id_chats"), table, "chats", ["chat_id"], ["chat_id"], ondelete="CASCADE"
        )
    op.drop_index("ix_messages_sent_at", "messages")
    op.create_index("ix_messages_chat_id_sent_at", "messages", ["chat_id", "sent_at"], unique=False)


def _fill(threads: sa.Table) -> None:
    """A row for every thread that is held, in constant memory but for the longest thread."""
    op.execute(_CURSOR)
    rows = _summaries()
    while some := list(islice(rows, WRITTEN)):
        op.bulk_insert(threads, some)
    op.execute("CLOSE held")  # by its name: the driver's own cursor stays open, and forbids what follows


def _summaries() -> Iterator[dict[str, Any]]:
    for (chat_id, thread_id), messages in groupby(_messages(), key=lambda row: (row.chat_id, row.thread_id)):
        yield {"chat_id": chat_id, "thread_id": thread_id, **asdict(summarise(list(messages)))}


def _messages() -> Iterator[sa.Row[Any]]:
    while some := op.get_bind().execute(sa.text(f"FETCH {READ} FROM held")).all():
        yield from some
