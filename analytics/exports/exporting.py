"""Exporting: rows from a server-side cursor to a form."""

from typing import Protocol

from analytics.exports.forms import Form
from analytics.exports.tables import Table
from analytics.queries.inputs import Period, scoped
from core.db.session import ReadSession
from core.domain.access import AccessScope

CHUNK = 5_000
"""Rows that are held at once, and in a row group of Parquet: some megabytes."""


class Progress(Protocol):
    """Is told how far it is."""

    def reach(self, done: int) -> None:
        """So many rows are written."""


async def export(
    session: ReadSession, table: Table, scope: AccessScope, period: Period, form: Form, progress: Progress
) -> int:
    """Write the rows of the chats that may be seen; returns how many."""
    values = {**scoped(scope), **period.values()}
    bound = {name: values[name] for name in table.statement.compile().params}
    found = await session.stream(table.statement, bound)
    done = 0
    async for rows in found.partitions(CHUNK):
        form.write(rows)
        done += len(rows)
        progress.reach(done)
    form.close()
    return done
