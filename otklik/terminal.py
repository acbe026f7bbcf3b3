"""What every command does at a terminal: options they share, settings, running, printing, reading stdin."""

import asyncio
import json
import signal
import sys
from collections.abc import Coroutine, Iterator
from typing import Any, NoReturn, TypeVar

import click

from core.settings import Settings, read_settings

T = TypeVar("T")

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")


def process_settings() -> Settings:
    """The settings of this process; its logging follows them."""
    from core.log import configure_logging

    settings = read_settings()
    configure_logging(log_format=settings.log_format, level=settings.log_level)
    return settings


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's work; SIGTERM ends it like Ctrl-C, so that everything is closed."""

    async def stoppable() -> T:
        task = asyncio.current_task()
        assert task is not None
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await work

    try:
        return asyncio.run(stoppable())
    except asyncio.CancelledError:
        raise click.Abort from None


def json_text(document: Any) -> str:
    """One document on one line."""
    return json.dumps(document, ensure_ascii=False)


def print_json(document: Any) -> None:
    """Print a command's whole result."""
    click.echo(json_text(document))


def stdin_lines() -> Iterator[str]:
    """Every line of stdin; bytes that are no UTF-8 become U+FFFD."""
    for line in sys.stdin.buffer:
        yield line.decode("utf-8", "replace").rstrip("\r\n")


def piped_lines() -> Iterator[str]:
    """Lines that were piped in; none from a terminal, where nobody means to type them."""
    if not sys.stdin.isatty():
        yield from stdin_lines()


def fail(sentence: str, status: int) -> NoReturn:
    """End the process: one sentence on stderr, which says what to do."""
    click.echo(f"otklik: {sentence}", err=True)
    sys.exit(status)
