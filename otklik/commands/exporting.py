"""`otklik export`: what is held, as a file for a spreadsheet or a program."""

from pathlib import Path

import click

from otklik.commands.asking import chat_option
from otklik.terminal import json_option, print_json, process_settings, run_async


@click.command()
@click.argument("table", type=click.Choice(["messages", "analyses", "answers", "costs"]))
@click.option("--format", "form", type=click.Choice(["csv", "jsonl", "parquet"]), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="FILE")
@click.option("--since", metavar="DATE", help="From this day on, like 2026-11-01. Default: from the beginning.")
@click.option("--until", metavar="DATE", help="Up to and including this day. Default: all.")
@chat_option
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@json_option
def export(
    table: str,
    form: str,
    out: Path,
    since: str | None,
    until: str | None,
    chats: tuple[int, ...],
    force: bool,
    as_json: bool,
) -> None:
    """Write what is held to FILE, masked as it is stored. FILE is there when it is whole: stopped, nothing is left of it."""
    from otklik.exporting import Wanted, day_of, export_file

    first, last = (None if day is None else day_of(day) for day in (since, until))
    wanted = Wanted(table, form, out, first, last, chats, force=force)
    rows = run_async(export_file(process_settings(), wanted))
    if as_json:
        print_json({"table": table, "rows": rows, "file": str(out), "bytes": out.stat().st_size})
        return
    click.echo(f"{out}: {rows} rows of {table}.")
