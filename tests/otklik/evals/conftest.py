"""The commands on a small history, with a loopback model or none."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.db.session import Database
from tests.evals.scene import CASES, talked
from tests.fakes.anthropic_reader import Reader
from tests.fakes.anthropic_server import AnthropicServer
from tests.otklik.evals.shell import Shell, served, terminal

FRONT = "---\npurpose: answer\nstatus: draft\nmax_tokens: 500\nvariables: [refusal_marker]\n---\n"


@pytest.fixture
async def history(database: Database) -> Database:
    """The database with the talk in it."""
    await talked(database)
    return database


@pytest.fixture
def shell(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    history: Database, database_url: str, redis_url: str,
) -> Iterator[Shell]:  # fmt: skip
    """A terminal in a directory with some cases and prompts, without a key."""
    with terminal(monkeypatch, capsys, tmp_path, database_url, redis_url) as made:
        lines = [json.dumps(case.model_dump(mode="json"), ensure_ascii=False) for case in CASES]
        Path("talk.jsonl").write_text("\n".join(lines), encoding="utf-8")
        Path("good.md").write_text(f"{FRONT}Answer kindly. {{{{ refusal_marker }}}}", encoding="utf-8")
        Path("bad.md").write_text(f"{FRONT}GUESS 100% {{{{ refusal_marker }}}}", encoding="utf-8")
        yield made


@pytest.fixture
def model(shell: Shell) -> Iterator[AnthropicServer]:
    """The model that the terminal's key is for."""
    with served(otherwise=Reader()) as server:
        shell.export(ANTHROPIC_API_KEY="key", ANTHROPIC_BASE_URL=server.url)
        yield server
