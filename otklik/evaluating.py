"""What `otklik evals` does: the parts of evals put together for one command."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from assistant.retrieval.threshold import threshold_for
from core.db.session import ReadSession
from core.errors import BadInput, OtklikError
from core.llm.prompts import PromptRegistry
from core.privacy.pseudonyms import PRIVATE_CHAT_BASE, Pseudonyms
from evals import results
from evals.agreement import agreement, labelled, verdicts
from evals.calibration import curve, fit, keep
from evals.cases import Case
from evals.experiments import ENOUGH, Tried, latest, start
from evals.figures import figures
from evals.gate import Gate
from evals.judge import Judge
from evals.loading import OWN, SAMPLES, checked, from_file, own_cases
from evals.remembering import Remembering, RunBudget
from evals.report import write_report
from evals.results import Run
from evals.running import Plan, Runner
from evals.versions import Version, version
from otklik.progress import Bar
from otklik.wiring import Runtime

SHOWN = 10
"""Experiments that are shown."""
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


async def agree(parts: Runtime, budget: Decimal | None) -> dict[str, Any]:
    """The JSON of `otklik evals agree`.

    Raises:
        CaseFailed: the judge did not reply to one; the others are remembered.
    """
    judge = _judge(parts)
    assert parts.gateway is not None
    gateway, spending, rows = parts.gateway, RunBudget(budget), labelled()

    def door(case_id: str) -> Remembering:
        return Remembering(gateway, parts.database, parts.masker, spending, case_id, sample=0, fresh=False)

    with Bar() as bar:
        bar.begin("judging", len(rows))
        found = await verdicts(judge, rows, door, bar.reach)
    return {
        "judge": judge.prompt.reference,
        "model": judge.model,
        "answers": len(rows),
        "cost_usd": float(spending.spent),
        "labels": [asdict(one) for one in agreement(rows, found)],
    }


async def calibrate(parts: Runtime, datasets: Sequence[str], precision: float, *, keeps: bool) -> dict[str, Any]:
    """The JSON of `otklik evals calibrate`. No model is called.

    Raises:
        BadInput: there are too few cases, or none that can tell.
    """
    async with parts.database.reading() as session:
        cases = [case for case in await load_cases(session, datasets, parts.pseudonyms) if not case.before]
        before = await threshold_for(session, parts.embedder.model_name)
    with Bar() as bar:
        bar.begin("searching", len(cases))
        seen = await Runner(parts.database, parts.embedder, parts.masker, None).observed(cases, bar.reach)
    fitted = fit(seen, precision)
    if keeps:
        async with parts.database.transaction() as session:
            await keep(session, parts.embedder.model_name, precision, fitted, cases)
    return {
        "cases": len(cases),
        "threshold": fitted.threshold,
        "before": before,
        "precision": fitted.precision,
        "coverage": fitted.coverage,
        "kept": keeps,
        "curve": [asdict(point) for point in curve(seen)],
    }


async def start_experiment(parts: Runtime, reference: str, model: str | None, share: float, people: int) -> str:
    """Begin an experiment of the live prompt against another one; what to say of it.

    Raises:
        BadInput: there is no key, or an experiment is running.
    """
    if parts.gateway is None:
        raise BadInput("Without ANTHROPIC_API_KEY answers are quoted: there is no prompt or model to try.")
    tried, live = (await version(reference)).prompts.load("answer"), PromptRegistry().load("answer")
    usual = parts.settings.answer_model
    control, candidate = (live, live.front.model or usual), (tried, tried.front.model or model or usual)
    async with parts.database.transaction() as session:
        started = await start(session, control, candidate, share=share, people=people)
    return (
        f"Experiment {started.hex[:8]}: {share:.0%} of the people get answer@{tried.version} ({candidate[1]}), the others "
        f"answer@{live.version} ({control[1]}). It ends by itself; `otklik evals list` shows how far it is."
    )


async def experiments(session: ReadSession) -> list[dict[str, Any]]:
    """The JSON of `otklik evals experiment show`."""
    return [_experiment_document(one) for one in await latest(session, SHOWN)]


def _experiment_document(tried: Tried) -> dict[str, Any]:
    found = tried.standing
    return {
        "experiment_id": str(tried.experiment_id),
        "state": tried.state,
        "verdict": tried.verdict,
        "started_at": tried.started_at.isoformat(),
        "decided_at": tried.decided_at and tried.decided_at.isoformat(),
        "share": tried.share,
        "stops_at": tried.stops_at,
        "arms": {
            arm.value: {
                "prompt": prompt,
                "model": model,
                "people": found.people[arm],
                "voters": found.voters[arm],
                "liked": found.liked[arm],
                "refused": found.refused[arm],
                "cost_usd": found.cost[arm],
            }
            for arm, (prompt, model) in tried.arms.items()
        },
        "evidence": dict(found.evidence),
        "enough": ENOUGH,
    }


async def load_cases(session: ReadSession, names: Sequence[str], pseudonyms: Pseudonyms) -> Sequence[Case]:
    """The cases of these datasets, with private chats as they are stored here.

    Raises:
        BadInput: a dataset cannot be read, or there is no such case yet.
    """
    found: list[Case] = []
    for name in (each for given in names for each in (SAMPLES if given == SAMPLES_NAME else (given,))):
        if name == OWN:
            found.extend(await own_cases(session))
        else:
            found.extend(_stored(case, pseudonyms) for case in from_file(name))
    return checked(found)


def _stored(case: Case, pseudonyms: Pseudonyms) -> Case:
    """A case with the ids that its chats have here. A file names a private chat by its person's id, or, where it was
    written by `otklik evals export`, as it is stored."""

    def stored(chat_id: int) -> int:
        is_a_person = 0 < chat_id < PRIVATE_CHAT_BASE
        return pseudonyms.private_chat(chat_id) if is_a_person else chat_id

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
