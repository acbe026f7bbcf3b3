"""Measuring one way of answering: every case is answered, marked and kept, some at a time.

What a run has measured is in its rows: Ctrl-C or a crash loses at most the cases that were being answered, and the replies that
were paid for them are remembered all the same.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import text

from assistant.answering.answerer import Answerer, Composed
from assistant.answering.finding import Finder
from assistant.answering.inquiry import Inquiry
from assistant.retrieval.threshold import threshold_for
from assistant.turns import Turn
from core.db.session import Database
from core.embeddings.base import UnitEmbedding
from core.errors import BadInput, MaskingError, ModelCallError
from core.llm.calls import Purpose
from core.llm.gateway import Door, Gateway
from core.llm.prompts import PromptRegistry
from core.privacy.masker import Masker
from core.privacy.types import MaskedText, RawText
from evals import results
from evals.calibration import Observation
from evals.cases import Case, fingerprint
from evals.judge import Judge, Judged, facts_in_words
from evals.metrics.answers import Cited, Given, marked
from evals.metrics.scores import Scores
from evals.remembering import Allowance, CaseFailed, NotAsked, Remembering
from evals.results import Result
from evals.truth import Truth
from evals.verdict import Verdict
from evals.versions import Version, code

log = structlog.get_logger(__name__)

AT_ONCE = 4
"""Cases that are answered at the same time: as many calls of this purpose as the gateway lets through."""

Progress = Callable[[int, int], None]
"""Told how many answers of how many are there."""

_UNITS = text("""
    SELECT count(*) AS units, count(embedding) AS embedded, coalesce(sum(hashtextextended(node_id || text, 0)), 0) AS sum
    FROM data_units
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be measured."""

    label: str
    version: Version
    model: str
    cases: Sequence[Case]
    datasets: Sequence[str]
    """Their names."""
    judge: Judge | None = None
    samples: int = 1
    """Answers to each case."""
    fresh: bool = False
    """Ask the model anew also where the same was asked before."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a run."""

    run_id: UUID
    failed: Mapping[str, str]
    """By case: why it has no result. Empty: the run is finished."""


class Runner:
    """Measures plans."""

    def __init__(
        self,
        database: Database,
        embedder: UnitEmbedding,
        masker: Masker,
        gateway: Gateway | None,
        allowance: Allowance,
    ) -> None:
        """`gateway`: None means no key: then quotations are measured, and the prompts make no difference. `allowance`: what
        all its runs together may cost."""
        self._database = database
        self._embedder = embedder
        self._masker = masker
        self._gateway = gateway
        self._allowance = allowance

    async def run(self, plan: Plan, progress: Progress, *, reuse_finished: bool = False) -> Outcome:
        """Measure, or go on where the same was cut off.

        Raises:
            BadInput: there is no case, or one asks about messages that are not held.
            NotAsked: the model is not asked any more; what was measured until then is kept.
        """
        if not plan.cases:
            raise BadInput("There are no cases to measure: name a --dataset, or accept some of `otklik evals harvest`.")
        truth = await Truth.load(self._database, plan.cases)
        setup = await self._setup(plan)
        async with self._database.transaction() as session:
            run_id = await results.begin(
                session,
                plan.label,
                setup,
                fingerprint(plan.cases),
                len(plan.cases),
                reuse_finished=reuse_finished and not plan.fresh,
            )
        async with self._database.reading() as session:
            done = await results.done(session, run_id)
        failed = await self._all(plan, truth, run_id, done, progress)
        if not failed:
            async with self._database.transaction() as session:
                await results.finish(session, run_id)
        return Outcome(run_id, failed)

    async def observed(self, cases: Sequence[Case], progress: Callable[[int], None]) -> Sequence[Observation]:
        """How strong the evidence for each case is, and whether it would be answered from a right source.

        Raises:
            BadInput: a case asks about messages that are not held.
        """
        truth = await Truth.load(self._database, cases)
        finder = Finder(self._database, self._embedder, None)
        seen = []
        for count, case in enumerate(cases, 1):
            found = (await finder.find(self._inquiry(case))).verdict
            is_right = found.source is not None and found.source.unit_id in truth.relevant(case)
            seen.append(Observation(found.strength, is_right, not case.must_refuse))
            progress(count)
        return seen

    async def _all(
        self, plan: Plan, truth: Truth, run_id: UUID, done: set[tuple[str, int]], progress: Progress
    ) -> Mapping[str, str]:
        asked = [(case, sample) for case in plan.cases for sample in range(plan.samples)]
        left = [(case, sample) for case, sample in asked if (case.id, sample) not in done]
        free, failed, ended = asyncio.Semaphore(AT_ONCE), dict[str, str](), list[NotAsked]()
        finished = len(asked) - len(left)
        progress(finished, len(asked))

        async def one(case: Case, sample: int) -> None:
            nonlocal finished
            async with free:
                if ended:
                    return
                try:
                    result = await self._measured(plan, case, sample, truth)
                except NotAsked as error:
                    ended.append(error)  # what was asked already is read to its end: it is paid for
                    return
                except (CaseFailed, ModelCallError, MaskingError) as error:
                    failed[case.id] = str(error)
                    log.warning("a case has no result", case=case.id, error=str(error))
                    return
                async with self._database.transaction() as session:
                    await results.put(session, run_id, result)
                finished += 1
                progress(finished, len(asked))

        try:
            async with asyncio.TaskGroup() as group:
                for case, sample in left:
                    group.create_task(one(case, sample))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from errors
        if ended:
            raise ended[0]
        return failed

    async def _measured(self, plan: Plan, case: Case, sample: int, truth: Truth) -> Result:
        door = self._door(plan, case.id, sample)
        inquiry = self._inquiry(case)
        composed = await self._answerer(door, plan.version.prompts, plan.model).compose(inquiry)
        given = _given(composed, truth, door.taken_out if door else 0)
        latency_ms = composed.latency_ms["total"] + (door.saved_ms if door else 0)
        verdict = await self._verdict(plan, case, inquiry, composed, door)
        return Result(
            case_id=case.id,
            sample=sample,
            question=inquiry.question,
            answer=composed.said,
            refused=composed.draft.refused,
            rests_on=sorted({one for hit in composed.found.hits for one in hit.made_of}),
            scores=_judged(marked(case, given, truth.relevant(case)), verdict),
            verdict=verdict,
            cost_usd=composed.cost_usd,
            paid_usd=door.paid_usd if door else Decimal(0),
            latency_ms=latency_ms,
        )

    async def _verdict(
        self, plan: Plan, case: Case, inquiry: Inquiry, composed: Composed, door: Remembering | None
    ) -> Verdict | None:
        """What the judge says; of a refusal there is nothing to say that the refusal itself does not."""
        if plan.judge is None or door is None or composed.draft.refused:
            return None
        sources = [hit.text for hit in composed.draft.used]
        return await plan.judge(door, Judged(inquiry.question, sources, facts_in_words(case), composed.said))

    def _answerer(self, door: Door | None, prompts: PromptRegistry, model: str) -> Answerer:
        return Answerer(
            database=self._database,
            embedder=self._embedder,
            masker=self._masker,
            gateway=door,
            prompts=prompts,
            model=model,
        )

    def _inquiry(self, case: Case) -> Inquiry:
        return Inquiry(
            question=self._masked(case.question),
            scope=case.scope,
            before=[Turn(self._masked(said), None) for said in case.before],
            purpose=Purpose.EVAL,
        )

    def _door(self, plan: Plan, case_id: str, sample: int) -> Remembering | None:
        if self._gateway is None:
            return None
        return Remembering(self._gateway, self._database, self._masker, self._allowance, case_id, sample, plan.fresh)

    async def _setup(self, plan: Plan) -> dict[str, Any]:
        """All that decides what comes out. Without a model the prompts do not."""
        async with self._database.reading() as session:
            held = (await session.execute(_UNITS)).one()
            threshold = await threshold_for(session, self._embedder.model_name)
        written = self._gateway is not None
        return {
            "datasets": sorted(plan.datasets),
            "prompts": plan.version.references() if written else {},
            "model": plan.version.model_or(plan.model) if written else None,
            "judge": plan.judge.reference if written and plan.judge else None,
            "embedding": self._embedder.model_name,
            "units": f"{held.units}:{held.embedded}:{held.sum}",
            "threshold": threshold,
            "code": code(),
            "samples": plan.samples,
        }

    def _masked(self, words: str) -> MaskedText:
        return self._masker.mask(RawText(words)).text


def _given(composed: Composed, truth: Truth, taken_out: int) -> Given:
    used = () if composed.draft.refused else composed.draft.used
    return Given(
        text=composed.said,
        refused=composed.draft.refused,
        found=[hit.unit_id for hit in composed.found.hits],
        cited=[Cited(hit.unit_id, hit.chat_id, hit.text, public=hit.unit_id in truth.public) for hit in used],
        taken_out=taken_out,
    )


def _judged(scores: Scores, verdict: Verdict | None) -> Scores:
    if verdict is None:
        return scores
    return replace(
        scores,
        judged_facts=sum(verdict.facts) / len(verdict.facts) if verdict.facts else None,
        faithful=float(verdict.faithful),
        consistent=float(not verdict.contradictions),
    )
