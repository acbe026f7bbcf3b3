"""`otklik` in this process, as a person at a terminal meets it: a process of its own takes seconds to start, each time."""

import asyncio
import json
import logging
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any, Self, TypeVar

import pytest
import structlog

from otklik.cli import run
from tests.evals.scene import MODEL
from tests.fakes.anthropic_server import AnthropicServer
from tests.ingestion.road import KEY

T = TypeVar("T")


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit status."""

    status: int
    out: str
    error: str

    @property
    def document(self) -> Any:
        """Its JSON: one document, and nothing else on stdout."""
        return json.loads(self.out)

    @property
    def sentence(self) -> str:
        """Of a command that failed: its last line on stderr; what stands before it is logs and progress."""
        assert "Traceback" not in self.error
        return self.error.splitlines()[-1].removeprefix("otklik: ")


class Shell:
    """Runs commands with the settings that were exported."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def export(self, **variables: str) -> None:
        """Set environment variables for the commands to come."""
        for name, value in variables.items():
            self._monkeypatch.setenv(name, value)

    def unset(self, *names: str) -> None:
        """And take them back."""
        for name in names:
            self._monkeypatch.delenv(name, raising=False)

    def __call__(self, *arguments: str, stdin: str = "") -> Said:
        """`otklik ARGUMENTS`."""
        self._monkeypatch.setattr("sys.argv", ["otklik", *arguments])
        self._monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(stdin.encode())))
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            run()
        printed = self._capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Said(ended.value.code, printed.out, printed.err)

    def evals(self, *arguments: str, stdin: str = "", status: int = 0) -> Said:
        """`otklik evals ARGUMENTS`, with this exit status."""
        said = self("evals", *arguments, stdin=stdin)
        assert said.status == status, said
        return said


class Beside:
    """An event loop in a thread of its own: the commands run loops of theirs in this one."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __call__(self, work: Coroutine[Any, Any, T]) -> T:
        """Do this over there, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


@contextmanager
def served(*script: Any, otherwise: Callable[[Any], Any]) -> Iterator[AnthropicServer]:
    """A model's server that runs beside the commands."""
    server = AnthropicServer(*script, otherwise=otherwise)
    with Beside() as beside:
        beside(server.start())
        try:
            yield server
        finally:
            beside(server.stop())
    assert not server.problems, server.problems


@contextmanager
def terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path, database_url: str, redis_url: str
) -> Iterator[Shell]:
    """A terminal in an empty directory, without a key. A process sets up its logging once; here many do."""
    root, configured = logging.getLogger(), structlog.get_config()
    interrupting = signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # as in a process of its own, whoever was here before
    handlers, level = root.handlers[:], root.level
    monkeypatch.chdir(folder)
    shell = Shell(monkeypatch, capsys)
    shell.export(
        OTKLIK_HOME=str(folder / "h"), OTKLIK_DATABASE_URL=database_url, OTKLIK_REDIS_URL=redis_url,
        OTKLIK_PSEUDONYM_KEY=KEY.hex(), OTKLIK_ANSWER_MODEL=MODEL, OTKLIK_JUDGE_MODEL=MODEL,
    )  # fmt: skip
    yield shell
    signal.signal(signal.SIGINT, interrupting)
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**configured)
