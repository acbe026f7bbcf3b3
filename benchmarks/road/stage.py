"""Where it is measured: throw-away embedded servers, migrated, gone at the end."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from core.db.schema import migrate
from core.db.session import Database
from core.embedded.servers import servers
from core.settings import Settings
from core.streams.broker import connect, make_broker


@dataclass(frozen=True, slots=True)
class Stage:
    """The two servers of this run."""

    database: Database
    database_url: str
    redis_url: str

    async def clear(self) -> None:
        """Take away every row and every stream."""
        async with self.database.transaction() as session:
            await session.execute(text("TRUNCATE chats, messages, data_units CASCADE"))
        broker = make_broker(self.redis_url)
        await (await connect(broker)).flushall()
        await broker.stop()


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    """The servers in a home of their own, whatever `OTKLIK_…` variables are set; stopped also after Ctrl-C."""
    home = Path(tempfile.mkdtemp(prefix="otklik-road-"))  # short: a unix socket's path has at most 107 bytes
    try:
        async with servers(Settings(home=home, database_url=None, redis_url=None)) as found:
            database = Database(found.database_url)
            try:
                await migrate(database)
                yield Stage(database, found.database_url, found.redis_url)
            finally:
                await database.close()
    finally:
        shutil.rmtree(home, ignore_errors=True)
