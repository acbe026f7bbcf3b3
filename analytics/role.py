"""The analyze role: what runs side by side, and how it bears an outage."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn

import structlog
from sqlalchemy import text
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from analytics.batch import BatchLane
from analytics.bulk import BulkLane
from analytics.fast import FastLane
from core.db.session import Database, is_transient
from core.metrics import UNWINDOWED_SECONDS, URGENT_WAITING, WINDOWS
from core.streams.broker import PAUSES

log = structlog.get_logger(__name__)

FAST_POLL_SECONDS = 1.0
"""How often one looks for what is urgent: a look into an index that is nearly empty. The model takes longer by far."""
BATCH_POLL_SECONDS = 3.0
BULK_POLL_SECONDS = 60.0
"""What is answered within a day need not be handed in, or asked for, more often; so windows come together."""
FAST_WORKERS = 4
BATCH_WORKERS = 2

_OPEN = text("""
    SELECT
        (SELECT count(*) FROM appraisals WHERE state IN ('ready', 'analysing')) AS urgent,
        (SELECT coalesce(extract(epoch FROM now() - min(stored_at)), 0) FROM messages WHERE window_id IS NULL) AS unwindowed
""")
_WINDOWS = text("""
    SELECT state, count(windows.window_id) AS count
    FROM unnest(ARRAY['ready', 'analysing', 'submitted', 'set_aside']) AS state
    LEFT JOIN analysis_windows AS windows USING (state) GROUP BY state
""")


class AnalyzeRole:
    """Both lanes, until it is cancelled."""

    def __init__(self, database: Database, fast: FastLane, batch: BatchLane, bulk: BulkLane | None) -> None:
        """`bulk`: None means no key."""
        self._database = database
        self._fast = fast
        self._batch = batch
        self._bulk = bulk

    async def run(self) -> None:
        """Work. An error that does not pass by itself ends it: whatever supervises the role starts it again, and what it
        held has one try less."""
        async with asyncio.TaskGroup() as group:
            for step in (self._fast.notice, self._fast.tell, *[self._fast.step] * FAST_WORKERS):
                group.create_task(_steadily(step, FAST_POLL_SECONDS))
            for step in (self._batch.cut, *[self._batch.step] * BATCH_WORKERS):
                group.create_task(_steadily(step, BATCH_POLL_SECONDS))
            for step in (self._bulk.submit, self._bulk.collect) if self._bulk else ():
                group.create_task(_steadily(step, BULK_POLL_SECONDS))

    async def measure(self) -> None:
        """Set the gauges."""
        async with self._database.reading() as session:
            open_now = (await session.execute(_OPEN)).one()
            windows = (await session.execute(_WINDOWS)).all()
        URGENT_WAITING.set(open_now.urgent)
        UNWINDOWED_SECONDS.set(float(open_now.unwindowed))
        for state, count in windows:
            WINDOWS.labels(state).set(count)


async def _steadily(step: Callable[[], Awaitable[bool]], pause: float) -> NoReturn:
    """Do it again and again, with a pause where there was nothing to do; while PostgreSQL is away, wait for it."""
    while True:
        worked = False
        async for attempt in AsyncRetrying(
            retry=retry_if_exception(is_transient), wait=PAUSES, before_sleep=_waiting, reraise=True
        ):
            with attempt:
                worked = await step()
        if not worked:
            await asyncio.sleep(pause)


def _waiting(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    log.warning("postgresql is away, waiting", attempt=state.attempt_number, error=type(error).__name__)
