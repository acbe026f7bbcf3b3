"""The system user of a fresh machine: made once, at the first need, however many need it at that moment."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from core.embedded import postgres
from core.embedded.account import ensure_user
from core.embedded.home import Home
from core.embedded.postgres import EmbeddedPostgres
from core.errors import OtklikError

AT_ONCE = 4

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user for PostgreSQL")


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a user that this machine does not have yet."""
    name = f"otklik-{os.getpid()}"
    monkeypatch.setattr(postgres, "SYSTEM_USER", name)
    yield name
    subprocess.run(["userdel", name], check=False, capture_output=True)


@pytest.fixture
def home() -> Iterator[Home]:
    """One that PostgreSQL's user can reach, as it cannot reach pytest's own directories."""
    path = Path(tempfile.mkdtemp(prefix="otklik-"))
    yield Home(path)
    shutil.rmtree(path)


def test_the_address_is_known_before_anything_was_started(fresh: str, home: Home) -> None:
    assert EmbeddedPostgres(home).url.endswith(str(home.postgres))
    assert pwd.getpwnam(fresh).pw_name == fresh


def test_all_that_start_at_once_get_the_same_user(fresh: str) -> None:
    together = Barrier(AT_ONCE)

    def need(_: int) -> int:
        together.wait()
        return ensure_user(fresh).pw_uid

    with ThreadPoolExecutor(AT_ONCE) as starting:
        found = set(starting.map(need, range(AT_ONCE)))
    assert found == {pwd.getpwnam(fresh).pw_uid}


def test_the_server_starts_as_a_user_made_just_now(fresh: str, home: Home) -> None:
    home.prepare()
    server = EmbeddedPostgres(home)
    with home.starting():
        server.ensure_running()
    try:
        assert (home.postgres / "postmaster.pid").stat().st_uid == pwd.getpwnam(fresh).pw_uid
    finally:
        server.stop()


def test_a_machine_without_useradd_is_said_in_one_sentence(
    home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(postgres, "SYSTEM_USER", "otklik-nobody")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OtklikError, match=r"useradd is not installed or not in PATH.*ordinary"):
        _ = EmbeddedPostgres(home).url


def test_what_useradd_says_is_passed_on(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "SYSTEM_USER", "not:a:name")
    with pytest.raises(OtklikError, match="could not be made: useradd: "):
        _ = EmbeddedPostgres(home).url
