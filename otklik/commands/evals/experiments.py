"""`otklik evals experiment`: two ways of answering, tried on the people who ask."""

from typing import Any

import click

from otklik.terminal import json_option, print_json, process_settings, run_async


@click.group("experiment")
def experiment() -> None:
    """Try a prompt or a model on the people who ask the bot. What they vote decides."""


@experiment.command("start")
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
    from otklik.evaluating.experimenting import start_experiment
    from otklik.wiring import runtime

    async def command() -> str:
        async with runtime(process_settings()) as parts:
            return await start_experiment(parts, reference, model, share, people)

    click.echo(run_async(command()))


@experiment.command("show")
@json_option
def experiment_show(as_json: bool) -> None:
    """How far the experiments are, the latest first."""
    from otklik.evaluating.experimenting import experiments, experiments_text
    from otklik.wiring import runtime

    async def command() -> Any:
        async with runtime(process_settings()) as parts, parts.database.reading() as session:
            return await experiments(session)

    found = run_async(command())
    if as_json:
        print_json(found)
    else:
        click.echo(experiments_text(found))


@experiment.command("stop")
def experiment_stop() -> None:
    """End the experiment, or the serving of its winner: everybody gets the live prompt."""
    from evals.experiments import stop
    from otklik.wiring import runtime

    async def command() -> None:
        async with runtime(process_settings()) as parts, parts.database.transaction() as session:
            await stop(session)

    run_async(command())
    click.echo("Stopped: everybody is answered with the live prompt.")
