"""`otklik dead-letters`: list, show and resend stream entries that could not be handled."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from core.errors import BadInput
from otklik.terminal import json_option, print_json, process_settings, run_async

if TYPE_CHECKING:
    from core.db.models import DeadLetter


@click.group("dead-letters")
def dead_letters() -> None:
    """Stream entries that could not be handled."""


@dead_letters.command("list")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_option
def dead_letters_list(limit: int, as_json: bool) -> None:
    """List them, newest first."""
    from otklik.printing import dead_letter_document, dead_letter_text

    found = run_async(_dead_letters(limit))
    if as_json:
        print_json([dead_letter_document(letter) for letter in found])
    else:
        click.echo("\n".join(dead_letter_text(letter) for letter in found) or "There are no dead letters.")


@dead_letters.command("show")
@click.argument("letter_id", type=int)
def dead_letters_show(letter_id: int) -> None:
    """Print one, with its body, as JSON."""
    from otklik.printing import dead_letter_document

    for letter in run_async(_dead_letters(10_000)):
        if letter.id == letter_id:
            print_json(dead_letter_document(letter, whole=True))
            return
    raise BadInput(f"There is no dead letter {letter_id}; see `otklik dead-letters list`.")


@dead_letters.command("resend")
@click.argument("letter_ids", type=int, nargs=-1)
@click.option("--all", "every", is_flag=True, help="All of them.")
def dead_letters_resend(letter_ids: tuple[int, ...], every: bool) -> None:
    """Put dead letters back into their streams, to be tried again."""
    from core.streams.dead_letters import resend
    from otklik.wiring import runtime

    if every == bool(letter_ids):
        raise BadInput("Name the dead letters to send again, or give --all.")

    async def command() -> int:
        async with runtime(process_settings()) as parts, parts.database.transaction() as session:
            return await resend(session, parts.redis, None if every else list(letter_ids))

    click.echo(f"{run_async(command())} sent again.")


async def _dead_letters(limit: int) -> "Sequence[DeadLetter]":
    from core.streams.dead_letters import list_dead_letters
    from otklik.wiring import runtime

    async with runtime(process_settings()) as parts, parts.database.reading() as session:
        return await list_dead_letters(session, limit)
