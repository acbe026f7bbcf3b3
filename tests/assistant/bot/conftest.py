"""A bot for each test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from core.db.session import Database
from core.streams.broker import make_broker
from tests.assistant.bot.running import Otklik, remember
from tests.fakes.botapi import BotApiServer


@pytest.fixture
def server() -> Iterator[BotApiServer]:
    """Telegram."""
    with BotApiServer() as running:
        yield running


@pytest.fixture
async def otklik(server: BotApiServer, database: Database, redis_url: str, tmp_path: Path) -> AsyncIterator[Otklik]:
    """A bot that knows some history, and whose agent has the id 7001."""
    await remember(database)
    broker = make_broker(redis_url)
    made = Otklik(server, database, broker, tmp_path)
    made.rules("[staff]\nids = [7001]\n[access]\nadmins = [7002]\n")
    yield made
    await broker.stop()
