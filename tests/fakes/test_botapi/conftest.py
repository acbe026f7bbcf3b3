"""A server, a bot that is connected to it, and somebody who has started the bot."""

from collections.abc import AsyncIterator, Iterator

import pytest
from aiogram import Bot

from tests.fakes.botapi import BotApiServer, Person
from tests.fakes.botapi.testing import connected


@pytest.fixture
def server() -> Iterator[BotApiServer]:
    with BotApiServer() as running:
        yield running


@pytest.fixture
async def bot(server: BotApiServer) -> AsyncIterator[Bot]:
    async with connected(server) as made:
        yield made


@pytest.fixture
def anna(server: BotApiServer) -> Person:
    """Somebody who has started the bot."""
    person = server.world.add_person("Anna")
    person.starts()
    return person
