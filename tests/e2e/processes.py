"""Otklik as its own processes, which a test may kill."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

IMPATIENT = "import core.streams.consumer as c; c.LEASE_SECONDS = 3.0; from otklik.cli import run; run()"
"""`python -m otklik` with a shorter lease: what a killed process held is taken over after three seconds, not after fifteen."""


class Otklik:
    """Starts commands with the same settings; their output goes to files, so that nothing waits for a full pipe."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = {
            **os.environ,
            **settings,
            "OTKLIK_STORE_PORT": "0",
            "OTKLIK_LISTEN_PORT": "0",
            "OTKLIK_ANALYZE_PORT": "0",
            "PYTHONPATH": str(ROOT),
        }
        self._started = 0
        self.logs: list[Path] = []

    async def start(
        self, *arguments: str, impatient: bool = True, program: str = IMPATIENT
    ) -> asyncio.subprocess.Process:
        self._started += 1
        log = self._folder / f"{self._started}-{arguments[0]}.log"
        self.logs.append(log)
        launched = ("-c", program) if impatient else ("-m", "otklik")
        with log.open("wb") as stderr, log.with_suffix(".out").open("wb") as stdout:
            return await asyncio.create_subprocess_exec(
                sys.executable, *launched, *arguments,
                stdin=asyncio.subprocess.DEVNULL, stdout=stdout, stderr=stderr,
                cwd=self._folder, env=self._environment,
            )  # fmt: skip

    async def run(self, *arguments: str, impatient: bool = True) -> Any:
        """Run a command to its end; gives back its JSON document."""
        process = await self.start(*arguments, impatient=impatient)
        status = await process.wait()
        log = self.logs[-1]
        assert status == 0, log.read_text()[-3_000:]
        return json.loads(log.with_suffix(".out").read_text())


async def kill(process: asyncio.subprocess.Process) -> None:
    """SIGKILL, unless it has ended by itself."""
    if process.returncode is None:
        process.kill()
    await process.wait()


async def stop(process: asyncio.subprocess.Process) -> int:
    """SIGTERM, and wait; returns the exit status."""
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    return await process.wait()


async def until(condition: Callable[[], Awaitable[bool]], *running: asyncio.subprocess.Process) -> None:
    """Wait for something that only a query can tell, while these processes live."""
    while not await condition():
        for process in running:
            assert process.returncode is None, f"a process ended with {process.returncode}"
        await asyncio.sleep(0.02)
