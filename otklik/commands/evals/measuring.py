"""`otklik evals run`, `compare`, `gate` and `list`."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from core.errors import OtklikError
from otklik.terminal import json_option, print_json, process_settings, run_async

if TYPE_CHECKING:
    from otklik.evaluating.measuring import Options

Command = TypeVar("Command", bound=Callable[..., Any])

budget_option = click.option("--budget", type=click.FloatRange(0), metavar="USD", help="What this may cost at most.")


def measuring(command: Command) -> Command:
    """The options that every measuring command has."""
    options = (
        click.option("--dataset", "datasets", multiple=True, metavar="NAME",
                     help="'own' (accepted cases; default), 'samples', one of these as 'attacks', or a path; may be repeated."),
        click.option("--model", help="Instead of OTKLIK_ANSWER_MODEL."),
        click.option("--judge", "judged", is_flag=True, help="Have a model mark the answers too."),
        click.option("--samples", type=click.IntRange(1, 20), default=1, show_default=True, help="Answers to each case."),
        click.option("--fresh", is_flag=True, help="Ask the model anew also what was asked before, and pay again."),
        budget_option,
        click.option("--report", "page", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.html",
                     help="Write every case as a page."),
        json_option,
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


@click.command("run")
@click.option(
    "--prompt", "versions", multiple=True, metavar="VERSION", help="What to measure; may be repeated. Default: live."
)
@click.option("--label", help="What to call the run, to compare it by. Default: the version.")
@measuring
def run(versions: tuple[str, ...], label: str | None, page: Path | None, as_json: bool, **options: Any) -> None:
    """Measure one version. A run that was stopped goes on where the same command is given again."""
    from otklik.evaluating.measuring import Measuring
    from otklik.evaluating.shown import run_document, run_text
    from otklik.wiring import runtime

    async def command() -> Any:
        async with runtime(process_settings()) as parts:
            await parts.check_index()
            measuring = Measuring(parts, _options(**options))
            found = await measuring.run(versions or ("live",), label)
            if page is not None:
                await measuring.report(page, found)
                _told(page)
            return found

    found = run_async(command())
    if as_json:
        print_json(run_document(found))
    else:
        click.echo(run_text(found))


@click.command("compare")
@click.argument("base")
@click.argument("candidate")
@measuring
def compare(base: str, candidate: str, page: Path | None, as_json: bool, **options: Any) -> None:
    """Compare two versions, which are measured if they were not yet, or two runs by their labels or ids."""
    _compared(base, candidate, page, as_json, **options)


@click.command("gate")
@click.argument("base")
@click.argument("candidate")
@click.option(
    "--alpha", type=click.FloatRange(0.001, 0.5), default=0.05, show_default=True, help="Share of false alarms."
)
@measuring
def gate(base: str, candidate: str, alpha: float, page: Path | None, as_json: bool, **options: Any) -> None:
    """Like compare, and exit 1 where the candidate is worse than the base: for the CI of prompts."""
    if not _compared(base, candidate, page, as_json, alpha, **options):
        raise OtklikError("The gate is shut: the candidate is worse.")


@click.command("list")
@click.option("-n", "limit", type=click.IntRange(1, 1_000), default=20, show_default=True)
@json_option
def list_(limit: int, as_json: bool) -> None:
    """The latest runs, and the experiments with their verdicts."""
    from evals.results import summaries
    from otklik.evaluating.experimenting import experiments, experiments_text
    from otklik.evaluating.listed import summaries_text, summary_document
    from otklik.wiring import runtime

    async def command() -> Any:
        async with runtime(process_settings()) as parts, parts.database.reading() as session:
            return await summaries(session, limit), await experiments(session)

    runs, tried = run_async(command())
    if as_json:
        print_json({"runs": [summary_document(one) for one in runs], "experiments": tried})
    else:
        click.echo(f"{summaries_text(runs)}\n\n{experiments_text(tried)}")


def money(dollars: float | None) -> Decimal | None:
    """What --budget says."""
    return None if dollars is None else Decimal(str(dollars))


def _compared(base: str, candidate: str, page: Path | None, as_json: bool, alpha: float = 0.05, **options: Any) -> bool:
    """Compare and print; whether the gate is open."""
    from evals.gate import gate
    from otklik.evaluating.measuring import Measuring
    from otklik.evaluating.shown import gate_document, gate_text
    from otklik.wiring import runtime

    async def command() -> Any:
        async with runtime(process_settings()) as parts:
            await parts.check_index()
            measuring = Measuring(parts, _options(**options))
            before, after = await measuring.compare(base, candidate)
            verdict = gate(before, after, alpha)
            if page is not None:
                await measuring.report(page, before, after, verdict)
                _told(page)
            return before, after, verdict

    before, after, verdict = run_async(command())
    if as_json:
        print_json(gate_document(before, after, verdict))
    else:
        click.echo(gate_text(before, after, verdict))
    return bool(verdict.is_open)


def _told(page: Path) -> None:
    click.echo(f"Every case is in {page}.", err=True)


def _options(*, datasets: tuple[str, ...], budget: float | None, **rest: Any) -> "Options":
    from evals.loading import OWN
    from otklik.evaluating.measuring import Options

    return Options(datasets=datasets or (OWN,), budget=money(budget), **rest)
