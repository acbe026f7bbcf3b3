"""`otklik report`: what a head wants to know of a period, as a Word document."""

from pathlib import Path

import click

from core.errors import BadInput
from otklik.terminal import process_settings, run_async


@click.command()
@click.option(
    "--chat",
    "chats",
    multiple=True,
    metavar="ID|all",
    default=["all"],
    show_default=True,
    help="On this chat; may be repeated.",
)
@click.option("--since", metavar="DATE", required=True, help="From this day on, like 2026-11-01.")
@click.option("--until", metavar="DATE", help="Up to and including this day. Default: up to now.")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="FILE.docx")
@click.option("--language", type=click.Choice(["ru", "en"]), help="Default: that of the chats.")
@click.option("--force", is_flag=True, help="Replace FILE.docx if it exists.")
def report(
    chats: tuple[str, ...], since: str, until: str | None, out: Path, language: str | None, force: bool
) -> None:  # fmt: skip
    """Write a report to FILE.docx: what came in, how soon it was answered, who waits, about what, what the AI cost, and what
    has changed since the period before. Masked as it is stored."""
    from analytics.reports.dates import span
    from core.domain.counting import counted
    from otklik.exporting import day_of
    from otklik.reporting import Wanted, write_report

    wanted = Wanted(
        _chat_ids(chats), day_of(since), None if until is None else day_of(until), out,
        None if language is None else "ru" if language == "ru" else "en", force,
    )  # fmt: skip
    made = run_async(write_report(process_settings(), wanted))
    count = len(made.facts.titles)
    about = f"{count} {counted(count, ('chat', 'chats'), 'en')}"
    click.echo(f"{out}: {span(made.facts.period, 'en')}, {about}, {len(made.content) // 1_024} KB.")


def _chat_ids(written: tuple[str, ...]) -> list[int]:
    """The chats; none of them for all."""
    if written == ("all",):
        return []
    try:
        return [int(one) for one in written]
    except ValueError:
        raise BadInput(
            f"--chat {' '.join(written)!r} names no chats; give ids as `otklik status` tells them, or all."
        ) from None
