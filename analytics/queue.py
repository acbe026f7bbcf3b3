"""Windows and appraisals are queues: a worker claims a row, holds it while it works, and closes it. The rows are all there is.

A claim is told by its row's `(revision, tries)`: whoever has lost theirs, because something in it was edited or because
they were away for longer than the lease, can change nothing any more.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, inspect, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.models import AnalysisWindow, Appraisal

LEASE = timedelta(seconds=60)
"""For so long a row is nobody else's; renew it every third of that. It is also what a killed worker costs."""
MAX_TRIES = 5
"""A row that has killed or defeated its worker so often will do it again."""
ERROR_LENGTH = 500

Job = TypeVar("Job", AnalysisWindow, Appraisal)


async def claim(session: AsyncSession, kind: type[Job], now: datetime, *also: ColumnElement[bool]) -> Job | None:
    """The row that has waited longest, if any may be taken up now. It is the caller's for `LEASE`."""
    await _give_up(session, kind, now)
    free = select(kind).where(_free(kind, now), *also).order_by(kind.due_at).limit(1).with_for_update(skip_locked=True)
    job = (await session.scalars(free)).one_or_none()
    if job is not None:
        job.state, job.leased_until = "analysing", now + LEASE
        job.tries += 1
        await session.flush()
    return job


async def renew(session: AsyncSession, held: Job, now: datetime) -> bool:
    """Hold on to it for another `LEASE`. False: it is lost, and what is being made of it will not be stored."""
    return await _change(session, held, {"leased_until": now + LEASE})


async def submitted(session: AsyncSession, held: AnalysisWindow, batch_id: str, call_id: UUID) -> bool:
    """It is in one of the vendor's batches, as this call, and nobody's until that has ended. False: it is lost."""
    return await _change(
        session, held, {"state": "submitted", "leased_until": None, "batch_id": batch_id, "call_id": call_id}
    )


async def finish(session: AsyncSession, held: Job, results: Mapping[str, Any], now: datetime) -> bool:
    """It is analysed. False: it is lost, and nothing of the analysis may be stored."""
    done = {"state": "done", "leased_until": None, "analysed_at": now, "error": None}
    return await _change(session, held, {**done, **results})


async def retry(session: AsyncSession, held: Job, after: datetime, error: str | None = None) -> bool:
    """It could not be analysed, and may be later. False: it is lost."""
    return await _change(session, held, {**_ready(after), "error": _bounded(error)})


async def wait(session: AsyncSession, held: Job, until: datetime) -> bool:
    """It was not even tried: the money or the model is away, which is none of its faults. False: it is lost."""
    return await _change(session, held, {**_ready(until), "tries": held.tries - 1})


async def set_aside(session: AsyncSession, held: Job, error: str) -> bool:
    """It will not be analysed until somebody has looked at it. False: it is lost."""
    return await _change(session, held, {"state": "set_aside", "leased_until": None, "error": _bounded(error)})


def _free(kind: type[Job], now: datetime) -> ColumnElement[bool]:
    return or_(
        and_(kind.state == "ready", kind.due_at <= now), and_(kind.state == "analysing", kind.leased_until <= now)
    )


async def _give_up(session: AsyncSession, kind: type[Job], now: datetime) -> None:
    hopeless = update(kind).where(_free(kind, now), kind.tries >= MAX_TRIES)
    reason = case((kind.error.is_(None), f"its worker died {MAX_TRIES} times"), else_=kind.error)
    await session.execute(hopeless.values(state="set_aside", leased_until=None, error=reason))


def _ready(due_at: datetime) -> dict[str, Any]:
    return {"state": "ready", "leased_until": None, "due_at": due_at}


async def _change(session: AsyncSession, held: Job, values: Mapping[str, Any]) -> bool:
    kind = type(held)
    keys = inspect(kind).primary_key
    own: list[ColumnElement[bool]] = [key == getattr(held, str(key.key)) for key in keys]
    mine = (*own, kind.revision == held.revision, kind.tries == held.tries, kind.state == held.state)
    if kind is AnalysisWindow:
        values = {"batch_id": None, **values}
    return await session.scalar(update(kind).where(*mine).values(**values).returning(keys[0])) is not None


def _bounded(error: str | None) -> str | None:
    return None if error is None else error.replace("\0", "")[:ERROR_LENGTH]
