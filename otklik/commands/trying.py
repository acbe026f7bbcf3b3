"""`otklik mask` and `otklik lanes`: what the masker and the rules make of messages, piped in or stored."""

import sys
from pathlib import Path

import click

from core.errors import BadInput
from otklik.terminal import json_option, piped_lines, print_json, process_settings, run_async


@click.command()
@click.option("--input", "form", type=click.Choice(["lines", "jsonl"]), default="lines", show_default=True)
@click.option("--explain", is_flag=True, help="Tell which recogniser found each span.")
@json_option
def mask(form: str, explain: bool, as_json: bool) -> None:
    """Mask messages from stdin: one a line, or one {"text": ...} a line."""
    from core.rules import load_rules
    from otklik.masking import masked_lines

    rules = load_rules(process_settings().config)
    for line in masked_lines(sys.stdin.buffer, rules, form=form, explain=explain, as_json=as_json):
        click.echo(line)


@click.group()
def lanes() -> None:
    """The rules that decide what is urgent."""


@lanes.command("check")
@click.option("--rules", "rules_path", type=click.Path(path_type=Path), help="Default: OTKLIK_CONFIG or ./otklik.toml.")
@json_option
def lanes_check(rules_path: Path | None, as_json: bool) -> None:
    """Check the rules file; try messages from stdin when it is not a terminal: one a line, each with its lane and why."""
    from core.rules import load_rules
    from otklik.lanes import rules_summary, tried_lines

    path = rules_path or process_settings().config
    if rules_path is not None and not rules_path.exists():
        raise BadInput(f"The rules file {str(rules_path)!r} does not exist; check the path.")
    rules = load_rules(path)
    tried = list(tried_lines(piped_lines(), rules))
    if as_json:
        print_json(
            {"file": str(path) if path.exists() else None, "rules": rules.model_dump(mode="json"), "tried": tried}
        )
        return
    click.echo(rules_summary(rules, path))
    for one in tried:
        click.echo(
            f"{one['lane']:6} {one['score']:3}  {one['text']}  ({'; '.join(one['reasons']) or 'nothing urgent'})"
        )


@lanes.command("simulate")
@click.option("--rules", "rules_path", type=click.Path(path_type=Path), help="Default: OTKLIK_CONFIG or ./otklik.toml.")
@click.option("--since", default="30d", show_default=True, help="How far back: 30d, 12h, or a date.")
@json_option
def lanes_simulate(rules_path: Path | None, since: str, as_json: bool) -> None:
    """Replay the stored messages under other rules: which lanes would change, and what that would cost."""
    from otklik.simulating import run_simulation, simulation_text
    from otklik.since import began

    if rules_path is not None and not rules_path.exists():
        raise BadInput(f"The rules file {str(rules_path)!r} does not exist; check the path.")
    settings = process_settings()
    document = run_async(run_simulation(settings, rules_path or settings.config, began(since)))
    if as_json:
        print_json(document)
    else:
        click.echo(simulation_text(document))
