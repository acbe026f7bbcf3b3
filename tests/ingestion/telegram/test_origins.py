"""A basic group that became a supergroup: one chat to who reads it, with the whole history."""

from pathlib import Path

import pytest

from core.db.session import Database
from ingestion.telegram.ledger import EVERYTHING, ask_history
from ingestion.telegram.origins import SHIFT
from tests.fakes.mtproto import MTProtoServer, World
from tests.fakes.mtproto.model import Room
from tests.ingestion.road import rows, value
from tests.ingestion.telegram.listening import Ear, held, listening, until


def both(world: World, group: Room, heir: Room) -> dict[int, str]:
    """What a faithful copy of the supergroup holds."""
    return {number + SHIFT: words for number, words in world.texts(group).items()} | world.texts(heir)


async def is_one_chat(database: Database, world: World, group: Room, heir: Room) -> bool:
    """Nothing is left of the group, and everything is placed."""
    chats = await rows(database, "SELECT chat_id FROM chats")
    waits = await value(database, "SELECT count(*) FROM messages WHERE NOT threaded")
    whole = await held(database, world, heir) == both(world, group, heir)
    return whole and chats == [{"chat_id": heir.marked_id}] and waits == 0


async def test_the_history_from_before_is_read_and_joins_without_a_hole(
    server: MTProtoServer, database: Database, redis_url: str, tmp_path: Path, quick: None
) -> None:
    world = server.world
    alice = world.add_user("Alice")
    group = world.add_group("Team", [alice])
    asked = world.post(group, alice, "how do I print a receipt")
    world.post(group, alice, "open the menu", reply_to=asked)
    for number in range(230):
        world.post(group, alice, f"old {number}")
    heir = world.migrate(group)
    for number in range(20):
        world.post(heir, alice, f"new {number}")

    async def covered() -> bool:
        ranges = "SELECT held::text AS held FROM coverage"
        return await rows(database, ranges) == [{"held": f"{{[{SHIFT + 1},{heir.last_id + 1})}}"}]

    async with listening(server, database, redis_url, tmp_path):
        await until(lambda: is_one_chat(database, world, group, heir))
        await until(covered)
    reply = "SELECT reply_to FROM messages WHERE text = 'open the menu'"
    assert await value(database, reply) == asked.id + SHIFT


async def test_the_depth_counts_over_both_and_a_later_listener_goes_on(
    server: MTProtoServer, database: Database, redis_url: str, tmp_path: Path, quick: None
) -> None:
    world = server.world
    alice = world.add_user("Alice")
    group = world.add_group("Team", [alice])
    for number in range(450):
        world.post(group, alice, f"old {number}")
    heir = world.migrate(group)
    for number in range(150):
        world.post(heir, alice, f"new {number}")
    rules = tmp_path / "otklik.toml"
    rules.write_text("[listen]\nbackfill = 200\nwindow = 0\n")

    async def a_page_below_zero_is_covered() -> bool:
        ranges = "SELECT lower(held) AS low FROM coverage"
        return bool(found := await rows(database, ranges)) and found[0]["low"] == group.order[-100] + SHIFT

    async with listening(server, database, redis_url, tmp_path, rules):
        await until(a_page_below_zero_is_covered)
    pages = server.calls()["messages.getHistory"]
    async with database.transaction() as session:
        await ask_history(session, heir.marked_id, EVERYTHING)
    async with listening(server, database, redis_url, tmp_path, rules):
        await until(lambda: is_one_chat(database, world, group, heir))
    assert server.calls()["messages.getHistory"] - pages <= 5


async def test_a_group_that_was_heard_becomes_a_supergroup(ear: Ear) -> None:
    world = ear.world
    alice = world.add_user("Alice")
    group = world.add_group("Team", [alice])
    first = world.post(group, alice, "how do I print a receipt")
    world.post(group, alice, "open the menu", reply_to=first)
    gone = world.post(group, alice, "and again")
    await ear.until_agrees(group)
    heir = world.migrate(group)
    world.post(heir, alice, "after")
    await until(lambda: is_one_chat(ear.database, world, group, heir))
    world.delete(gone)
    await until(lambda: is_one_chat(ear.database, world, group, heir))
    assert gone.id + SHIFT not in await ear.held(heir)


async def test_what_was_said_unheard_before_the_change_is_not_lost(
    server: MTProtoServer, database: Database, redis_url: str, tmp_path: Path, quick: None
) -> None:
    world = server.world
    alice = world.add_user("Alice")
    group = world.add_group("Team", [alice])
    first = world.post(group, alice, "first")
    world.post(group, alice, "second")
    async with listening(server, database, redis_url, tmp_path) as ear:
        await ear.until_agrees(group)
    world.delete(first)
    world.post(group, alice, "while away")
    heir = world.migrate(group)
    world.post(heir, alice, "after")
    async with listening(server, database, redis_url, tmp_path):
        await until(lambda: is_one_chat(database, world, group, heir))


@pytest.mark.parametrize("refusal", ["CHANNEL_PRIVATE", "CHAT_ADMIN_REQUIRED"])
async def test_where_the_past_is_not_told_the_present_is_heard(
    server: MTProtoServer, database: Database, redis_url: str, tmp_path: Path, quick: None, refusal: str
) -> None:
    world = server.world
    alice = world.add_user("Alice")
    heir = world.migrate(world.add_group("Team", [alice]))
    world.post(heir, alice, "after")
    server.faults.error("channels.getFullChannel", refusal, times=None)
    async with listening(server, database, redis_url, tmp_path) as ear:
        await ear.until_agrees(heir)
