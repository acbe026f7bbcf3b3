"""Which servers a process talks to: the ones that are set, or the home's own, held while they are used."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from core.embedded.home import Home
from core.embedded.postgres import EmbeddedPostgres
from core.embedded.valkey import EmbeddedValkey
from core.settings import Settings


@dataclass(frozen=True, slots=True)
class Servers:
    """Where PostgreSQL and Redis are for this process, and how to bring back embedded ones that died."""

    database_url: str
    redis_url: str
    embedded: tuple["EmbeddedPostgres | EmbeddedValkey", ...]
    home: Home

    async def ensure_running(self) -> None:
        """Start again whichever embedded server is down. Cheap when all run."""
        await asyncio.to_thread(self._ensure_running)

    def _ensure_running(self) -> None:
        if self.embedded:
            with self.home.starting():
                for server in self.embedded:
                    server.ensure_running()


@asynccontextmanager
async def servers(settings: Settings) -> AsyncIterator[Servers]:
    """The servers of this process. Embedded ones are started on demand, and stopped by the last who leaves.

    Raises:
        OtklikError: a server did not start, or the home cannot be written.
    """
    home = Home(settings.home)
    home.prepare()
    postgres, valkey = EmbeddedPostgres(home), EmbeddedValkey(home)
    found = Servers(
        database_url=settings.database_url.get_secret_value() if settings.database_url else postgres.url,
        redis_url=settings.redis_url.get_secret_value() if settings.redis_url else valkey.url,
        embedded=(
            *(() if settings.database_url else (postgres,)),
            *(() if settings.redis_url else (valkey,)),
        ),
        home=home,
    )
    with home.in_use() as use:
        await found.ensure_running()
        try:
            yield found
        finally:
            # The lock is held over the check and the stop, so that nobody who arrives now is left without servers.
            with home.starting():
                if use.is_last():
                    for server in found.embedded:
                        server.stop()
