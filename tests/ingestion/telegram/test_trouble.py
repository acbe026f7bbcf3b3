"""What goes wrong with Telegram, and what the listener does about it."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from core.db.session import Database
from core.errors import OtklikError
from ingestion.telegram.asking import SessionLost
from tests.fakes.mtproto import MTProtoServer
from tests.ingestion.road import rows
from tests.ingestion.telegram.listening import Ear, listening, until


async def test_a_revoked_session_ends_the_role_with_a_sentence(ear: Ear) -> None:
    world = ear.world
    alice = world.add_user("Alice")
    world.post(alice, alice, "first")
    await ear.until_agrees(alice)
    assert ear.task is not None
    ear.server.revoke_sessions()
    ear.server.drop_connections()
    async with asyncio.timeout(60):
        with pytest.raises(SessionLost, match="otklik login"):
            await ear.task
    assert isinstance(ear.task.exception(), OtklikError)
    ear.task = asyncio.create_task(asyncio.sleep(0))


async def test_a_flood_wait_of_a_day_does_not_hold_up_what_is_pushed(
    server: MTProtoServer, database: Database, redis_url: str, tmp_path: Path, quick: None
) -> None:
    world = server.world
    alice = world.add_user("Alice")
    world.post(alice, alice, "history, which has to wait")
    server.faults.flood("messages.getHistory", 86_400, times=None)
    async with listening(server, database, redis_url, tmp_path) as ear:
        await until(lambda: _says(ear, "telegram tells us to wait"))
        world.post(alice, alice, "pushed meanwhile")
        await until(lambda: _stored(ear, "pushed meanwhile"))


async def _says(ear: Ear, problem: str) -> bool:
    return problem in ear.role.problems()


async def _stored(ear: Ear, words: str) -> bool:
    return bool(await rows(ear.database, "SELECT message_id FROM messages WHERE text = :words", words=words))


@pytest.mark.timeout(300)
async def test_stopping_does_not_wait_for_a_history(ear: Ear) -> None:
    world = ear.world
    alice = world.add_user("Alice")
    for number in range(500):
        world.post(alice, alice, f"ok {number}")
    async with asyncio.timeout(60):
        await ear.stop()


async def test_an_artificial_hole_is_closed(
    server: MTProtoServer, database: Database, redis_url: str, tmp_path: Path, quick: None
) -> None:
    world = server.world
    alice, support = world.add_user("Alice"), world.add_supergroup("Support")
    for number in range(30):
        world.post(support, alice, f"ok {number}")
    covered = "SELECT held::text AS held FROM coverage WHERE chat_id = :chat_id"

    async def whole() -> bool:
        return await rows(database, covered, chat_id=support.marked_id) == [{"held": "{[1,31)}"}]

    async with listening(server, database, redis_url, tmp_path) as ear:
        await until(whole)
        await ear.until_agrees(support)
    async with database.transaction() as session:
        await session.execute(text("DELETE FROM messages WHERE message_id BETWEEN 10 AND 14"))
        await session.execute(text("UPDATE coverage SET held = held - int8multirange(int8range(10, 15))"))
    async with listening(server, database, redis_url, tmp_path) as ear:
        await ear.until_agrees(support)
        await until(whole)
