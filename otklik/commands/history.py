"""`otklik import`, `backfill` and `threads`: what is read into the history, and how it hangs together."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from core.errors import BadInput
from otklik.terminal import json_option, json_text, print_json, process_settings, run_async

BACKFILL_DEPTH = 10_000


@click.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["auto", "telegram", "csv"]), default="auto", show_default=True)
@click.option(
    "--wait/--no-wait", default=True, help="Return when all is stored and indexed (default), or once published."
)
@json_option
def import_(path: Path, form: Any, wait: bool, as_json: bool) -> None:
    """Import a chat export: Telegram Desktop's result.json, or the v1 CSV. Safe to repeat and to interrupt."""
    from ingestion.exports.source import open_export
    from otklik.progress import Bar
    from otklik.wiring import runtime

    export = open_export(path, form)

    async def command() -> dict[str, Any]:
        async with runtime(process_settings()) as parts:
            await parts.check_key()
            with Bar() as bar:
                importer = parts.importer(bar)
                if wait:
                    await parts.start_storing()
                return asdict(await importer.run(export, wait=wait))

    report = run_async(command())
    if as_json:
        print_json(report)
        return
    skipped = ", ".join(f"{count} {reason}" for reason, count in report["skipped"].items()) or "none"
    click.echo(
        f"{path.name}: {report['messages']} messages of {report['chats']} chats in {report['seconds']} s: "
        f"{report['stored']} stored, {report['duplicates']} already there, skipped: {skipped}. {report['units']} units."
    )


@click.command()
@click.option("--chat", "chat_id", type=int, required=True, metavar="ID")
@click.option("--depth", type=click.IntRange(1), metavar="N", help="The newest N messages. Default: 10000.")
@click.option("--all", "every", is_flag=True, help="From the chat's first message on.")
@json_option
def backfill(chat_id: int, depth: int | None, every: bool, as_json: bool) -> None:
    """Ask the listen role to read more of a chat's history. Safe to repeat."""
    from ingestion.telegram.ledger import EVERYTHING
    from otklik.maintenance import ask_for_history
    from otklik.wiring import runtime

    if every and depth is not None:
        raise BadInput("Give --depth or --all, not both.")
    wanted = EVERYTHING if every else min(depth or BACKFILL_DEPTH, EVERYTHING)

    async def command() -> int:
        async with runtime(process_settings()) as parts:
            return await ask_for_history(parts, chat_id, wanted)

    found = run_async(command())
    if as_json:
        print_json({"chat_id": found, "depth": None if every else wanted})
        return
    what = "All messages" if every else f"The newest {wanted} messages"
    click.echo(
        f"{what} of chat {found} are asked for. A running `otklik listen` begins within ten seconds, another when it is "
        "started; its log tells how far it is."
    )


@click.command()
@click.option("--chat", "chat_id", type=int, required=True, metavar="ID")
@json_option
def threads(chat_id: int, as_json: bool) -> None:
    """Show which message of a chat continues which, and why."""
    from otklik.printing import threads_text
    from otklik.reading import resolve_chats, threads_of
    from otklik.wiring import runtime

    async def command() -> list[dict[str, Any]]:
        async with runtime(process_settings()) as parts, parts.database.reading() as session:
            (resolved,) = await resolve_chats(session, [chat_id])
            return await threads_of(session, resolved)

    found = run_async(command())
    click.echo(json_text(found) if as_json else threads_text(found))
