"""`otklik up`: every role whose settings are present, as processes of their own, supervised in one terminal."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from core.embedded.servers import Servers, servers
from core.errors import EndedForGood, OtklikError
from core.settings import Settings
from ingestion.telegram.login import has_session

log = structlog.get_logger(__name__)

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0
"""A role that ran this long is healthy again: its next restart is quick."""
SERVER_CHECK_SECONDS = 2.0
STOP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Role:
    """A role that can be supervised."""

    name: str
    """The command: `otklik <name>`."""


STORE, ANALYZE, LISTEN, BOT, DASHBOARD = map(Role, ("store", "analyze", "listen", "bot", "dashboard"))
ROLES = (STORE, ANALYZE, LISTEN, BOT, DASHBOARD)
"""All there are."""


def roles(settings: Settings) -> list[Role]:
    """The roles whose settings are present. Storing and analysing need none, nor does the dashboard, on loopback."""
    listen = [LISTEN] if has_session(settings) else []
    return [STORE, ANALYZE, *listen, *([BOT] if settings.bot_token else []), DASHBOARD]


async def supervise(settings: Settings) -> None:
    """Run the roles until Ctrl-C or SIGTERM; start again whichever dies, and the embedded servers too."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    environment = {**os.environ, "OTKLIK_HOME": str(settings.home), "OTKLIK_CONFIG": str(settings.config)}
    async with servers(settings) as found, asyncio.TaskGroup() as group:
        group.create_task(_watch_servers(found, stopping))
        for role in roles(settings):
            group.create_task(_keep(role, environment, stopping))


async def _keep(role: Role, environment: Mapping[str, str], stopping: asyncio.Event) -> None:
    """One role: started, watched, started again with growing pauses, unless that cannot help."""
    pause = FIRST_PAUSE_SECONDS
    while not stopping.is_set():
        began = asyncio.get_running_loop().time()
        # A session of its own: Ctrl-C reaches the supervisor alone, which then stops the roles in order.
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "otklik", role.name, env=environment, start_new_session=True
        )
        log.info("role started", role=role.name, pid=process.pid)
        status = await _ended(process, stopping)
        if stopping.is_set():
            return
        if status == EndedForGood.exit_status:
            log.error("role ended for good: do what it said, then start `otklik up` again", role=role.name)
            return
        steady = asyncio.get_running_loop().time() - began > STEADY_SECONDS
        pause = FIRST_PAUSE_SECONDS if steady else min(pause * 2, LONGEST_PAUSE_SECONDS)
        log.error("role ended, starting it again", role=role.name, status=status, pause=pause)
        await _wait(stopping, pause)


async def _ended(process: asyncio.subprocess.Process, stopping: asyncio.Event) -> int | None:
    """Wait for the process, or for the order to stop, which is passed on."""
    dead = asyncio.create_task(process.wait())
    told = asyncio.create_task(stopping.wait())
    await asyncio.wait({dead, told}, return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    if not dead.done():
        process.terminate()
        done, _ = await asyncio.wait({dead}, timeout=STOP_SECONDS)
        if not done:
            process.kill()
    return await dead


async def _watch_servers(found: Servers, stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        try:
            await found.ensure_running()
        except OtklikError as error:  # the roles wait for the server; without a supervisor they would wait for ever
            log.error("a server did not come back, trying again", error=str(error))  # noqa: TRY400 - it says what to do
        await _wait(stopping, SERVER_CHECK_SECONDS)


async def _wait(stopping: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until the order to stop."""
    await asyncio.wait({waiting := asyncio.create_task(stopping.wait())}, timeout=seconds)
    waiting.cancel()
