"""The long-running roles. Each serves `/health` and `/metrics`, and stops within seconds of SIGTERM or Ctrl-C."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import structlog
import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.contracts.streams import STREAMS
from core.db.session import is_transient
from core.errors import OtklikError
from core.metrics import STREAM_LAG, STREAM_LENGTH, STREAM_PENDING, UNEMBEDDED, UNTHREADED
from core.rules import load_rules
from core.settings import Settings
from core.streams.broker import AWAY, GRACE_SECONDS, depth, prepare_groups
from evals.experiments import Watch
from ingestion.telegram.login import has_session, make_client
from otklik.wiring import Runtime, runtime

log = structlog.get_logger(__name__)

_BACKLOG = text("""
    SELECT (SELECT count(*) FROM messages WHERE NOT threaded) AS unthreaded,
        (SELECT count(*) FROM data_units WHERE embedding IS NULL) AS unembedded
""")


async def run_store(settings: Settings) -> None:
    """`otklik store`: take messages from the streams to rows, threads, units and vectors, until it is stopped.

    Raises:
        OtklikError: it could not start, or its consumers ended by themselves.
    """
    async with runtime(settings) as parts:
        await parts.start_storing()
        log.info("storing; stop with Ctrl-C", health=f"http://{settings.health_host}:{settings.store_port}/health")
        await _serve(
            lambda: _problems(parts), lambda: _measure(parts), settings.health_host, settings.store_port,
            lives=lambda: _consuming(parts),
        )  # fmt: skip
        if not _consuming(parts):
            raise OtklikError("The consumers ended: the streams were deleted in Redis. Start `otklik store` again.")


async def run_listen(settings: Settings) -> None:
    """`otklik listen`: hear the account's chats, until it is stopped.

    Raises:
        OtklikError: it could not start, or Telegram has ended its session.
    """
    if not has_session(settings):
        make_client(settings)  # says what is missing, before any server is started
    async with runtime(settings) as parts:
        await prepare_groups(parts.redis, STREAMS)
        await parts.check_key()
        role = parts.listener()

        async def measure() -> None:
            role.measure()

        await _work(parts, role.run(), role.problems, measure, settings.listen_port)


async def run_bot(settings: Settings) -> None:
    """`otklik bot`: answer in Telegram, until it is stopped.

    Raises:
        OtklikError: it could not start, or Telegram does not know the token (any more).
    """
    from assistant.bot.token import bot_from
    from otklik.reporting import weekly

    bot_from(settings)  # says what is missing, before any server is started
    async with runtime(settings) as parts:
        await prepare_groups(parts.redis, STREAMS)
        await parts.check_key()
        await parts.check_index()
        await parts.start_suggesting()
        role = parts.bot(weekly(parts))
        work = _together(role.run(), Watch(parts.database).run())
        await _work(parts, work, role.problems, role.measure, settings.bot_port, role.routes())


async def run_dashboard(settings: Settings) -> None:
    """`otklik dashboard`: serve the pages, until it is stopped.

    Raises:
        OtklikError: it could not start.
    """
    from dashboard.serving import check_place, serve
    from otklik.dashboard import dashboard_app

    check_place(settings, load_rules(settings.config))  # says what is wrong, before any server is started
    async with runtime(settings) as parts:
        await parts.check_key()
        async with dashboard_app(parts) as app:
            address = settings.pages_url or f"http://{settings.pages_host}:{settings.pages_port}"
            log.info("the dashboard begins", open=address)

            async def measure() -> None:
                """What there is to measure counts itself."""

            await _work(parts, serve(settings, app), list, measure, settings.dashboard_port)


async def _together(*work: Coroutine[Any, Any, None]) -> None:
    """Several pieces of work of one role: what ends one ends all."""
    try:
        async with asyncio.TaskGroup() as group:
            for one in work:
                group.create_task(one)
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from failed


async def _work(
    parts: Runtime,
    work: Coroutine[Any, Any, None],
    problems: Callable[[], list[str]],
    measure: Callable[[], Awaitable[None]],
    port: int,
    routes: Sequence[Route] = (),
) -> None:
    """Serve for as long as a role works; raises what it ended with."""
    host = parts.settings.health_host
    working = asyncio.create_task(work)
    log.info("the role begins; stop with Ctrl-C", health=f"http://{host}:{port}/health")

    async def all_problems() -> list[str]:
        return [*await _stores_away(parts), *problems()]

    try:
        await _serve(all_problems, measure, host, port, lives=lambda: not working.done(), routes=routes)
    finally:
        working.cancel()
        await asyncio.wait({working})
    if not working.cancelled() and (error := working.exception()) is not None:
        log.error("the role has ended", error=str(error))
        raise error


async def run_analyze(settings: Settings) -> None:
    """`otklik analyze`: read the stream in two lanes, until it is stopped.

    Raises:
        OtklikError: it could not start.
    """
    async with runtime(settings) as parts:
        await parts.check_index()
        await prepare_groups(parts.redis, STREAMS)
        role = parts.analyzer()
        working = asyncio.create_task(role.run())
        log.info(
            "analysing; stop with Ctrl-C",
            by=settings.analysis_model if parts.gateway else "rules: there is no ANTHROPIC_API_KEY",
            health=f"http://{settings.health_host}:{settings.analyze_port}/health",
        )
        try:
            await _serve(
                lambda: _stores_away(parts), role.measure, settings.health_host, settings.analyze_port,
                lives=lambda: not working.done(),
            )  # fmt: skip
        finally:
            working.cancel()
            await asyncio.wait({working})
        if not working.cancelled() and (error := working.exception()) is not None:
            raise error


async def _serve(
    problems: Callable[[], Awaitable[list[str]]],
    measure: Callable[[], Awaitable[None]],
    host: str,
    port: int,
    *,
    lives: Callable[[], bool],
    routes: Sequence[Route] = (),
) -> None:
    """Serve health, metrics and what else the role has, until a signal comes or the role's work has ended."""

    async def health(_: Request) -> Response:
        found = await problems()
        return JSONResponse({"ok": not found, "problems": found}, status_code=503 if found else 200)

    async def metrics(_: Request) -> Response:
        await measure()
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    app = Starlette(routes=[Route("/health", health), Route("/metrics", metrics), *routes])
    config = uvicorn.Config(
        app, host=host, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=int(GRACE_SECONDS)
    )
    server = _Server(config, lives)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.stop)
    await server.serve()


class _Server(uvicorn.Server):
    """Ends also when the role's work ends: FastStream stops consumers for good when a stream was deleted."""

    def __init__(self, config: uvicorn.Config, lives: Callable[[], bool]) -> None:
        super().__init__(config)
        self._lives = lives

    def stop(self) -> None:
        """Being told to stop is the ordinary end of a role."""
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Uvicorn would raise the signal again once it has stopped, and the role would end as if it had failed."""
        yield

    async def on_tick(self, counter: int) -> bool:
        """Uvicorn's own heartbeat, ten times a second."""
        return await super().on_tick(counter) or not self._lives()


def _consuming(parts: Runtime) -> bool:
    return all(subscriber.running for subscriber in parts.broker.subscribers)


async def _problems(parts: Runtime) -> list[str]:
    return [*await _stores_away(parts), *(() if _consuming(parts) else ("a consumer has ended",))]


async def _stores_away(parts: Runtime) -> list[str]:
    problems = []
    try:
        await parts.redis.ping()
    except AWAY:
        problems.append("redis does not answer")
    try:
        async with parts.database.reading() as session:
            await session.execute(text("SELECT 1"))
    except Exception as error:
        if not is_transient(error):
            raise
        problems.append("postgresql does not answer")
    return problems


async def _measure(parts: Runtime) -> None:
    for stream in STREAMS:
        found = await depth(parts.redis, stream)
        STREAM_LENGTH.labels(stream.name).set(found.length)
        STREAM_PENDING.labels(stream.name).set(found.pending)
        STREAM_LAG.labels(stream.name).set(found.lag)
    async with parts.database.reading() as session:
        backlog = (await session.execute(_BACKLOG)).one()
    UNTHREADED.set(backlog.unthreaded)
    UNEMBEDDED.set(backlog.unembedded)
