"""A scene for each test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from core.db.session import Database
from core.streams.broker import make_broker
from tests.assistant.bot.running import Otklik
from tests.attacks.scene import Scene, rules
from tests.fakes.botapi import BotApiServer

WARDS = 60


@pytest.fixture
def server() -> Iterator[BotApiServer]:
    """Telegram."""
    with BotApiServer() as running:
        yield running


@pytest.fixture
async def scene(server: BotApiServer, database: Database, redis_url: str, tmp_path: Path) -> AsyncIterator[Scene]:
    """People and staff around a bot that is not started yet."""
    broker = make_broker(redis_url)
    otklik = Otklik(server, database, broker, tmp_path)
    otklik.rules(rules(WARDS))
    yield Scene(otklik)
    await broker.stop()
