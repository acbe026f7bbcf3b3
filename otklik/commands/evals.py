"""`otklik evals`: whether an answer is right, whether a change makes answers worse, and cases from what people said."""

import getpass
from collections.abc import Callable, Coroutine
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import click

from core.errors import BadInput, OtklikError
from otklik.terminal import json_option, print_json, process_settings, run_async

Command = TypeVar("Command", bound=Callable[..., Any])


@click.group()
def evals() -> None:
    """Measure answers on labelled questions, and let no change pass that makes them worse.

    \b
    A version is  live             the newest live prompts here
                  v2               prompts/answer/v2.md (condense/v2 for the other prompt)
                  FILE.md          any file with a prompt
                  git:main         the live prompts of a revision; git:main:v2 for one of them
    """


def measuring(command: Command) -> Command:
    """The options that every measuring command has."""
    options = (
        click.option("--dataset", "datasets", multiple=True, metavar="NAME",
                     help="'own' (accepted cases; default), 'samples', a file of evals/datasets, or a path; may be repeated."),
        click.option("--model", help="Instead of OTKLIK_ANSWER_MODEL."),
        click.option("--judge", "judged", is_flag=True, help="Have a model mark the answers too."),
        click.option("--samples", type=click.IntRange(1, 20), default=1, show_default=True, help="Answers to each case."),
        click.option("--fresh", is_flag=True, help="Ask the model anew also what was asked before, and pay again."),
        click.option("--budget", type=click.FloatRange(0), metavar="USD", help="What this may cost at most."),
        click.option("--report", "page", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.html",
                     help="Write every case as a page."),
        json_option,
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


@evals.command("run")
@click.option("--prompt", "versions", multiple=True, metavar="VERSION", help="What to measure. Default: live.")
@click.option("--label", help="What to call the run. Default: the version.")
@measuring
def evals_run(versions: tuple[str, ...], label: str | None, page: Path | None, as_json: bool, **options: Any) -> None:
    """Measure one version. A run that was stopped goes on where the same command is given again."""
    from otklik.evaluating import report, run, run_document
    from otklik.evaluating_text import run_text
    from otklik.wiring import runtime

    async def command() -> Any:
        async with runtime(process_settings()) as parts:
            await parts.check_index()
            found = await run(parts, versions or ("live",), label, _options(**options))
            if page is not None:
                await report(parts, page, found, None, None)
            return found

    found = run_async(command())
    if as_json:
        print_json(run_document(found))
    else:
        click.echo(run_text(found))


@evals.command("compare")
@click.argument("base")
@click.argument("candidate")
@measuring
def evals_compare(base: str, candidate: str, page: Path | None, as_json: bool, **options: Any) -> None:
    """Compare two runs, or two versions, which are measured if they were not yet."""
    _compared(base, candidate, page, as_json, **options)


@evals.command("gate")
@click.argument("base")
@click.argument("candidate")
@click.option(
    "--alpha", type=click.FloatRange(0.001, 0.5), default=0.05, show_default=True, help="Share of false alarms."
)
@measuring
def evals_gate(base: str, candidate: str, alpha: float, page: Path | None, as_json: bool, **options: Any) -> None:
    """Exit 1 where the candidate is worse than the base: for the CI of prompts."""
    if not _compared(base, candidate, page, as_json, alpha, **options):
        raise OtklikError("The gate is shut: the candidate is worse.")


@evals.command("list")
@click.option("-n", "limit", type=click.IntRange(1, 1_000), default=20, show_default=True)
@json_option
def evals_list(limit: int, as_json: bool) -> None:
    """The latest runs, and the experiments with their verdicts."""
    from evals.results import summaries
    from otklik.evaluating import experiments
    from otklik.evaluating_text import experiments_text, summaries_text, summary_document
    from otklik.wiring import runtime

    async def command() -> Any:
        async with runtime(process_settings()) as parts, parts.database.reading() as session:
            return await summaries(session, limit), await experiments(session)

    runs, tried = run_async(command())
    if as_json:
        print_json({"runs": [summary_document(one) for one in runs], "experiments": tried})
    else:
        click.echo(f"{summaries_text(runs)}\n\n{experiments_text(tried)}")


@evals.command("harvest")
@click.option("--since", default="30d", show_default=True, help="A time span or a date, as 30d, 12h or 2026-11-01.")
@json_option
def evals_harvest(since: str, as_json: bool) -> None:
    """Make candidates for cases of votes, corrections, hand-overs and drafts that staff sent. Safe to repeat."""
    from evals.harvest import harvest
    from otklik.since import began
    from otklik.wiring import runtime

    from_then = began(since)

    async def command() -> Any:
        async with runtime(process_settings()) as parts:
            return await harvest(parts.database, parts.embedder, from_then)

    found = run_async(command())
    if as_json:
        print_json(asdict(found))
        return
    origins = ", ".join(f"{count} {origin.replace('_', ' ')}" for origin, count in sorted(found.by_origin.items()))
    click.echo(
        f"{found.new} new candidates{f' ({origins})' if origins else ''}, {found.changed} changed; {found.same} ask what "
        f"another case asks already, {found.decided} are decided. `otklik evals candidates` shows them."
    )


@evals.command("candidates")
@click.option(
    "--state", type=click.Choice(["candidate", "accepted", "rejected"]), default="candidate", show_default=True
)
@click.option("-n", "limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@json_option
def evals_candidates(state: str, limit: int, as_json: bool) -> None:
    """Harvested cases that a person has to look at, the oldest first."""
    from evals.candidates import waiting
    from otklik.evaluating_text import candidate_document, candidate_text
    from otklik.wiring import runtime

    async def command() -> Any:
        async with runtime(process_settings()) as parts, parts.database.reading() as session:
            return await waiting(session, limit, state)

    rows = run_async(command())
    if as_json:
        print_json([candidate_document(row) for row in rows])
    else:
        click.echo("\n\n".join(candidate_text(row) for row in rows) or f"There is no {state} case.")


@evals.command("accept")
@click.argument("case_id", metavar="ID")
def evals_accept(case_id: str) -> None:
    """Measure answers by a candidate from now on. ID: its first characters suffice."""
    from evals.candidates import accept

    _decide(case_id, lambda session, row: accept(session, row.case_id, getpass.getuser()))
    click.echo("Accepted: `otklik evals run` asks it from now on.")


@evals.command("reject")
@click.argument("case_id", metavar="ID")
def evals_reject(case_id: str) -> None:
    """Leave a candidate out, for good."""
    from evals.candidates import reject

    _decide(case_id, lambda session, row: reject(session, row.case_id, getpass.getuser()))
    click.echo("Rejected.")


@evals.command("edit")
@click.argument("case_id", metavar="ID")
@click.option("--file", "source", type=click.File("r"), help="Take the JSON from here ('-': stdin) instead of $EDITOR.")
def evals_edit(case_id: str, source: Any) -> None:
    """Change a case: its reference, its facts, what must not be said. It waits to be accepted again then."""
    from evals.candidates import edit, editable, edited, find
    from otklik.wiring import runtime

    async def command() -> bool:
        async with runtime(process_settings()) as parts:
            async with parts.database.reading() as session:
                row = await find(session, case_id)
            words = source.read() if source is not None else click.edit(editable(row), extension=".json")
            if words is None:
                return False
            async with parts.database.transaction() as writing:
                await edit(writing, row.case_id, edited(words), parts.masked)
            return True

    click.echo("Changed; accept it to measure by it." if run_async(command()) else "Nothing was changed.")


@evals.command("export")
@click.option("--out", "path", type=click.Path(path_type=Path, dir_okay=False), required=True)
def evals_export(path: Path) -> None:
    """Write the accepted cases as a dataset, to be reviewed in git."""
    from evals.candidates import exported, waiting
    from otklik.wiring import runtime

    async def command() -> Any:
        async with runtime(process_settings()) as parts, parts.database.reading() as session:
            return await waiting(session, 1_000_000, "accepted")

    rows = run_async(command())
    if path.exists():
        raise BadInput(f"{path} is there already; name another file.")
    path.write_text(exported(rows), encoding="utf-8")
    click.echo(f"{len(rows)} cases in {path}. They are masked, and as private as your chats.")


@evals.command("agree")
@click.option("--budget", type=click.FloatRange(0), metavar="USD", help="What this may cost at most.")
@json_option
def evals_agree(budget: float | None, as_json: bool) -> None:
    """How far the judge agrees with people: on answers to the sample chats that a careful reader has labelled."""
    from otklik.evaluating import agree
    from otklik.evaluating_text import agreement_text
    from otklik.wiring import runtime

    async def command() -> Any:
        async with runtime(process_settings()) as parts:
            return await agree(parts, _money(budget))

    found = run_async(command())
    if as_json:
        print_json(found)
    else:
        click.echo(agreement_text(found))


@evals.command("calibrate")
@click.option("--dataset", "datasets", multiple=True, metavar="NAME", help="As for `run`. Default: own.")
@click.option(
    "--precision",
    type=click.FloatRange(0.5, 1),
    default=0.9,
    show_default=True,
    help="How much of what is answered shall be right.",
)
@click.option("--dry-run", is_flag=True, help="Show the curve, and leave the threshold as it is.")
@json_option
def evals_calibrate(datasets: tuple[str, ...], precision: float, dry_run: bool, as_json: bool) -> None:
    """Fit how strong evidence must be to be answered from, on labelled cases of your own history."""
    from otklik.evaluating import calibrate
    from otklik.evaluating_text import calibration_text
    from otklik.wiring import runtime

    async def command() -> Any:
        async with runtime(process_settings()) as parts:
            await parts.check_index()
            return await calibrate(parts, datasets or ("own",), precision, keeps=not dry_run)

    found = run_async(command())
    if as_json:
        print_json(found)
    else:
        click.echo(calibration_text(found))


@evals.group("experiment")
def evals_experiment() -> None:
    """Try a prompt or a model on the people who ask the bot. What they vote decides."""


@evals_experiment.command("start")
@click.option("--prompt", "reference", default="live", show_default=True, metavar="VERSION", help="Of the candidate.")
@click.option("--model", help="Of the candidate. Default: OTKLIK_ANSWER_MODEL.")
@click.option(
    "--share", type=click.FloatRange(0.01, 0.99), default=0.5, show_default=True, help="Of the people who get it."
)
@click.option(
    "--people",
    type=click.IntRange(20, 100_000),
    default=400,
    show_default=True,
    help="Voters in each arm, after which it ends without a verdict.",
)
def experiment_start(reference: str, model: str | None, share: float, people: int) -> None:
    """Begin: everybody who asks is in one of two arms, and stays there."""
    from otklik.evaluating import start_experiment
    from otklik.wiring import runtime

    async def command() -> str:
        async with runtime(process_settings()) as parts:
            return await start_experiment(parts, reference, model, share, people)

    click.echo(run_async(command()))


@evals_experiment.command("show")
@json_option
def experiment_show(as_json: bool) -> None:
    """How far the experiments are, the latest first."""
    from otklik.evaluating import experiments
    from otklik.evaluating_text import experiments_text
    from otklik.wiring import runtime

    async def command() -> Any:
        async with runtime(process_settings()) as parts, parts.database.reading() as session:
            return await experiments(session)

    found = run_async(command())
    if as_json:
        print_json(found)
    else:
        click.echo(experiments_text(found))


@evals_experiment.command("stop")
def experiment_stop() -> None:
    """End the experiment, or the serving of its winner: everybody gets the live prompt."""
    from evals.experiments import stop
    from otklik.wiring import runtime

    async def command() -> None:
        async with runtime(process_settings()) as parts, parts.database.transaction() as session:
            await stop(session)

    run_async(command())
    click.echo("Stopped: everybody is answered with the live prompt.")


def _decide(case_id: str, decision: Callable[[Any, Any], Coroutine[Any, Any, None]]) -> None:
    from evals.candidates import find
    from otklik.wiring import runtime

    async def command() -> None:
        async with runtime(process_settings()) as parts, parts.database.transaction() as session:
            await decision(session, await find(session, case_id))

    run_async(command())


def _compared(base: str, candidate: str, page: Path | None, as_json: bool, alpha: float = 0.05, **options: Any) -> bool:
    """Compare and print; whether the gate is open."""
    from evals.gate import gate
    from otklik.evaluating import compare, gate_document, report
    from otklik.evaluating_text import gate_text
    from otklik.wiring import runtime

    async def command() -> Any:
        async with runtime(process_settings()) as parts:
            await parts.check_index()
            before, after = await compare(parts, base, candidate, _options(**options))
            verdict = gate(before, after, alpha)
            if page is not None:
                await report(parts, page, before, after, verdict)
            return before, after, verdict

    before, after, verdict = run_async(command())
    if as_json:
        print_json(gate_document(before, after, verdict))
    else:
        click.echo(gate_text(before, after, verdict))
    return bool(verdict.is_open)


def _options(*, datasets: tuple[str, ...], budget: float | None, **rest: Any) -> Any:
    from evals.loading import OWN
    from otklik.evaluating import Options

    return Options(datasets=datasets or (OWN,), budget=_money(budget), **rest)


def _money(dollars: float | None) -> Decimal | None:
    return None if dollars is None else Decimal(str(dollars))
