"""`otklik evals`: whether an answer is right, whether a change makes answers worse, and cases from what people said."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import click

from core.errors import OtklikError
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
    """The latest runs."""
    from evals.results import summaries
    from otklik.evaluating_text import summaries_text, summary_document
    from otklik.wiring import runtime

    async def command() -> Any:
        async with runtime(process_settings()) as parts, parts.database.reading() as session:
            return await summaries(session, limit)

    found = run_async(command())
    if as_json:
        print_json([summary_document(one) for one in found])
    else:
        click.echo(summaries_text(found))


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

    limit = None if budget is None else Decimal(str(budget))
    return Options(datasets=datasets or (OWN,), budget=limit, **rest)
