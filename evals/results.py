"""The rows of runs: written one result at a time, so that a run that is cut off goes on from there."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import String, cast, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.models import EvalResult, EvalRun
from core.db.session import ReadSession
from core.errors import BadInput
from core.privacy.types import MaskedText
from evals.keeping import is_whole
from evals.metrics.scores import Scores
from evals.verdict import Verdict

KNOWN = 5
"""Runs that an error names."""
LEAST_OF_ID = 6
"""Characters that name a run by the beginning of its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One answer to one case, with its marks."""

    case_id: str
    sample: int
    question: MaskedText
    answer: MaskedText
    refused: bool
    rests_on: Sequence[str]
    """What was found for it (`core.db.models.eval_case`)."""
    scores: Scores
    verdict: Verdict | None
    cost_usd: Decimal
    """Of the answer, whenever it was paid."""
    paid_usd: Decimal
    """In this run, for the judge too."""
    latency_ms: int


@dataclass(frozen=True, slots=True)
class Run:
    """A run with all its results."""

    run_id: UUID
    label: str
    setup: Mapping[str, Any]
    fingerprint: str
    cases: int
    started_at: datetime
    finished_at: datetime | None
    results: Sequence[Result]

    @property
    def paid_usd(self) -> Decimal:
        """What was paid for it."""
        return sum((result.paid_usd for result in self.results), Decimal(0))


@dataclass(frozen=True, slots=True)
class Summary:
    """A run in a line."""

    run_id: UUID
    label: str
    setup: Mapping[str, Any]
    cases: int
    results: int
    right: float | None
    paid_usd: Decimal
    started_at: datetime
    finished_at: datetime | None


async def begin(
    session: AsyncSession,
    label: str,
    setup: Mapping[str, Any],
    fingerprint: str,
    cases: int,
    *,
    reuse_finished: bool,
) -> UUID:
    """The run of a setup on these cases: one that was cut off, which goes on, or a new one.

    `reuse_finished`: also one that is finished already; then there is nothing to be done.
    """
    same = select(EvalRun).where(EvalRun.setup == dict(setup), EvalRun.fingerprint == fingerprint)
    if not reuse_finished:
        same = same.where(EvalRun.finished_at.is_(None), EvalRun.label == label)
    found = (await session.scalars(same.order_by(EvalRun.started_at.desc()).limit(1))).one_or_none()
    if found is not None:
        return found.run_id
    row = {"label": label, "setup": dict(setup), "fingerprint": fingerprint, "cases": cases}
    return (await session.execute(insert(EvalRun).values(row).returning(EvalRun.run_id))).scalar_one()


async def done(session: ReadSession, run_id: UUID) -> set[tuple[str, int]]:
    """The cases, and which answers to them, that have a result."""
    rows = await session.execute(select(EvalResult.case_id, EvalResult.sample).where(EvalResult.run_id == run_id))
    return {(row.case_id, row.sample) for row in rows}


async def put(session: AsyncSession, run_id: UUID, result: Result) -> None:
    """Keep a result, without its words where what they rest on was deleted meanwhile. One that is there already stays."""
    is_kept = await is_whole(session, result.rests_on)
    row = {
        "run_id": run_id,
        "case_id": result.case_id,
        "sample": result.sample,
        "question": result.question,
        "answer": result.answer if is_kept else "",
        "refused": result.refused,
        "rests_on": list(result.rests_on),
        "scores": asdict(result.scores),
        "verdict": result.verdict.model_dump() if result.verdict and is_kept else None,
        "cost_usd": result.cost_usd,
        "paid_usd": result.paid_usd,
        "latency_ms": result.latency_ms,
    }
    await session.execute(insert(EvalResult).values(row).on_conflict_do_nothing())


async def finish(session: AsyncSession, run_id: UUID) -> None:
    """Every result is there."""
    whole = update(EvalRun).where(EvalRun.run_id == run_id, EvalRun.finished_at.is_(None))
    await session.execute(whole.values(finished_at=func.now()))


async def load(session: ReadSession, run_id: UUID) -> Run:
    """A run with its results."""
    return await _whole(session, await session.get_one(EvalRun, run_id))


async def summaries(session: ReadSession, limit: int) -> Sequence[Summary]:
    """The latest runs, newest first."""
    right = func.avg(EvalResult.scores["right"].as_float())
    rows = await session.execute(
        select(EvalRun, func.count(EvalResult.case_id), right, func.coalesce(func.sum(EvalResult.paid_usd), 0))
        .outerjoin(EvalResult, EvalResult.run_id == EvalRun.run_id)
        .group_by(EvalRun.run_id)
        .order_by(EvalRun.started_at.desc())
        .limit(limit)
    )
    return [
        Summary(run.run_id, run.label, run.setup, run.cases, results, share, cost, run.started_at, run.finished_at)
        for run, results, share, cost in rows
    ]


async def find(session: ReadSession, name: str) -> Run:
    """The latest run with this label, or the one whose id begins so; finished.

    Raises:
        BadInput: there is none; the text names those there are.
    """
    named = EvalRun.label == name
    if len(name) >= LEAST_OF_ID:
        named |= cast(EvalRun.run_id, String).startswith(name.lower(), autoescape=True)
    found = (await session.scalars(select(EvalRun).where(named).order_by(EvalRun.started_at.desc()).limit(1))).first()
    if found is None:
        labels = dict.fromkeys(f"{one.label!r}" for one in await summaries(session, KNOWN))
        known = f"the latest are {', '.join(labels)}" if labels else "there is none yet"
        raise BadInput(
            f"No run is called {name!r}; {known}. `otklik evals list` shows more, and `otklik evals --help` how versions are "
            "named: git:main, not main."
        )
    if found.finished_at is None:
        raise BadInput(f"The run {name!r} is not finished; run it again with the same options, and it goes on.")
    return await _whole(session, found)


async def _whole(session: ReadSession, row: EvalRun) -> Run:
    order = (EvalResult.case_id, EvalResult.sample)
    results = await session.scalars(select(EvalResult).where(EvalResult.run_id == row.run_id).order_by(*order))
    return Run(
        run_id=row.run_id,
        label=row.label,
        setup=row.setup,
        fingerprint=row.fingerprint,
        cases=row.cases,
        started_at=row.started_at,
        finished_at=row.finished_at,
        results=[_result(one) for one in results],
    )


def _result(row: EvalResult) -> Result:
    return Result(
        case_id=row.case_id,
        sample=row.sample,
        question=MaskedText(row.question),
        answer=MaskedText(row.answer),
        refused=row.refused,
        rests_on=row.rests_on,
        scores=Scores(**row.scores),
        verdict=None if row.verdict is None else Verdict.model_validate(row.verdict),
        cost_usd=row.cost_usd,
        paid_usd=row.paid_usd,
        latency_ms=row.latency_ms,
    )
