"""A Telegram, a database and people for each module, which starts the bot among them once for all of its attacks."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from assistant.bot import pace, streaming
from core.db.session import Database
from core.embedded.servers import Servers
from core.streams.broker import make_broker
from tests.assistant.bot.running import Otklik
from tests.attacks.scene import RULES, Scene
from tests.conftest import emptied_valkey, fresh_database
from tests.fakes.botapi import BotApiServer


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(running_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """People and staff around a bot that is not started yet."""
    async with fresh_database(running_servers) as url:
        database, broker = Database(url), make_broker(emptied_valkey(running_servers))
        with BotApiServer() as server:
            otklik = Otklik(server, database, broker, tmp_path_factory.mktemp("attacks"))
            otklik.rules(RULES)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(pace, "GROUP", pace.Rate(seconds=0.0, burst=1_000))  # this Telegram counts nothing
                patch.setattr(streaming, "GROUP_SECONDS", 0.0)  # every edition of a growing answer is there to be seen
                yield Scene(otklik)
        await broker.stop()
        await database.close()


@pytest.fixture
def scene(playing: Scene) -> Scene:
    """The running bot of the module, which has survived the attacks so far."""
    assert not playing.lost, "The bot has not answered in an attack before this one."
    return playing
