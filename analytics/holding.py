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

PATIENCE = 5.0
"""Seconds for the last renewal to end by itself: one that is cut off in the middle costs the pool its connection."""


@asynccontextmanager
async def holding(database: Database, held: Job) -> AsyncIterator[None]:
    """Renew the claim every third of its lease until the block ends."""
    ended = asyncio.Event()
    renewing = asyncio.create_task(_renew(database, held, ended))
    try:
        yield
    finally:
        ended.set()
        try:
            await asyncio.wait({renewing}, timeout=PATIENCE)
        finally:
            renewing.cancel()


async def _renew(database: Database, held: Job, ended: asyncio.Event) -> None:
    while not await _passed(ended, queue.LEASE.total_seconds() / 3):
        try:
            async with database.transaction() as session:
                if not await queue.renew(session, held, datetime.now(UTC)):
                    return  # it is lost; storing will tell
        except (*DATABASE_ERRORS, OSError) as error:
            if not is_transient(error):
                raise
            log.warning("a claim could not be renewed: postgresql is away")


async def _passed(ended: asyncio.Event, seconds: float) -> bool:
    """Whether the end came within so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            return await ended.wait()
    except TimeoutError:
        return False
