"""The long-running roles as processes: health, metrics, an orderly end, and a supervisor that brings back the dead."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from pydantic import SecretStr
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from core.settings import Settings
from otklik.up import roles
from tests.fakes.mtproto import MTProtoServer

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def place() -> Iterator[Path]:
    """An empty working directory, open to PostgreSQL's own user."""
    with tempfile.TemporaryDirectory(prefix="otklik-") as made:
        yield Path(made)


@pytest.fixture
def port() -> int:
    """A free port on loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def started(command: str, place: Path, port: int, **more: str) -> Iterator[subprocess.Popen[str]]:
    """A role as its own process, killed at the end if it still runs. `more` is put into its environment."""
    process = subprocess.Popen(
        [sys.executable, "-m", "otklik", command],
        cwd=place, stderr=subprocess.PIPE, text=True,
        env={
            "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "OTKLIK_HOME": str(place / "h"), "OTKLIK_STORE_PORT": str(port),
            "OTKLIK_ANALYZE_PORT": "0", "OTKLIK_DASHBOARD_PORT": "0", "OTKLIK_PAGES_PORT": "0",
            **more,
        },
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def get(port: int, path: str) -> str:
    """What a role serves; waits until it serves at all."""
    attempts = Retrying(
        retry=retry_if_exception_type(OSError), stop=stop_after_delay(500), wait=wait_fixed(0.1), reraise=True
    )
    body: bytes = attempts(lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30).read())
    return body.decode()


def stopped(process: subprocess.Popen[str]) -> str:
    """Tell a process to stop; what it logged. It must end in order."""
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=200)
    assert process.returncode == 0, log
    assert "Traceback" not in log
    return log


def test_store_serves_health_and_metrics_and_stops_in_order(place: Path, port: int) -> None:
    with started("store", place, port) as process:
        assert json.loads(get(port, "/health")) == {"ok": True, "problems": []}
        metrics = get(port, "/metrics")
        assert 'otklik_stream_length{stream="otklik:messages:fast"} 0.0' in metrics
        assert "otklik_units_unembedded 0.0" in metrics
        stopped(process)
    assert not (place / "h" / "postgres" / "postmaster.pid").exists()


def test_store_is_unhealthy_without_redis_and_ends_when_its_streams_are_deleted(place: Path, port: int) -> None:
    with started("store", place, port) as process:
        get(port, "/health")
        with redis.Redis.from_url(f"unix://{place}/h/valkey/valkey.sock") as client:
            client.flushall()
        process.wait(timeout=200)
        assert process.returncode == 1
        assert process.stderr is not None
        assert "Start `otklik store` again" in process.stderr.read()


def test_analyze_serves_health_and_metrics_and_stops_in_order(place: Path, port: int) -> None:
    with started("analyze", place, port, OTKLIK_ANALYZE_PORT=str(port)) as process:
        assert json.loads(get(port, "/health")) == {"ok": True, "problems": []}
        metrics = get(port, "/metrics")
        assert "otklik_urgent_waiting 0.0" in metrics
        assert 'otklik_windows{state="ready"} 0.0' in metrics
        assert "there is no ANTHROPIC_API_KEY" in stopped(process)


def test_dashboard_serves_pages_and_health_and_stops_in_order(place: Path, port: int) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        pages = int(free.getsockname()[1])
    ports = {"OTKLIK_DASHBOARD_PORT": str(port), "OTKLIK_PAGES_PORT": str(pages)}
    with started("dashboard", place, port, **ports) as process:
        assert json.loads(get(port, "/health")) == {"ok": True, "problems": []}
        assert "<title>Streamlit</title>" in get(pages, "/")
        assert "otklik_dashboard_visitors 0.0" in get(port, "/metrics")
        assert f"http://127.0.0.1:{pages}" in stopped(process)


def test_dashboard_is_not_opened_to_others_without_a_login(place: Path, port: int) -> None:
    with started("dashboard", place, port, OTKLIK_PAGES_HOST="0.0.0.0") as process:
        _, log = process.communicate(timeout=200)
        assert process.returncode == 2
        assert "otklik hash-password" in log
    assert not (place / "h").exists()


def test_up_lets_a_listener_without_a_session_go_and_brings_back_what_is_killed(place: Path, port: int) -> None:
    with MTProtoServer() as server:
        session = {
            "OTKLIK_TELEGRAM_API_ID": "1", "OTKLIK_TELEGRAM_API_HASH": "0" * 32,
            "OTKLIK_TELEGRAM_SESSION": server.session_string(), "OTKLIK_LISTEN_PORT": "0",
        }  # fmt: skip
        server.revoke_sessions()
        with started("up", place, port, **session) as process:
            assert process.stderr is not None
            assert any("start `otklik up` again" in line for line in process.stderr), "the supervisor has ended"
            assert json.loads(get(port, "/health"))["ok"], "the others go on"
            (child,) = [int(pid) for pid in children(process.pid) if "store" in command_of(pid)]
            with redis.Redis.from_url(f"unix://{place}/h/valkey/valkey.sock") as client:
                valkey = int(client.info()["process_id"])
            postmaster = int((place / "h" / "postgres" / "postmaster.pid").read_text().splitlines()[0])
            for pid in (child, valkey, postmaster):
                os.kill(pid, signal.SIGKILL)
            again = Retrying(
                retry=retry_if_exception_type((OSError, AssertionError)),
                stop=stop_after_delay(500),
                wait=wait_fixed(0.2),
            )
            again(lambda: healthy_with_another_process(process.pid, port, child))
            log = stopped(process)
    assert "role ended, starting it again" in log


def healthy_with_another_process(supervisor: int, port: int, former: int) -> None:
    """Raises AssertionError or OSError until the role is back and well."""
    assert [pid for pid in children(supervisor) if "store" in command_of(pid) and int(pid) != former]
    assert json.loads(get(port, "/health"))["ok"]


def children(pid: int) -> list[str]:
    """The child processes of a process."""
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def command_of(pid: str) -> str:
    """How a process was started."""
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")


def test_the_bot_runs_where_it_has_a_token(tmp_path: Path) -> None:
    without, having = Settings(home=tmp_path), Settings(home=tmp_path, bot_token=SecretStr("42:TEST"))
    assert [role.name for role in roles(without)] == ["store", "analyze", "dashboard"]
    assert [role.name for role in roles(having)] == ["store", "analyze", "bot", "dashboard"]


def test_a_bot_without_a_token_says_what_to_do_before_any_server_is_started(place: Path, port: int) -> None:
    with started("bot", place, port) as process:
        _, log = process.communicate(timeout=200)
    assert process.returncode == 2
    assert "OTKLIK_BOT_TOKEN is not set; ask @BotFather" in log
    assert not (place / "h" / "postgres").exists()
