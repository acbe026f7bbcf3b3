"""`otklik evals harvest`, and what a person decides about what it brings."""

import getpass
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.errors import BadInput
from otklik.terminal import json_option, print_json, process_settings, run_async

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from core.db.models import EvalCase
    from evals.candidates import Edited

ALL = 1_000_000
"""More cases than anybody accepts by hand."""


@click.command("harvest")
@click.option("--since", default="30d", show_default=True, help="A time span or a date, as 30d, 12h or 2026-11-01.")
@json_option
def harvest(since: str, as_json: bool) -> None:
    """Make candidates for cases of votes, corrections, hand-overs and drafts that staff sent. Safe to repeat."""
    from evals import harvest as harvesting
    from otklik.since import began
    from otklik.wiring import runtime

    from_then = began(since)

    async def command() -> harvesting.Harvested:
        async with runtime(process_settings()) as parts:
            await parts.check_index()
            return await harvesting.harvest(parts.database, parts.embedder, from_then)

    found = run_async(command())
    if as_json:
        print_json(asdict(found))
        return
    origins = ", ".join(f"{count} {origin.replace('_', ' ')}" for origin, count in sorted(found.by_origin.items()))
    click.echo(
        f"{found.new} new candidates{f' ({origins})' if origins else ''}, {found.changed} changed; {found.same} ask what "
        f"another case asks already, {found.decided} are decided. `otklik evals candidates` shows them."
    )


@click.command("candidates")
@click.option(
    "--state", type=click.Choice(["candidate", "accepted", "rejected"]), default="candidate", show_default=True
)
@click.option("-n", "limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@json_option
def candidates(state: str, limit: int, as_json: bool) -> None:
    """Harvested cases that a person has to look at, the oldest first."""
    from evals.candidates import waiting
    from otklik.evaluating.listed import candidate_document, candidate_text
    from otklik.wiring import runtime

    async def command() -> Any:
        async with runtime(process_settings()) as parts, parts.database.reading() as session:
            return await waiting(session, limit, state)

    rows = run_async(command())
    if as_json:
        print_json([candidate_document(row) for row in rows])
    else:
        click.echo("\n\n".join(candidate_text(row) for row in rows) or f"There is no {state} case.")


@click.command("accept")
@click.argument("case_ids", metavar="ID...", nargs=-1, required=True)
def accept(case_ids: tuple[str, ...]) -> None:
    """Measure answers by candidates from now on: by all of these, or where one cannot be accepted by none. ID: its first
    characters suffice."""
    from evals import candidates as deciding

    _decide(case_ids, lambda session, row: deciding.accept(session, row.case_id, _whoever()))
    click.echo(f"{len(case_ids)} accepted: `otklik evals run` asks that from now on.")


@click.command("reject")
@click.argument("case_ids", metavar="ID...", nargs=-1, required=True)
def reject(case_ids: tuple[str, ...]) -> None:
    """Leave candidates out, for good."""
    from evals import candidates as deciding

    _decide(case_ids, lambda session, row: deciding.reject(session, row.case_id, _whoever()))
    click.echo(f"{len(case_ids)} rejected.")


@click.command("edit")
@click.argument("case_id", metavar="ID")
@click.option("--file", "source", type=click.File("r"), help="Take the JSON from here ('-': stdin) instead of $EDITOR.")
def edit(case_id: str, source: Any) -> None:
    """Change a case: its reference, its facts, what must not be said. It waits to be accepted again then."""
    from evals import candidates as deciding
    from otklik.wiring import runtime

    async def command() -> bool:
        async with runtime(process_settings()) as parts:
            async with parts.database.reading() as session:
                row = await deciding.find(session, case_id)
            changed = deciding.edited(source.read()) if source is not None else _edited(deciding.editable(row))
            if changed is None:
                return False
            async with parts.database.transaction() as writing:
                await deciding.edit(writing, row.case_id, changed, parts.masked)
            return True

    click.echo("Changed; accept it to measure by it." if run_async(command()) else "Nothing was changed.")


@click.command("export")
@click.option("--out", "path", type=click.Path(path_type=Path, dir_okay=False), required=True)
def export(path: Path) -> None:
    """Write the accepted cases as a dataset, to be reviewed in git."""
    from evals.candidates import exported, waiting
    from otklik.wiring import runtime

    if path.exists():
        raise BadInput(f"{path} is there already; name another file.")

    async def command() -> Any:
        async with runtime(process_settings()) as parts, parts.database.reading() as session:
            return await waiting(session, ALL, "accepted")

    rows = run_async(command())
    try:
        path.write_text(exported(rows), encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.") from None
    click.echo(f"{len(rows)} cases in {path}. They are masked, and as private as your chats.")


def _decide(case_ids: Sequence[str], decision: "Callable[[AsyncSession, EvalCase], Awaitable[None]]") -> None:
    from evals.candidates import find
    from otklik.wiring import runtime

    async def command() -> None:
        async with runtime(process_settings()) as parts, parts.database.transaction() as session:
            for case_id in case_ids:
                await decision(session, await find(session, case_id))

    run_async(command())


def _edited(words: str) -> "Edited | None":
    """What a person makes of a case in their editor; None where they leave it as it is. What they wrote is not lost by a slip
    of the pen."""
    from evals.candidates import edited

    written = click.edit(words, extension=".json")
    while written is not None:
        try:
            return edited(written)
        except BadInput as error:
            click.echo(str(error), err=True)
            if not click.confirm("Edit it again?", default=True, err=True):
                raise
            written = click.edit(written, extension=".json") or written
    return None


def _whoever() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number that has no name
        return f"user {os.getuid()}"
