"""Windows in the vendor's message batches: half the price, and an answer within a day.

A window that was handed in holds the id of its batch and of its request. Whatever dies before it does is taken up again
when its lease ends; the batch that nobody waits for any more is still collected, since the ledger knows of it.
"""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from uuid import UUID

import structlog
from sqlalchemy import select

from analytics import queue
from analytics.analysis.windows import WindowAnalyst
from analytics.batch import BatchLane, needs_model
from analytics.findings import WindowFindings
from analytics.holding import holding
from analytics.loading import window_reading
from core.db.models import AnalysisWindow
from core.db.session import Database
from core.errors import MaskingError, ModelCallError
from core.llm.batches import Batches, Result
from core.llm.calls import Call
from core.llm.errors import BrokenReply, BudgetExhausted, CallFailed, Refused, Truncated

log = structlog.get_logger(__name__)

TOGETHER = 100
"""Windows in a batch. The vendor takes far more; but what dies while it hands them in hands them all in again."""


class BulkLane:
    """Hands windows in and collects what became of them."""

    def __init__(self, database: Database, lane: BatchLane, analyst: WindowAnalyst, batches: Batches) -> None:
        self._database = database
        self._lane = lane
        self._analyst = analyst
        self._batches = batches

    async def submit(self) -> bool:
        """Hand in what is due, if the rules say so; whether anything was taken up. What needs no model is stored at once."""
        if not self._lane.in_bulk:
            return False
        windows = await self._claimed()
        async with AsyncExitStack() as held:
            for window in windows:
                await held.enter_async_context(holding(self._database, window))
            asked = [(window, call) for window in windows if (call := await self._call(window)) is not None]
            if asked:
                await self._hand_in([window for window, _ in asked], [call for _, call in asked])
        return bool(windows)

    async def collect(self) -> bool:
        """Store the results of every batch that has ended. False: nothing is left that could be done at once."""
        try:
            await self._batches.settle_unconfirmed()
        except CallFailed as error:
            log.warning("unconfirmed batches could not be looked for", error=str(error))
        for batch_id in sorted({*await self._batches.unsettled(), *await self._awaited()}):
            try:
                results = await self._batches.collect(batch_id)
            except ModelCallError as error:
                log.warning("a batch could not be collected", batch_id=batch_id, error=str(error))
                continue
            if results is not None:
                await self._store(batch_id, results)
        return False

    async def _claimed(self) -> Sequence[AnalysisWindow]:
        claimed: list[AnalysisWindow] = []
        async with self._database.transaction() as session:
            while len(claimed) < TOGETHER:
                window = await queue.claim(session, AnalysisWindow, datetime.now(UTC))
                if window is None:
                    break
                claimed.append(window)
        return claimed

    async def _call(self, window: AnalysisWindow) -> Call | None:
        """What to ask of the model; None where it need not be asked."""
        async with self._database.reading() as session:
            reading = await window_reading(session, window.window_id)
        if needs_model(window, reading):
            return self._analyst.call(window.chat_id, reading, await self._lane.offered(window.chat_id, reading))
        await self._lane.store(window, await self._lane.by_rules(window, reading))
        return None

    async def _hand_in(self, windows: Sequence[AnalysisWindow], calls: Sequence[Call]) -> None:
        try:
            submitted = await self._batches.submit(calls)
        except ModelCallError as error:
            for window in windows:
                await self._lane.failed(window, error)
            return
        async with self._database.transaction() as session:
            for place, call_id in submitted.call_ids.items():
                await queue.submitted(session, windows[place], submitted.batch_id, call_id)
        for place, window in enumerate(windows):
            if place not in submitted.call_ids:
                await self._lane.failed(window, BudgetExhausted("there was money for a part of the windows only"))

    async def _awaited(self) -> Sequence[str]:
        waiting = select(AnalysisWindow.batch_id).where(AnalysisWindow.state == "submitted").distinct()
        async with self._database.reading() as session:
            return [batch_id for batch_id in await session.scalars(waiting) if batch_id is not None]

    async def _store(self, batch_id: str, results: Mapping[UUID, Result]) -> None:
        its_own = select(AnalysisWindow).where(AnalysisWindow.batch_id == batch_id, AnalysisWindow.state == "submitted")
        async with self._database.reading() as session:
            windows = (await session.scalars(its_own)).all()
        for window in windows:
            try:
                await self._lane.store(window, await self._found(window, results))
            except (ModelCallError, MaskingError) as error:
                await self._lane.failed(window, error)

    async def _found(self, window: AnalysisWindow, results: Mapping[UUID, Result]) -> WindowFindings:
        result = results.get(window.call_id) if window.call_id is not None else None
        if window.call_id is None or result is None or result.text is None:
            raise _failure(window, "missing" if result is None else result.outcome)
        async with self._database.reading() as session:
            reading = await window_reading(session, window.window_id)
        return self._analyst.read(result.text, reading, window.call_id)


def _failure(window: AnalysisWindow, outcome: str) -> CallFailed:
    """What the model declined or could not finish ends the same way again; the rest may go better another time."""
    kind = {"refused": Refused, "truncated": Truncated}.get(outcome, BrokenReply)
    return kind(f"The request {window.call_id} in the batch {window.batch_id} ended as {outcome!r}.")
