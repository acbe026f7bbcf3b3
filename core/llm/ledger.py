"""The ledger: a row for every request, opened before it leaves, if there is money for it, and settled after it."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.models.budget_alarm import BudgetAlarm
from core.db.models.model_call import ModelCall
from core.db.models.prompt_version import PromptVersion
from core.db.session import Database, ReadSession
from core.llm.budget import Alarm, Budgets, alarm_of_refusal, alarms, shortage
from core.llm.calls import Call, Usage
from core.llm.errors import BudgetExhausted
from core.llm.spending import spending
from core.metrics import REFUSED_CALLS

ERROR_LENGTH = 500
"""Characters of an error that are kept."""

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(5, 0)")
"""Two calls that look at the same sum would both find room for themselves."""

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


class Submission(NamedTuple):
    """What decides the price of a request in a batch."""

    model: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Purse:
    """What may be spent, and on whose calendar."""

    budgets: Budgets
    zone: ZoneInfo


class Ledger:
    """The only writer of `model_calls`. Both its steps end even when the task that asked for them is cancelled."""

    def __init__(self, database: Database, purse: Callable[[], Purse]) -> None:
        """`purse` is asked at every call: a budget can be changed without a restart."""
        self._database = database
        self._purse = purse

    async def open(
        self, call_id: UUID, call: Call, retry_of: UUID | None, estimate: Decimal, api: str = "messages"
    ) -> None:
        """Write the row, committed, and keep the prompt's text under its version. `estimate` is held against the budgets
        until the row is settled; `api` is how the request will be sent.

        Raises:
            BudgetExhausted: nothing was written.
        """
        await _to_the_end(self._open(call_id, call, retry_of, estimate, api))

    async def settle(self, call_id: UUID, settlement: Settlement) -> None:
        """Close the row; one that is closed already, or was never written, is left alone.

        A database that is away does not take a finished reply from the person who waits for it: the row stays open,
        where it can be seen, and the log says what it should have held.
        """
        try:
            await _to_the_end(self._settle(call_id, settlement))
        except (SQLAlchemyError, OSError) as error:
            log.error("The model call %s could not be settled (%s): %s", call_id, type(error).__name__, settlement)  # noqa: TRY400

    async def submitted(self, call_ids: Sequence[UUID], batch_id: str) -> None:
        """Note in which of the vendor's batches these requests are."""
        async with self._database.transaction() as session:
            await session.execute(update(ModelCall).where(ModelCall.call_id.in_(call_ids)).values(batch_id=batch_id))

    async def unconfirmed(self) -> Mapping[UUID, datetime]:
        """The requests of which nobody knows if a batch with them was taken, and when each was opened."""
        lost = select(ModelCall.call_id, ModelCall.opened_at).where(
            ModelCall.api == "batches", ModelCall.settled_at.is_(None), ModelCall.batch_id.is_(None)
        )
        async with self._database.reading() as session:
            return {row.call_id: row.opened_at for row in await session.execute(lost)}

    async def unsettled_batches(self) -> Sequence[str]:
        """The vendor's batches with requests that are not settled."""
        open_ones = select(ModelCall.batch_id).where(
            ModelCall.api == "batches", ModelCall.settled_at.is_(None), ModelCall.batch_id.is_not(None)
        )
        async with self._database.reading() as session:
            return [batch_id for batch_id in await session.scalars(open_ones.distinct()) if batch_id is not None]

    async def submissions(self, batch_id: str) -> Mapping[UUID, Submission]:
        """The requests of a batch."""
        async with self._database.reading() as session:
            rows = await session.execute(
                select(ModelCall.call_id, ModelCall.model, ModelCall.opened_at).where(ModelCall.batch_id == batch_id)
            )
            return {row.call_id: Submission(row.model, row.opened_at) for row in rows}

    async def _open(self, call_id: UUID, call: Call, retry_of: UUID | None, estimate: Decimal, api: str) -> None:
        prompt, purse, now = call.prompt, self._purse(), datetime.now(UTC)
        raised: Sequence[Alarm] = ()
        async with self._database.transaction() as session:
            await session.execute(_ONE_AT_A_TIME)
            money = await spending(ReadSession(session), now, purse.zone)
            short = shortage(call.purpose, estimate, purse.budgets, money.taken)
            if short is None:
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
                        chat_id=call.chat_id,
                        prompt=prompt.reference,
                        model=call.model,
                        reserved=estimate,
                        api=api,
                    )
                )
            elif alarm := alarm_of_refusal(call.purpose, estimate, purse.budgets, money.spent):
                raised = await _noted(session, [alarm], purse.zone, now)
        _tell(raised)
        if short is not None:
            REFUSED_CALLS.labels(call.purpose.value).inc()
            raise BudgetExhausted(str(short))

    async def _settle(self, call_id: UUID, settlement: Settlement) -> None:
        purse, now = self._purse(), datetime.now(UTC)
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
            money = await spending(ReadSession(session), now, purse.zone)
            raised = await _noted(session, alarms(purse.budgets, money.spent), purse.zone, now)
        _tell(raised)


async def _noted(session: AsyncSession, reached: Iterable[Alarm], zone: ZoneInfo, now: datetime) -> Sequence[Alarm]:
    """Note the shares that are used up; returns those that were not noted yet."""
    new = []
    for alarm in reached:
        noted = await session.scalar(
            upsert(BudgetAlarm)
            .values(
                period=alarm.period.value,
                begins=alarm.period.begins(now, zone),
                budget=alarm.budget,
                percent=alarm.percent,
            )
            .on_conflict_do_nothing()
            .returning(BudgetAlarm.percent)
        )
        if noted is not None:
            new.append(alarm)
    return new


def _tell(raised: Sequence[Alarm]) -> None:
    """Whoever reads no log is told by `otklik status`, and in the staff chat by the bot."""
    for alarm in raised:
        log.error(
            "%d %% of the %s budget of this %s is used up: $%.2f of $%.2f is spent.",
            alarm.percent, alarm.budget, alarm.period.value, alarm.spent, alarm.limit,
        )  # fmt: skip


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
