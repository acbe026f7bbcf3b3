"""Evals: the operator's own cases, runs and their results, what was paid for, calibrations, experiments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calibrations",
        sa.Column("embedding_model", sa.String(), nullable=False),
        sa.Column("fitted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.Column("wanted_precision", sa.Float(), nullable=False),
        sa.Column("precision", sa.Float(), nullable=False),
        sa.Column("coverage", sa.Float(), nullable=False),
        sa.Column("cases", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.CheckConstraint("cases > 0", name=op.f("ck_calibrations_cases")),
        sa.CheckConstraint("threshold > 0", name=op.f("ck_calibrations_threshold")),
        sa.PrimaryKeyConstraint("embedding_model", "fitted_at", name=op.f("pk_calibrations")),
    )
    op.create_table(
        "eval_runs",
        sa.Column("run_id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("setup", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("cases", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_eval_runs")),
    )
    op.create_index(op.f("ix_eval_runs_started_at"), "eval_runs", ["started_at"], unique=False)
    op.create_table(
        "eval_replies",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("reply", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("rests_on", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["model_calls.call_id"], name=op.f("fk_eval_replies_call_id_model_calls"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_eval_replies")),
    )
    op.create_index("ix_eval_replies_rests_on", "eval_replies", ["rests_on"], unique=False, postgresql_using="gin")
    op.create_index(op.f("ix_eval_replies_case_id"), "eval_replies", ["case_id"], unique=False)
    op.create_table(
        "eval_results",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("sample", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.Column("rests_on", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("scores", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("verdict", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("cost_usd", sa.Numeric(precision=18, scale=10), nullable=False),
        sa.Column("paid_usd", sa.Numeric(precision=18, scale=10), nullable=False),
        sa.Column("latency_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["eval_runs.run_id"], name=op.f("fk_eval_results_run_id_eval_runs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "case_id", "sample", name=op.f("pk_eval_results")),
    )
    op.create_index("ix_eval_results_rests_on", "eval_results", ["rests_on"], unique=False, postgresql_using="gin")
    op.create_table(
        "experiments",
        sa.Column("experiment_id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("control_prompt", sa.String(), nullable=False),
        sa.Column("control_model", sa.String(), nullable=False),
        sa.Column("candidate_prompt", sa.String(), nullable=False),
        sa.Column("candidate_model", sa.String(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), server_default=sa.text("'running'"), nullable=False),
        sa.Column("verdict", sa.String(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'running') = (decided_at IS NULL)", name=op.f("ck_experiments_decided")),
        sa.CheckConstraint(
            "state IN ('running', 'adopted', 'rejected', 'undecided', 'stopped')", name=op.f("ck_experiments_state")
        ),
        sa.CheckConstraint("share > 0 AND share < 1", name=op.f("ck_experiments_share")),
        sa.ForeignKeyConstraint(
            ["candidate_prompt"],
            ["prompt_versions.version"],
            name=op.f("fk_experiments_candidate_prompt_prompt_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["control_prompt"], ["prompt_versions.version"], name=op.f("fk_experiments_control_prompt_prompt_versions")
        ),
        sa.PrimaryKeyConstraint("experiment_id", name=op.f("pk_experiments")),
    )
    op.create_index(
        "uq_experiments_live",
        "experiments",
        [sa.text("(true)")],
        unique=True,
        postgresql_where=sa.text("state IN ('running', 'adopted')"),
    )
    op.create_table(
        "eval_cases",
        sa.Column("case_id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("source", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), server_default=sa.text("'candidate'"), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=True),
        sa.Column("rests_on", postgresql.ARRAY(sa.TEXT()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("reference", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("must_refuse", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "must_not_say", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
        sa.Column("remark", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("embedding", postgresql.ARRAY(sa.REAL()), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(state IN ('accepted', 'rejected')) = (decided_at IS NOT NULL)", name=op.f("ck_eval_cases_decided")
        ),
        sa.CheckConstraint(
            "origin IN ('liked', 'disliked', 'corrected', 'staff_reply', 'escalated', 'suggested')",
            name=op.f("ck_eval_cases_origin"),
        ),
        sa.CheckConstraint(
            "state IN ('candidate', 'accepted', 'rejected', 'withdrawn')", name=op.f("ck_eval_cases_state")
        ),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["questions.question_id"],
            name=op.f("fk_eval_cases_question_id_questions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_eval_cases")),
        sa.UniqueConstraint("source", name=op.f("uq_eval_cases_source")),
    )
    op.create_index("ix_eval_cases_rests_on", "eval_cases", ["rests_on"], unique=False, postgresql_using="gin")
    op.create_index(op.f("ix_eval_cases_question_id"), "eval_cases", ["question_id"], unique=False)
    op.create_index("ix_eval_cases_state", "eval_cases", ["state", "made_at"], unique=False)
    op.add_column("answers", sa.Column("experiment_id", sa.Uuid(), nullable=True))
    op.add_column("answers", sa.Column("arm", sa.String(), nullable=True))
    op.create_index(op.f("ix_answers_experiment_id"), "answers", ["experiment_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_answers_experiment_id_experiments"), "answers", "experiments", ["experiment_id"], ["experiment_id"]
    )
    op.create_check_constraint(op.f("ck_answers_arm"), "answers", "arm IN ('control', 'candidate')")
    op.create_check_constraint(
        op.f("ck_answers_arm_of_experiment"), "answers", "(arm IS NULL) = (experiment_id IS NULL)"
    )
