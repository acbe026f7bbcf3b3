"""First station: the latest edition wins, in whatever order and however often messages come."""

import asyncio
import random
from collections.abc import AsyncIterator
from itertools import count, permutations, product

import pytest
from faststream.redis import RedisBroker

from core.contracts.messages import BIGINT
from core.contracts.streams import CHATS
from core.db.session import Database
from core.domain.lanes import Lane
from core.streams.broker import connect, depth, make_broker
from core.streams.publisher import Publisher
from ingestion.storing import Storing, unthreaded_chats
from tests.ingestion.road import CHAT, observed, place_all, put, rows, value

EDITIONS = [observed(7, f"edition {n}", edit_version=n, reply_to=n or None) for n in (0, 100, 200)]


@pytest.fixture
async def broker(redis_url: str) -> AsyncIterator[RedisBroker]:
    made = make_broker(redis_url)
    yield made
    await made.stop()


async def test_the_latest_edition_wins_in_any_order(database: Database) -> None:
    wanted = {"text": "edition 200", "edition": 200, "reply_to": 200}
    chats = count(CHAT, -1)
    for order, together in product(permutations(EDITIONS), (True, False)):
        chat = observed(1, chat_id=next(chats)).chat
        arriving = [edition.model_copy(update={"chat": chat}) for edition in order]
        for batch in [arriving] if together else [[edition] for edition in arriving]:
            await put(database, batch)
    stored = await rows(database, "SELECT text, edit_version AS edition, reply_to FROM messages")
    assert stored == [wanted] * 12


async def test_a_later_edition_waits_for_its_place_again_and_an_earlier_one_does_not(database: Database) -> None:
    await put(database, [EDITIONS[1]])
    await place_all(database)
    await put(database, [EDITIONS[0], EDITIONS[1]])
    assert await value(database, "SELECT threaded FROM messages")
    await put(database, [EDITIONS[2]])
    assert not await value(database, "SELECT threaded FROM messages")


async def test_a_redelivery_changes_nothing_and_still_tells(database: Database, broker: RedisBroker) -> None:
    client = await connect(broker)
    storing = Storing(database, Publisher(broker, bound=1_000))
    batch = [observed(1), observed(2), observed(1, chat_id=CHAT - 1)]
    await storing(batch)
    before = await rows(database, "SELECT *, xmin FROM messages ORDER BY chat_id, message_id")
    assert (await depth(client, CHATS)).length == 2
    await storing(batch)
    assert await rows(database, "SELECT *, xmin FROM messages ORDER BY chat_id, message_id") == before
    assert (await depth(client, CHATS)).length == 4
    await place_all(database)
    await storing(batch)
    assert (await depth(client, CHATS)).length == 5, "the placed chat has nothing to tell any more"


async def test_consumers_with_overlapping_batches_do_not_deadlock(database: Database) -> None:
    rng = random.Random(5)
    messages = [observed(n, chat_id=CHAT - n % 4, title=f"title {n}") for n in range(400)]
    batches = [rng.sample(messages, 120) for _ in range(16)]
    await asyncio.gather(*(put(database, batch) for batch in batches))
    stored = await rows(database, "SELECT chat_id, message_id FROM messages")
    assert {(row["chat_id"], row["message_id"]) for row in stored} == {
        (message.chat.chat_id, message.message_id) for batch in batches for message in batch
    }


async def test_edits_stored_while_their_chat_is_placed_do_not_deadlock_and_are_not_lost(database: Database) -> None:
    messages = [observed(n, f"вопрос {n}?") for n in range(1, 300)]
    await put(database, messages)
    edits = [message.model_copy(update={"edit_version": 9, "text": "исправлено?"}) for message in messages]
    await asyncio.gather(place_all(database), *(put(database, edits[start::7]) for start in range(7)))
    await place_all(database)
    assert await value(database, "SELECT count(*) FROM messages WHERE threaded AND text = 'исправлено?'") == 299
    assert await value(database, "SELECT count(*) FROM data_units WHERE text LIKE '%вопрос%'") == 0


async def test_ids_of_sixty_four_bits_are_stored(database: Database) -> None:
    await put(database, [observed(BIGINT, chat_id=-BIGINT, reply_to=-BIGINT, topic_id=BIGINT - 1, minutes=0)])
    assert await rows(database, "SELECT chat_id, message_id, reply_to, topic_id FROM messages") == [
        {"chat_id": -BIGINT, "message_id": BIGINT, "reply_to": -BIGINT, "topic_id": BIGINT - 1}
    ]


async def test_a_title_follows_its_chat(database: Database) -> None:
    await put(database, [observed(1, title="Old")])
    await put(database, [observed(2, title="New «название»")])
    assert await rows(database, "SELECT chat_id, kind, title FROM chats") == [
        {"chat_id": CHAT, "kind": "supergroup", "title": "New «название»"}
    ]


async def test_odd_text_comes_back_as_it_was(database: Database) -> None:
    odd = [
        "", "\u2028\u2029\x7f\ufeff", "👩‍👩‍👧‍👦 e\u0301", 'кавычки " \\ \\u0000 {"a":1}', "\U0010ffff\x01\x1f", "a" * 65_536,
        "$$ :x %s",
    ]  # fmt: skip
    who = (observed(1).sender,)
    await put(database, [observed(n, text, mentions=who, lane_reasons=(text[:50],)) for n, text in enumerate(odd)])
    assert await rows(database, "SELECT text, mentions, lane_reasons FROM messages ORDER BY message_id") == [
        {"text": text, "mentions": list(who), "lane_reasons": [text[:50]]} for text in odd
    ]


async def test_nothing_unthreaded_is_told_of_chats_that_were_not_asked_about(database: Database) -> None:
    await put(database, [observed(1, lane=Lane.HIGH), observed(1, chat_id=CHAT - 1)])
    async with database.transaction() as session:
        assert await unthreaded_chats(session, {CHAT}) == [CHAT]
        assert set(await unthreaded_chats(session)) == {CHAT, CHAT - 1}
