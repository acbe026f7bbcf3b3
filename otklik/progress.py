"""How far long work is: a bar on a terminal, a line now and then in a log."""

import sys
import time
from types import TracebackType

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

LINE_SECONDS = 5.0


class Bar:
    """A bar with rate and time left; implements `ingestion.importing.Progress`. Writes to stderr only."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._plain = not console.is_terminal
        self._bar = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"),
            TextColumn("{task.fields[rate]}"), TimeElapsedColumn(), TimeRemainingColumn(),
            console=console, transient=True, disable=self._plain,
        )  # fmt: skip
        self._task: TaskID | None = None
        self._phase = ""
        self._total: int | None = None
        self._began = self._told = time.monotonic()

    def __enter__(self) -> "Bar":
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def begin(self, phase: str, total: int | None) -> None:
        """A phase begins."""
        self._phase, self._total, self._began = phase, total, time.monotonic()
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(phase, total=total, rate="")

    def reach(self, done: int) -> None:
        """So much of it is done."""
        rate = f"{done / max(time.monotonic() - self._began, 0.001):,.0f}/s"
        if self._task is not None:
            self._bar.update(self._task, completed=done, rate=rate)
        if self._plain and time.monotonic() - self._told >= LINE_SECONDS:
            self._told = time.monotonic()
            of = f" of {self._total:,}" if self._total else ""
            click.echo(f"{self._phase}: {done:,}{of}, {rate}", file=sys.stderr)
