"""`otklik evals run`, `compare` and `gate`."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from core.errors import BadInput, OtklikError
from evals import results
from evals.cases import Case
from evals.gate import Gate
from evals.loading import OWN
from evals.remembering import Allowance
from evals.report import write_report
from evals.results import Run
from evals.running import Plan, Runner
from evals.versions import Version, is_version, version
from otklik.evaluating.datasets import load_cases
from otklik.evaluating.judging import judge_of
from otklik.progress import Bar
from otklik.wiring import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a person says of a run."""

    datasets: Sequence[str] = (OWN,)
    model: str | None = None
    judged: bool = False
    samples: int = 1
    fresh: bool = False
    budget: Decimal | None = None
    """US dollars that the command may cost."""


class Measuring:
    """One command's measuring."""

    def __init__(self, parts: Runtime, options: Options) -> None:
        allowance = Allowance(options.budget)
        self._parts, self._options = parts, options
        self._runner = Runner(parts.database, parts.embedder, parts.masker, parts.gateway, allowance)

    async def run(self, references: Sequence[str], label: str | None) -> Run:
        """Measure a version now, or go on where that was cut off.

        Raises:
            BadInput: the label would be taken for a version, a version is none, or a dataset cannot be used.
            OtklikError: some cases have no result; the text says why.
        """
        if label is not None and is_version(label):
            raise BadInput(f"A run called {label!r} would be taken for a version; call it otherwise.")
        return await self._measured(await version(*references), label, reuse_finished=False)

    async def compare(self, base: str, candidate: str) -> tuple[Run, Run]:
        """Two runs: each a version, which is measured where it was not yet, or an earlier run by its label or id.

        Raises:
            BadInput: they cannot be compared.
        """
        sides = [await self._side(name) for name in (base, candidate)]  # what is wrong with the second costs no first
        before, after = [await self._run_of(side) for side in sides]
        if before.run_id == after.run_id and _differ(*sides):
            raise BadInput(
                f"{base!r} and {candidate!r} come to the same run: without ANTHROPIC_API_KEY answers are quoted, and prompts "
                "make no difference. To compare a change of retrieval, run `otklik evals run --label before`, change it, run it "
                "again with another label, and compare the two labels."
            )
        return before, after

    async def report(self, path: Path, base: Run, candidate: Run | None = None, verdict: Gate | None = None) -> None:
        """Write the runs as a page.

        Raises:
            BadInput: it cannot be written there.
        """
        write_report(path, base, candidate, verdict, await self._cases_of(base))

    async def _side(self, name: str) -> Version | Run:
        if is_version(name):
            return await version(name)
        async with self._parts.database.reading() as session:
            return await results.find(session, name)

    async def _run_of(self, side: Version | Run) -> Run:
        return side if isinstance(side, Run) else await self._measured(side, None, reuse_finished=True)

    async def _measured(self, measured: Version, label: str | None, *, reuse_finished: bool) -> Run:
        parts, options = self._parts, self._options
        async with parts.database.reading() as session:
            cases = await load_cases(session, options.datasets, parts.pseudonyms)
        plan = Plan(
            label=label or measured.label,
            version=measured,
            model=options.model or parts.settings.answer_model,
            cases=cases,
            datasets=options.datasets,
            judge=judge_of(parts) if options.judged else None,
            samples=options.samples,
            fresh=options.fresh,
        )
        with Bar() as bar:
            bar.begin(f"measuring {plan.label}", len(cases) * options.samples)
            outcome = await self._runner.run(plan, lambda done, _: bar.reach(done), reuse_finished=reuse_finished)
        if outcome.failed:
            case, why = next(iter(outcome.failed.items()))
            raise OtklikError(
                f"{len(outcome.failed)} cases have no result (as {case}: {why}) Run the same command again to try them."
            )
        async with parts.database.reading() as session:
            return await results.load(session, outcome.run_id)

    async def _cases_of(self, run: Run) -> Sequence[Case]:
        """The cases of a run as they stand now; none where their file is not there any more."""
        async with self._parts.database.reading() as session:
            try:
                return await load_cases(session, run.setup["datasets"], self._parts.pseudonyms)
            except BadInput:
                return ()


def _differ(base: Version | Run, candidate: Version | Run) -> bool:
    """Whether these are different prompts."""
    if isinstance(base, Run) or isinstance(candidate, Run):
        return False
    return base.references() != candidate.references()
