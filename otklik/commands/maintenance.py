"""`otklik status`, `doctor`, `forget`, `rotate-key` and `reindex`: looking after an installation."""

from dataclasses import asdict
from typing import Any

import click

from core.errors import OtklikError
from otklik.terminal import json_option, json_text, print_json, process_settings, run_async


@click.command()
@json_option
def status(as_json: bool) -> None:
    """What is held, what is still to be done, and what it cost."""
    from otklik.printing import status_text
    from otklik.reading import status_document
    from otklik.wiring import runtime

    async def command() -> dict[str, Any]:
        async with runtime(process_settings()) as parts, parts.database.reading() as session:
            return await status_document(session, parts.redis, parts.purse())

    found = run_async(command())
    click.echo(json_text(found) if as_json else status_text(found))


@click.command()
def doctor() -> None:
    """Check the settings and reach every service; say what to do."""
    from otklik.doctor import examine

    problems = 0
    for check in run_async(examine(process_settings())):
        click.echo(f"{'ok ' if check.ok else 'NOT'} {check.name}: {check.says}")
        problems += not check.ok
    if problems:
        raise OtklikError(f"{problems} of the checks failed; the lines that begin with NOT say what to do.")


@click.command()
@click.option(
    "--user", "user_id", type=int, required=True, metavar="TELEGRAM_ID", help="As in an export: user123 is 123."
)
@json_option
def forget(user_id: int, as_json: bool) -> None:
    """Erase one person: their messages, and every unit, vector and answer made from them. Safe to repeat."""
    from otklik.maintenance import forget_person
    from otklik.wiring import runtime

    async def command() -> dict[str, int]:
        async with runtime(process_settings()) as parts:
            return asdict(await forget_person(parts, user_id))

    erased = run_async(command())
    if as_json:
        print_json(erased)
        return
    what = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in erased.items() if count)
    click.echo(f"Erased: {what}." if what else "Nothing of this person is held.")


@click.command("rotate-key")
@json_option
def rotate_key(as_json: bool) -> None:
    """Make a new pseudonym key and put new pseudonyms for all old ones. Stop every other otklik process first."""
    from otklik.maintenance import renew_key
    from otklik.wiring import runtime

    async def command() -> dict[str, int]:
        async with runtime(process_settings()) as parts:
            return asdict(await renew_key(parts))

    renewed = run_async(command())
    if as_json:
        print_json(renewed)
        return
    click.echo(
        f"The key was renewed: {renewed['people']} people and {renewed['chats']} private chats have new pseudonyms."
    )


@click.command()
def reindex() -> None:
    """Build all vectors anew, after another embedding model was set."""
    from otklik.maintenance import rebuild_index
    from otklik.progress import Bar
    from otklik.wiring import runtime

    async def command() -> int:
        async with runtime(process_settings()) as parts:
            with Bar() as bar:
                return await rebuild_index(parts, bar)

    click.echo(f"{run_async(command())} units indexed anew.")
