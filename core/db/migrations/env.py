"""What Alembic runs. It uses the connection that `core.db.schema` gives it, and no configuration file."""

from alembic import context

from core.db.models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
