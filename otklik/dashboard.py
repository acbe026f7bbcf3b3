"""The dashboard's desk: which parts of the process its pages are given."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from starlette.types import ASGIApp

from core.contracts.streams import STREAMS
from core.db.session import Reader
from core.llm.prices import load_prices
from core.streams.broker import Depth, depth
from dashboard.desk import Desk, set_up
from dashboard.serving import make_app, make_door
from otklik.deeds import deeds_of
from otklik.wiring import Runtime


@asynccontextmanager
async def dashboard_app(parts: Runtime) -> AsyncIterator[ASGIApp]:
    """The application, with a desk at which it can be served.

    Raises:
        SettingsError: PostgreSQL has no role to read with; the text says what an operator does.
    """

    def clock() -> datetime:
        return datetime.now(UTC)

    async def depths() -> Mapping[str, Depth]:
        return {stream.name: await depth(parts.redis, stream) for stream in STREAMS}

    settings, rules = parts.settings, parts.rules.current
    reader = Reader(parts.servers.database_url)
    try:
        await reader.check()
        door = make_door(settings, rules, clock)
        desk = Desk(
            loop=asyncio.get_running_loop(),
            reader=reader,
            depths=depths,
            deeds=deeds_of(parts),
            door=door,
            rules=rules,
            prices=load_prices(*([settings.config] if settings.config.exists() else [])),
            settings=settings,
            clock=clock,
        )
        set_up(desk)
        yield make_app(settings, door)
    finally:
        await reader.close()
