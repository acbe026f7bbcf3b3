"""The listener against the fake Telegram, on real stores: what is said, changed and taken back is so in the table."""

import asyncio
from pathlib import Path

import pytest

from core.contracts.streams import BATCH, DELETED, Stream
from core.db.session import Database
from tests.fakes.mtproto import Media, MTProtoServer
from tests.fakes.mtproto.model import Place
from tests.ingestion.road import road, rows, value
from tests.ingestion.telegram.listening import Ear, listening, settings_for, until


async def test_messages_edits_and_deletions_of_every_kind_of_chat(ear: Ear) -> None:
    world = ear.world
    alice, support = world.add_user("Alice"), world.add_supergroup("Support")
    places: list[Place] = [alice, world.add_group("Team", [alice]), support]
    world.join(support)
    for place in places:
        first = world.post(place, alice, "how do I print a receipt")
        second = world.post(place, alice, "and again")
        third = world.post(place, world.me, "open the menu", reply_to=first)
        world.edit(second, "and once more")
        world.edit(second, "and once more, in the same second")
        world.delete(third)
    await ear.until_agrees(*places)


async def test_history_is_read_and_the_status_names_what_is_complete(
    server: MTProtoServer, database: Database, redis_url: str, tmp_path: Path, quick: None
) -> None:
    world = server.world
    alice = world.add_user("Alice")
    places: list[Place] = [alice, world.add_supergroup("Support", [alice])]
    for place in places:
        posts = [world.post(place, alice, f"old {number}") for number in range(230)]
        world.delete(*posts[40:60])
    async with listening(server, database, redis_url, tmp_path) as ear:
        await ear.until_agrees(*places)
        query = "SELECT held::text FROM coverage WHERE chat_id = :chat_id"
        chat_id = world.room(places[1]).marked_id

        async def complete() -> bool:
            return bool(await rows(database, query, chat_id=chat_id)) and (
                await value(database, query, chat_id=chat_id) == "{[1,231)}"
            )

        await until(complete)


async def test_what_happened_while_it_was_away_is_caught_up(
    server: MTProtoServer, database: Database, redis_url: str, tmp_path: Path, quick: None
) -> None:
    world = server.world
    alice, support = world.add_user("Alice"), world.add_supergroup("Support")
    group = world.add_group("Team", [alice])
    places: list[Place] = [alice, support, group]
    posts = {place: [world.post(place, alice, f"before {number}") for number in range(300)] for place in places}
    async with listening(server, database, redis_url, tmp_path) as ear:
        await ear.until_agrees(*places)
        await asyncio.sleep(0.5)
    for place in places:
        world.edit(posts[place][0], "edited while away")
        world.delete(*posts[place][5:9])
        for number in range(130):
            world.post(place, alice, f"while away {number}")
    server.limits.difference = 50
    async with listening(server, database, redis_url, tmp_path) as ear:
        await ear.until_agrees(*places)


@pytest.mark.parametrize("channel", [True, False])
async def test_too_long_a_difference_is_made_good_by_reading(ear: Ear, channel: bool) -> None:
    world, server = ear.world, ear.server
    alice, support = world.add_user("Alice"), world.add_supergroup("Support")
    world.join(support)
    place = support if channel else alice
    posts = [world.post(place, alice, f"before {number}") for number in range(50)]
    await ear.until_agrees(place)
    server.limits.channel_difference_too_long = server.limits.difference_too_long = 20
    with server.refusing():
        world.edit(posts[-1], "edited")
        world.delete(posts[-3])
        for number in range(300):
            world.post(place, alice, f"missed {number}")
    await ear.until_agrees(place)


@pytest.mark.parametrize("channel", [True, False])
async def test_what_was_not_stored_yet_and_deleted_unheard_does_not_stay(
    server: MTProtoServer, database: Database, redis_url: str, tmp_path: Path, quick: None, channel: bool
) -> None:
    world = server.world
    alice, support = world.add_user("Alice"), world.add_supergroup("Support")
    place = support if channel else alice
    world.post(place, alice, "first")
    async with road(database, redis_url) as made:
        ear = Ear(server, made, settings_for(server, tmp_path))

        async def is_published(stream: Stream, count: int) -> bool:
            return int(await made.redis.xlen(stream.name)) >= count

        await ear.start()
        try:
            await until(lambda: is_published(BATCH, 1))
            posts = [world.post(place, alice, f"before {number}") for number in range(50)]
            await until(lambda: is_published(BATCH, 51))
            server.limits.channel_difference_too_long = server.limits.difference_too_long = 20
            with server.refusing():
                world.delete(posts[-3])
                for number in range(30):
                    world.post(place, alice, f"missed {number}")
            await until(lambda: is_published(DELETED, 1))
            await made.start()
            await ear.until_agrees(place)
        finally:
            await ear.stop()


async def test_a_gap_swallows_nothing(ear: Ear) -> None:
    world = ear.world
    alice, support = world.add_user("Alice"), world.add_supergroup("Support")
    world.join(support)
    first, second = world.post(support, alice, "first"), world.post(support, alice, "second")
    await ear.until_agrees(support)
    with ear.server.silence():
        world.post(support, alice, "lost")
        world.edit(first, "edited into the gap")
        world.delete(second)
    world.post(support, alice, "after")
    await ear.until_agrees(support)


async def test_a_dropped_connection_is_made_good(ear: Ear) -> None:
    world = ear.world
    alice, support = world.add_user("Alice"), world.add_supergroup("Support")
    world.join(support)
    first = world.post(support, alice, "first")
    await ear.until_agrees(support)
    with ear.server.refusing():
        world.edit(first, "edited")
        world.post(support, alice, "second")
        world.post(alice, alice, "private")
    await ear.until_agrees(support, alice)


async def test_short_pushes_and_minimal_users(ear: Ear) -> None:
    ear.server.style.short = ear.server.style.min_users = True
    world = ear.world
    alice, group = world.add_user("Alice"), world.add_group("Team")
    world.post(alice, alice, "to me")
    world.post(group, alice, "to the group")
    await ear.until_agrees(alice, group)


async def test_an_album_is_its_caption_and_replies_to_any_part_go_there(ear: Ear) -> None:
    world = ear.world
    alice, support = world.add_user("Alice"), world.add_supergroup("Support")
    world.join(support)
    album = world.post_album(support, alice, ["", "look at this", ""])
    world.post(support, alice, "what is it", reply_to=album[2])
    world.post(support, alice, "", media=Media())
    stored = {album[1].id: "look at this", album[2].id + 1: "what is it"}
    await until(lambda: _equals(ear, support, stored))
    reply = "SELECT reply_to FROM messages WHERE text = 'what is it'"
    assert await value(ear.database, reply) == album[1].id


async def _equals(ear: Ear, place: Place, wanted: dict[int, str]) -> bool:
    return await ear.held(place) == wanted


async def test_topics_and_quotes(ear: Ear) -> None:
    world = ear.world
    alice, forum = world.add_user("Alice"), world.add_supergroup("Forum", forum=True)
    world.join(forum)
    topic = world.add_topic(forum, "Receipts")
    asked = world.post(forum, alice, "how to print", topic=topic)
    world.post(forum, alice, "so", topic=topic, reply_to=asked, quote="print")
    await ear.until_agrees(forum)
    found = await rows(ear.database, "SELECT text, reply_to, topic_id FROM messages ORDER BY message_id")
    assert found == [
        {"text": "how to print", "reply_to": None, "topic_id": topic.id},
        {"text": "so", "reply_to": asked.id, "topic_id": topic.id},
    ]


async def test_being_removed_is_noticed(ear: Ear) -> None:
    world = ear.world
    alice, support = world.add_user("Alice"), world.add_supergroup("Support")
    world.join(support)
    world.post(support, alice, "first")
    await ear.until_agrees(support)
    world.kick(support)
    world.post(alice, alice, "still here")
    await ear.until_agrees(support, alice)


async def test_a_change_of_the_chosen_chats_is_followed(
    server: MTProtoServer, database: Database, redis_url: str, tmp_path: Path, quick: None
) -> None:
    world = server.world
    alice, support = world.add_user("Alice"), world.add_supergroup("Support")
    world.post(alice, alice, "first")
    world.post(support, alice, "first")
    rules = tmp_path / "otklik.toml"
    rules.write_text(f"[listen]\ndeny = [{support.marked_id}]\n")
    async with listening(server, database, redis_url, tmp_path, rules) as ear:
        await ear.until_agrees(alice)
        assert await ear.held(support) == {}
        rules.write_text(f"[listen]\ndeny = [{alice.id}]\n")
        await ear.until_agrees(support)
        world.post(alice, alice, "not for us any more")
        world.post(support, alice, "second")
        await ear.until_agrees(support)
        assert list((await ear.held(alice)).values()) == ["first"]
