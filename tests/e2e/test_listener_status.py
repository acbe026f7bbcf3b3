"""A hole in what is held: `otklik status` names it, and `otklik listen` with `otklik store` closes it."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

import ingestion.telegram.outbox
from core.db.session import Database
from tests.e2e.processes import Otklik, stop, until
from tests.e2e.soak import settings_for
from tests.fakes.mtproto import MTProtoServer
from tests.fakes.mtproto.model import Room
from tests.ingestion.telegram.listening import held, listening

QUICK = """
import ingestion.telegram.outbox as o; o.SAFE_SECONDS = 0.5; o.KEEP_SECONDS = 0.2
from otklik.cli import run; run()
"""
"""The roles with a cursor that follows sooner."""

FIRST, LAST, COUNT = 10, 14, 30

_FORGET = text("DELETE FROM messages WHERE chat_id = :chat_id AND message_id BETWEEN :first AND :last")
_UNCOVER = text("""
    UPDATE coverage SET held = held - int8multirange(int8range(:first, :last, '[]')) WHERE chat_id = :chat_id
""")


async def test_status_names_a_hole_and_the_listener_closes_it(
    tmp_path: Path, home: Path, database: Database, database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What was held before is got by a listener in this process: two more starts of processes would be most of the test.
    monkeypatch.setattr(ingestion.telegram.outbox, "SAFE_SECONDS", 0.2)
    with MTProtoServer() as server:
        world = server.world
        alice, support = world.add_user("Квиз"), world.add_supergroup("Касса")
        for number in range(COUNT):
            world.post(support, alice, f"ок {number}")
        otklik = Otklik(tmp_path, settings_for(server, home / "s", database_url, redis_url))

        async def whole() -> bool:
            return await _covered(database, support) == f"{{[1,{COUNT + 1})}}" and (
                await held(database, world, support) == world.texts(support)
            )

        async with listening(server, database, redis_url, tmp_path), asyncio.timeout(300):
            await until(whole)
        async with database.transaction() as session:
            hole = {"first": FIRST, "last": LAST}
            await session.execute(_FORGET, {"chat_id": support.marked_id, **hole})
            await session.execute(_UNCOVER, {"chat_id": support.marked_id, **hole})
        assert await _status(otklik, support) == {
            "messages": COUNT - (LAST - FIRST + 1), "complete_to": FIRST - 1, "holes": [[FIRST, LAST]],
        }  # fmt: skip

        roles = [await otklik.start(role, program=QUICK) for role in ("store", "listen")]
        try:
            async with asyncio.timeout(300):
                await until(whole, *roles)
        finally:
            statuses = await asyncio.gather(*map(stop, roles))
        assert statuses == [0, 0]
        assert await _status(otklik, support) == {"messages": COUNT, "complete_to": COUNT, "holes": []}


async def _covered(database: Database, room: Room) -> str | None:
    query = text("SELECT held::text FROM coverage WHERE chat_id = :chat_id")
    async with database.reading() as session:
        found: str | None = await session.scalar(query, {"chat_id": room.marked_id})
    return found


async def _status(otklik: Otklik, room: Room) -> dict[str, Any]:
    document = await otklik.run("status", "--json", impatient=False)
    (chat,) = (chat for chat in document["chats"] if chat["chat_id"] == room.marked_id)
    return {name: chat[name] for name in ("messages", "complete_to", "holes")}
