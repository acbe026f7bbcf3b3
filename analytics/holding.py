"""Holding on to a claim while it is worked on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import structlog

from analytics import queue
from analytics.queue import Job
from core.db.session import DATABASE_ERRORS, Database, is_transient

log = structlog.get_logger(__name__)


@asynccontextmanager
async def holding(database: Database, held: Job) -> AsyncIterator[None]:
    """Renew the claim every third of its lease until the block ends."""
    renewing = asyncio.create_task(_renew(database, held))
    try:
        yield
    finally:
        renewing.cancel()
        await asyncio.wait({renewing})


async def _renew(database: Database, held: Job) -> None:
    while True:
        await asyncio.sleep(queue.LEASE.total_seconds() / 3)
        try:
            async with database.transaction() as session:
                if not await queue.renew(session, held, datetime.now(UTC)):
                    return  # it is lost; storing will tell
        except (*DATABASE_ERRORS, OSError) as error:
            if not is_transient(error):
                raise
            log.warning("a claim could not be renewed: postgresql is away")
