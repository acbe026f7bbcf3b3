"""`otklik evals agree` and `calibrate`: whether the judge and the threshold can be relied on."""

from typing import Any

import click

from otklik.commands.evals.measuring import budget_option, money
from otklik.terminal import json_option, print_json, process_settings, run_async


@click.command("agree")
@budget_option
@json_option
def agree(budget: float | None, as_json: bool) -> None:
    """How far the judge agrees with people: on answers to the sample chats that a careful reader has labelled."""
    from otklik.evaluating import judging
    from otklik.wiring import runtime

    async def command() -> Any:
        async with runtime(process_settings()) as parts:
            return await judging.agree(parts, money(budget))

    found = run_async(command())
    if as_json:
        print_json(found)
    else:
        click.echo(judging.agreement_text(found))


@click.command("calibrate")
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
def calibrate(datasets: tuple[str, ...], precision: float, dry_run: bool, as_json: bool) -> None:
    """Fit how strong evidence must be to be answered from, on labelled cases of your own history."""
    from otklik.evaluating import calibrating
    from otklik.wiring import runtime

    async def command() -> Any:
        async with runtime(process_settings()) as parts:
            await parts.check_index()
            return await calibrating.calibrate(parts, datasets or ("own",), precision, keeps=not dry_run)

    found = run_async(command())
    if as_json:
        print_json(found)
    else:
        click.echo(calibrating.calibration_text(found))
