"""Whatever is killed, and whenever: at the end PostgreSQL holds what Telegram holds.

`OTKLIK_SOAK=full` makes it 5,000 messages and 25 kills, some minutes; by itself it is 400 and 5.
"""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.db.schema import migrate
from core.db.session import Database
from core.embedded.servers import Servers, servers
from core.settings import Settings
from tests.conftest import FULL_SOAK
from tests.e2e.processes import Otklik
from tests.e2e.soak import VICTIMS, Soak, settings_for
from tests.fakes.mtproto import MTProtoServer

MESSAGES, KILLS = (5_000, 25) if FULL_SOAK else (400, 5)


@pytest.fixture
async def own_servers() -> AsyncIterator[Servers]:
    """Servers of its own, which may be killed. A short path, for the unix socket."""
    with tempfile.TemporaryDirectory(prefix="otklik-") as folder:
        async with servers(Settings(home=Path(folder) / "h")) as found:
            yield found


@pytest.mark.timeout(2_400 if FULL_SOAK else 900)
async def test_after_all_the_kills_postgresql_equals_telegram(own_servers: Servers, tmp_path: Path) -> None:
    database = Database(own_servers.database_url)
    await migrate(database)
    with MTProtoServer() as server:
        settings = settings_for(server, tmp_path / "h", own_servers.database_url, own_servers.redis_url)
        otklik = Otklik(tmp_path, settings)
        figures = await Soak(server, otklik, own_servers, database, messages=MESSAGES, kills=KILLS).run()
    await database.close()
    print(figures)  # noqa: T201 - shown with -s, and when it fails
    logs = "".join(log.read_text() for log in otklik.logs)
    assert not figures.wrong
    assert figures.kills == dict.fromkeys(VICTIMS, KILLS // len(VICTIMS))
    assert "bug" not in logs
