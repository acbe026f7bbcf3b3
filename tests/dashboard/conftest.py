"""One database for all of these tests, filled once: that takes some ten seconds of a core."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import make_url

from core.db.session import Database
from core.embedded.servers import Servers
from tests.conftest import emptied_valkey, fresh_database
from tests.dashboard.office import PEOPLE, Office, WordsEmbedding, background_loop, entered, opened_office
from tests.dashboard.seed import seed


@pytest.fixture(scope="session")
def seeded_url(running_servers: Servers) -> Iterator[str]:
    """A database with a month in it, for whoever only reads, and to be cloned by whoever writes."""

    @asynccontextmanager
    async def filled() -> AsyncIterator[str]:
        async with fresh_database(running_servers) as url:
            database = Database(url)
            await seed(database, WordsEmbedding(), datetime.now(UTC))
            await database.close()
            yield url

    with background_loop() as loop, entered(loop, filled) as url:
        yield url


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, seeded_url: str, running_servers: Servers) -> Iterator[Office]:
    """A desk over the month that was, with people who log in."""
    place = tmp_path_factory.mktemp("office")
    with opened_office(place, seeded_url, emptied_valkey(running_servers), PEOPLE) as opened:
        yield opened


@pytest.fixture(scope="module")
def own_office(tmp_path_factory: pytest.TempPathFactory, seeded_url: str, running_servers: Servers) -> Iterator[Office]:
    """A desk over a month of one's own, to be changed."""
    template = make_url(seeded_url).database
    assert template is not None
    with (
        background_loop() as loop,
        entered(loop, lambda: fresh_database(running_servers, template)) as url,
        opened_office(tmp_path_factory.mktemp("own"), url, emptied_valkey(running_servers), PEOPLE) as opened,
    ):
        yield opened
