"""What the end-to-end tests share."""

import asyncio

import pytest

from core.embedded.servers import Servers
from tests.e2e.bot.town import imported


@pytest.fixture(scope="session")
def samples(running_servers: Servers) -> Servers:
    """The run's servers, with a database of the sample chats to clone for each bot."""
    with asyncio.Runner() as runner:
        runner.run(imported(running_servers))
    return running_servers
