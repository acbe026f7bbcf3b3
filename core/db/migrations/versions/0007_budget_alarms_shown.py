"""The bot tells the staff chat of budget alarms."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint(op.f("ck_bot_messages_kind"), "bot_messages")
    kinds = "'answer', 'card', 'reply', 'suggestion', 'alarm'"
    op.create_check_constraint(op.f("ck_bot_messages_kind"), "bot_messages", f"kind IN ({kinds})")
