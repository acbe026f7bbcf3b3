"""${message}

Before this is merged: does it lock a table that the consumers write to for longer than a second at a million rows?
Then split it (add nullable, fill in batches, constrain), and build indexes CONCURRENTLY in an autocommit block.
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
