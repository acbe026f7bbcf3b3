"""The ledger: a row for every request, opened before it leaves and settled after it."""

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import SQLAlchemyError

from core.db.models.model_call import ModelCall
from core.db.models.prompt_version import PromptVersion
from core.db.session import Database
from core.llm.calls import Call, Usage

ERROR_LENGTH = 500
"""Characters of an error that are kept."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of a request."""

    outcome: str
    usage: Usage
    price: Decimal | None
    """None where nobody can know."""
    latency_ms: int
    request_id: str | None = None
    error: str | None = None


class Ledger:
    """The only writer of `model_calls`. Both its steps end even when the task that asked for them is cancelled."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, call_id: UUID, call: Call, retry_of: UUID | None) -> None:
        """Write the row, committed, and keep the prompt's text under its version."""
        await _to_the_end(self._open(call_id, call, retry_of))

    async def settle(self, call_id: UUID, settlement: Settlement) -> None:
        """Close the row; one that is closed already, or was never written, is left alone.

        A database that is away does not take a finished reply from the person who waits for it: the row stays open,
        where it can be seen, and the log says what it should have held.
        """
        try:
            await _to_the_end(self._settle(call_id, settlement))
        except (SQLAlchemyError, OSError) as error:
            log.error("The model call %s could not be settled (%s): %s", call_id, type(error).__name__, settlement)  # noqa: TRY400

    async def _open(self, call_id: UUID, call: Call, retry_of: UUID | None) -> None:
        prompt = call.prompt
        async with self._database.transaction() as session:
            await session.execute(
                upsert(PromptVersion)
                .values(version=prompt.version, name=prompt.name, text=prompt.source)
                .on_conflict_do_nothing()
            )
            await session.execute(
                insert(ModelCall).values(
                    call_id=call_id,
                    retry_of=retry_of,
                    purpose=call.purpose.value,
                    prompt=prompt.reference,
                    model=call.model,
                )
            )

    async def _settle(self, call_id: UUID, settlement: Settlement) -> None:
        async with self._database.transaction() as session:
            await session.execute(
                update(ModelCall)
                .where(ModelCall.call_id == call_id, ModelCall.settled_at.is_(None))
                .values(
                    settled_at=func.now(),
                    outcome=settlement.outcome,
                    price=settlement.price,
                    latency_ms=settlement.latency_ms,
                    request_id=settlement.request_id,
                    error=_bounded(settlement.error),
                    **asdict(settlement.usage),
                )
            )


def _bounded(text: str | None) -> str | None:
    """Short enough to keep, and without NUL, which PostgreSQL refuses in a text."""
    return None if text is None else text.replace("\0", "")[:ERROR_LENGTH]


async def _to_the_end(step: Coroutine[Any, Any, None]) -> None:
    """Run a step that no cancellation interrupts; the cancellation is obeyed afterwards."""
    task = asyncio.ensure_future(step)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        if not task.cancelled() and (failed := task.exception()):
            log.error("A step of the ledger failed while its task was cancelled: %r", failed)
        raise cancelled
    task.result()
