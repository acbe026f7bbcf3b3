"""The database role that only reads: what a page of the dashboard is to PostgreSQL.

A role is the cluster's, tables and their grants are each database's own. So this is not a migration: it is made sure of
after the migrations, whenever a process starts, also for tables that came later, for a dump that was restored without
privileges, and for a role that an operator has made meanwhile.
"""

from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

READER: Final = "otklik_reader"

# Another database of the cluster may be making it at this moment: PostgreSQL then waits for that transaction, and its name is
# taken. Whoever may not make roles leaves it to an operator; `core.db.session.Reader.check` says so when it is needed.
_MAKE = text(f"""
    DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{READER}') THEN
            CREATE ROLE {READER} NOLOGIN;
        END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL;
    END $$
""")
# Who has made a role may grant it, but may not yet become it.
_JOIN = text(f"""
    DO $$ BEGIN
        IF NOT pg_has_role(current_user, '{READER}', 'SET') THEN
            GRANT {READER} TO CURRENT_USER;
        END IF;
    EXCEPTION WHEN undefined_object OR unique_violation OR insufficient_privilege THEN NULL;
    END $$
""")
_GRANT = text(f"""
    DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{READER}') THEN
            RETURN;
        END IF;
        IF NOT has_schema_privilege('{READER}', current_schema(), 'USAGE') THEN
            EXECUTE format('GRANT USAGE ON SCHEMA %I TO {READER}', current_schema());
        END IF;
        IF EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = CAST(CAST(current_schema() AS text) AS regnamespace)
            AND c.relkind IN ('r', 'p') AND NOT has_table_privilege('{READER}', c.oid, 'SELECT')) THEN
            EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO {READER}', current_schema());
        END IF;
    END $$
""")  # noqa: S608 - only the constant above is put in


async def prepare_reader(connection: AsyncConnection) -> None:
    """Make the role where it may be made, and let it read every table of this database. Safe to repeat, and from several
    databases at once; within one the caller holds the migration lock."""
    for step in (_MAKE, _JOIN, _GRANT):
        await connection.execute(step)
