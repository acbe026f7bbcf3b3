"""`otklik` in this process, as a person at a terminal meets it: a process of its own takes seconds to start, each time."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from typing import Any

import pytest

from otklik.cli import run
from tests.fakes.anthropic_server import AnthropicServer


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


@contextmanager
def served(*script: Any, otherwise: Callable[[Any], Any]) -> Iterator[AnthropicServer]:
    """A model's server in a thread of its own: the commands run event loops of theirs in this one."""
    loop, server = asyncio.new_event_loop(), AnthropicServer(*script, otherwise=otherwise)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.start(), loop).result()
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
    assert not server.problems, server.problems
