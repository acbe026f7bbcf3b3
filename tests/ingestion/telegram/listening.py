"""What the tests of the listener share: the listener in this process against the fake Telegram, on real stores."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

import ingestion.telegram.history
import ingestion.telegram.listener
import ingestion.telegram.outbox
from core.db.session import Database
from core.settings import Settings
from ingestion.intake import Intake
from ingestion.telegram.role import ListenRole
from tests.fakes.mtproto import MTProtoServer, World
from tests.fakes.mtproto.model import Place
from tests.ingestion.road import MASKER, PSEUDONYMS, Road, road, rows


def settings_for(server: MTProtoServer, home: Path) -> Settings:
    return Settings(home=home, telegram_api_id=1, telegram_api_hash="0" * 32, telegram_session=server.session_string())


class Ear:
    """A listener and a store in this process."""

    def __init__(self, server: MTProtoServer, road_: Road, settings: Settings) -> None:
        self.server, self.world, self.road, self.database = server, server.world, road_, road_.database
        self.role = ListenRole(
            settings=settings, database=road_.database, publisher=road_.publisher, redis=road_.redis,
            intake=Intake(MASKER, PSEUDONYMS), rules=road_.rules,
        )  # fmt: skip
        self.task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self.task = asyncio.create_task(self.role.run())

    async def stop(self) -> None:
        assert self.task is not None
        if not self.task.done():
            self.task.cancel()
            await asyncio.wait({self.task})
        if not self.task.cancelled():
            await self.task  # the listener's own error is the better explanation

    async def held(self, place: Place) -> dict[int, str]:
        return await held(self.database, self.world, place)

    async def agrees(self, *places: Place) -> bool:
        return all([await self.held(place) == self.world.texts(place) for place in places])

    async def until_agrees(self, *places: Place, seconds: float = 300) -> None:
        try:
            await until(lambda: self.agrees(*places), seconds)
        except TimeoutError:
            wrong = [set((await self.held(place)).items()) ^ set(self.world.texts(place).items()) for place in places]
            raise AssertionError(f"not the same: {wrong}") from None


async def held(database: Database, world: World, place: Place) -> dict[int, str]:
    """What is stored of a chat."""
    marked = world.room(place).marked_id
    chat_id = PSEUDONYMS.private_chat(marked) if marked > 0 else marked
    found = await rows(database, "SELECT message_id, text FROM messages WHERE chat_id = :chat_id", chat_id=chat_id)
    return {row["message_id"]: row["text"] for row in found}


async def until(fact: Callable[[], Awaitable[object]], seconds: float = 300) -> None:
    async with asyncio.timeout(seconds):
        while not await fact():  # noqa: ASYNC110 - only a query can tell
            await asyncio.sleep(0.03)


@asynccontextmanager
async def listening(
    server: MTProtoServer, database: Database, redis_url: str, home: Path, rules: Path | None = None
) -> AsyncIterator[Ear]:
    async with road(database, redis_url, rules) as made:
        await made.start()
        ear = Ear(server, made, settings_for(server, home))
        await ear.start()
        try:
            yield ear
        finally:
            await ear.stop()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses between pages; the cursor follows at once, and wishes are seen at once."""
    monkeypatch.setattr(ingestion.telegram.listener, "WISH_SECONDS", 0.1)
    monkeypatch.setattr(ingestion.telegram.history, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(ingestion.telegram.outbox, "SAFE_SECONDS", 0.2)
    monkeypatch.setattr(ingestion.telegram.outbox, "KEEP_SECONDS", 0.1)
