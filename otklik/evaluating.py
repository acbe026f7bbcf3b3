"""What `otklik evals` does: the parts of evals put together for one command."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select

from core.db.models import Chat
from core.db.session import ReadSession
from core.errors import BadInput, OtklikError
from core.llm.prompts import PromptRegistry
from core.privacy.pseudonyms import Pseudonyms
from evals import results
from evals.cases import Case
from evals.figures import figures
from evals.gate import Gate
from evals.judge import Judge
from evals.loading import OWN, SAMPLES, checked, from_file, own_cases
from evals.report import write_report
from evals.results import Run
from evals.running import Plan, Runner
from evals.versions import Version, version
from otklik.progress import Bar
from otklik.wiring import Runtime

SAMPLES_NAME = "samples"
"""Names all datasets that ask about the sample chats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a person says of a run."""

    datasets: Sequence[str] = (OWN,)
    model: str | None = None
    judged: bool = False
    samples: int = 1
    fresh: bool = False
    budget: Decimal | None = None


async def run(parts: Runtime, references: Sequence[str], label: str | None, options: Options) -> Run:
    """Measure a version now.

    Raises:
        OtklikError: some cases have no result; the text says why.
    """
    return await _run(parts, await version(*references), label, options, reuse_finished=False)


async def compare(parts: Runtime, base: str, candidate: str, options: Options) -> tuple[Run, Run]:
    """Two runs: each named by its label or id, or a version, which is measured where it was not yet.

    Raises:
        BadInput: they cannot be compared.
    """
    sides = [await _side(parts, one, options) for one in (base, candidate)]
    if sides[0].run_id == sides[1].run_id:
        raise BadInput(
            f"{base!r} and {candidate!r} come to the same run. Without ANTHROPIC_API_KEY answers are quoted, and prompts make no "
            "difference; to compare a change of retrieval, run `otklik evals run --label before`, change it, run it again "
            "with another label, and compare the two labels."
        )
    return sides[0], sides[1]


async def report(parts: Runtime, path: Path, base: Run, candidate: Run | None, verdict: Gate | None) -> None:
    """Write the runs as a page."""
    write_report(path, base, candidate, verdict, await _known_cases(parts, base))


def run_document(run: Run) -> dict[str, Any]:
    """The JSON of `otklik evals run`."""
    return {
        "run_id": str(run.run_id),
        "label": run.label,
        "setup": dict(run.setup),
        "fingerprint": run.fingerprint,
        "cases": run.cases,
        "figures": {name: round(figure.value, 6) for name, figure in figures(run.results).items()},
        "cost_usd": float(run.cost_usd),
    }


def gate_document(base: Run, candidate: Run, verdict: Gate) -> dict[str, Any]:
    """The JSON of `otklik evals compare` and `gate`."""
    return {
        "base": run_document(base),
        "candidate": run_document(candidate),
        "open": verdict.is_open,
        "alpha": verdict.alpha,
        "reasons": list(verdict.reasons),
        "measures": [
            {
                "name": one.measure.name,
                "cases": one.cases,
                "base": one.base,
                "candidate": one.candidate,
                "difference": one.difference,
                "differing": one.differing,
                "p_worse": one.p_worse,
                "detectable": one.detectable,
                "worse": one in verdict.worse,
            }
            for one in verdict.comparisons
        ],
    }


async def load_cases(session: ReadSession, names: Sequence[str], pseudonyms: Pseudonyms) -> Sequence[Case]:
    """The cases of these datasets, with private chats as they are stored here.

    Raises:
        BadInput: a dataset cannot be read, or there is no such case yet.
    """
    held = set(await session.scalars(select(Chat.chat_id)))
    found: list[Case] = []
    for name in (each for given in names for each in (SAMPLES if given == SAMPLES_NAME else (given,))):
        if name == OWN:
            found.extend(await own_cases(session))
        else:
            found.extend(_stored(case, held, pseudonyms) for case in from_file(name))
    return checked(found)


def _stored(case: Case, held: set[int], pseudonyms: Pseudonyms) -> Case:
    """A case with the ids that its chats have here. A file names a private chat by its person's id, or, where it was
    written by `otklik evals export`, as it is stored."""

    def stored(chat_id: int) -> int:
        return chat_id if chat_id < 0 or chat_id in held else pseudonyms.private_chat(chat_id)

    return case.model_copy(
        update={
            "chat_id": case.chat_id and stored(case.chat_id),
            "relevant_messages": tuple((stored(chat), message) for chat, message in case.relevant_messages),
        }
    )


async def _side(parts: Runtime, name: str, options: Options) -> Run:
    async with parts.database.reading() as session:
        if await results.find(session, name) is not None:
            return await results.must_find(session, name)
    return await _run(parts, await version(name), None, options, reuse_finished=True)


async def _run(parts: Runtime, measured: Version, label: str | None, options: Options, *, reuse_finished: bool) -> Run:
    async with parts.database.reading() as session:
        cases = await load_cases(session, options.datasets, parts.pseudonyms)
    plan = Plan(
        label=label or measured.label,
        version=measured,
        model=options.model or parts.settings.answer_model,
        cases=cases,
        datasets=options.datasets,
        judge=_judge(parts) if options.judged else None,
        samples=options.samples,
        fresh=options.fresh,
        budget=options.budget,
    )
    runner = Runner(parts.database, parts.embedder, parts.masker, parts.gateway)
    with Bar() as bar:
        bar.begin(f"measuring {plan.label}", len(cases) * options.samples)
        outcome = await runner.run(plan, lambda done, _: bar.reach(done), reuse_finished=reuse_finished)
    if outcome.failed:
        case, why = next(iter(outcome.failed.items()))
        raise OtklikError(
            f"{len(outcome.failed)} cases have no result (as {case}: {why}) Run the same command again to try them."
        )
    async with parts.database.reading() as session:
        return await results.load(session, outcome.run_id)


def _judge(parts: Runtime) -> Judge:
    if parts.gateway is None:
        raise BadInput("A judge is a model: set ANTHROPIC_API_KEY, or leave --judge out.")
    prompt = PromptRegistry().load("judge").fill()
    return Judge(prompt, prompt.model or parts.settings.judge_model)


async def _known_cases(parts: Runtime, run: Run) -> Sequence[Case]:
    """The cases of a run as they stand now; none where their file is not there any more."""
    async with parts.database.reading() as session:
        try:
            return await load_cases(session, run.setup["datasets"], parts.pseudonyms)
        except BadInput:
            return ()
