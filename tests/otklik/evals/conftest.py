"""The commands on a small history, with a loopback model or none."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from core.db.session import Database
from tests.evals.scene import CASES, MODEL, talked
from tests.fakes.anthropic_reader import Reader
from tests.fakes.anthropic_server import AnthropicServer
from tests.ingestion.road import KEY
from tests.otklik.evals.shell import Shell, served

FRONT = "---\npurpose: answer\nstatus: draft\nmax_tokens: 500\nvariables: [refusal_marker]\n---\n"


@pytest.fixture
def _logging() -> Iterator[None]:
    """A process sets up its logging once; here many do."""
    root, configured = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**configured)


@pytest.fixture
async def history(database: Database) -> Database:
    """The database with the talk in it."""
    await talked(database)
    return database


@pytest.fixture
def shell(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, _logging: None,
    history: Database, database_url: str, redis_url: str,
) -> Shell:  # fmt: skip
    """A terminal in an empty directory, without a key."""
    monkeypatch.chdir(tmp_path)
    made = Shell(monkeypatch, capsys)
    made.export(
        OTKLIK_HOME=str(tmp_path / "h"), OTKLIK_DATABASE_URL=database_url, OTKLIK_REDIS_URL=redis_url,
        OTKLIK_PSEUDONYM_KEY=KEY.hex(), OTKLIK_ANSWER_MODEL=MODEL, OTKLIK_JUDGE_MODEL=MODEL,
    )  # fmt: skip
    lines = [json.dumps(case.model_dump(mode="json"), ensure_ascii=False) for case in CASES]
    Path("talk.jsonl").write_text("\n".join(lines), encoding="utf-8")
    Path("good.md").write_text(f"{FRONT}Answer kindly. {{{{ refusal_marker }}}}", encoding="utf-8")
    Path("bad.md").write_text(f"{FRONT}GUESS 100% {{{{ refusal_marker }}}}", encoding="utf-8")
    return made


@pytest.fixture
def model(shell: Shell) -> Iterator[AnthropicServer]:
    """The model that the terminal's key is for."""
    with served(otherwise=Reader()) as server:
        shell.export(ANTHROPIC_API_KEY="key", ANTHROPIC_BASE_URL=server.url)
        yield server
