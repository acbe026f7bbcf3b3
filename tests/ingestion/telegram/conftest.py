"""Fixtures of the listener's tests."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from core.db.session import Database
from tests.fakes.mtproto import MTProtoServer
from tests.ingestion.telegram.listening import Ear, listening, quick

__all__ = ["quick"]


@pytest.fixture
def server() -> Iterator[MTProtoServer]:
    with MTProtoServer() as running:
        yield running


@pytest.fixture
async def ear(
    server: MTProtoServer, database: Database, redis_url: str, tmp_path: Path, quick: None
) -> AsyncIterator[Ear]:
    async with listening(server, database, redis_url, tmp_path) as made:
        yield made
