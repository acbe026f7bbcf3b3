"""Alembic migrations, run by `core.db.schema`."""
