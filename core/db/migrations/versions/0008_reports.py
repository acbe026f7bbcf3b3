"""Weekly reports: the weeks that the staff chat has one of, and the messages that bring them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("report_id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_reports")),
        sa.UniqueConstraint("week", name=op.f("uq_reports_week")),
    )
    op.drop_constraint(op.f("ck_bot_messages_kind"), "bot_messages")
    op.create_check_constraint(
        op.f("ck_bot_messages_kind"),
        "bot_messages",
        "kind IN ('answer', 'card', 'reply', 'suggestion', 'alarm', 'report')",
    )
