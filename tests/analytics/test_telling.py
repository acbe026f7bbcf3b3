"""Which of the clients who wait in a window staff is told of: those whom a card would help, once each, and not too many."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from faststream.redis import RedisBroker
from sqlalchemy import text, update

from analytics.fast import FastLane
from core.contracts.messages import MessageObserved, ResponseNeeded
from core.contracts.streams import RESPONSES, STREAMS
from core.db.models import AnalysisWindow
from core.db.session import Database
from core.domain.chats import ChatKind
from core.domain.lanes import Lane
from core.rules import AccessRules, BatchRules, Rules
from core.streams.broker import connect, make_broker, prepare_groups
from core.streams.entry import read_entry
from core.streams.publisher import Publisher
from tests.analytics.scene import asked, batch_lane, model, run_dry, said, says, stored
from tests.fakes.anthropic_script import Says
from tests.ingestion.road import PSEUDONYMS, QuickEmbedding, put, value

STAFF = AccessRules(staff_chat=-100555)
UNTOLD = "SELECT coalesce(array_agg(message_id ORDER BY message_id), '{}') FROM appraisals WHERE untold"


def rules(cards: int = 5, access: AccessRules = STAFF) -> Rules:
    return Rules(access=access, batch=BatchRules(messages=5, minutes=5, cards=cards))


def heard(message_id: int, words: str = "Не печатается чек, что делать?", **fields: Any) -> MessageObserved:
    """A message that Telegram told us of, each of a client of its own."""
    its_own: dict[str, Any] = {"seen": 1_000_000, "who": f"user{message_id}"}
    return said(message_id, words, **its_own | fields)


def everybody(body: Mapping[str, Any]) -> Says:
    """A model to which every client waits, the last one most of all."""
    clients = [one["n"] for one in asked(body)["messages"] if one["from"].startswith("client")]
    waiting = [
        {"message": n, "category": "problem", "sentiment": 0, "summary": f"ждёт {n}", "suggestion": None}
        for n in reversed(clients)
    ]
    return says(summary="s", sentiment=0, topics=[], waiting=waiting)


async def read(database: Database, wanted: Rules) -> Any:
    """Read what is due by a model to which everybody waits; returns of whom staff is to be told."""
    async with model(database, otherwise=everybody) as (_, door):
        await run_dry(batch_lane(database, door, lambda: wanted))
    return await value(database, UNTOLD)


@pytest.fixture
async def broker(redis_url: str) -> AsyncIterator[RedisBroker]:
    made = make_broker(redis_url)
    await prepare_groups(await connect(made), STREAMS)
    yield made
    await made.stop()


def fast_lane(database: Database, broker: RedisBroker) -> FastLane:
    return FastLane(database, QuickEmbedding(), Publisher(broker, bound=1_000), None, rules)


async def told(broker: RedisBroker) -> list[ResponseNeeded]:
    entries: Any = await (await connect(broker)).xrange(RESPONSES.name)
    return [ResponseNeeded.model_validate_json(read_entry(*pair).body) for pair in entries]


async def test_who_waits_in_a_window_is_told_in_the_stream(database: Database, broker: RedisBroker) -> None:
    await stored(
        database, heard(1, topic_id=7), heard(2, "Перезагрузите", who="staff1", reply_to=1), *map(heard, (3, 4, 5))
    )
    assert await read(database, rules()) == [1, 3, 4, 5]
    lane = fast_lane(database, broker)
    assert await lane.tell()
    assert not await lane.tell()
    found = await told(broker)
    assert sorted(one.message_id for one in found) == [1, 3, 4, 5]
    first = next(one for one in found if one.message_id == 1)
    assert (first.urgent, first.topic_id, first.summary) == (False, 7, "ждёт 1")
    assert first.question == "Не печатается чек, что делать?"


async def test_a_window_sends_few_cards_for_the_most_pressing(database: Database) -> None:
    await stored(database, *map(heard, range(1, 6)))
    assert await read(database, rules(cards=2)) == [4, 5]


@pytest.mark.parametrize("wanted", [rules(cards=0), rules(access=AccessRules())], ids=["no cards", "no staff chat"])
async def test_who_wants_no_cards_gets_none(database: Database, wanted: Rules) -> None:
    await stored(database, *map(heard, range(1, 6)))
    assert await read(database, wanted) == []
    assert await value(database, "SELECT count(*) FROM appraisals WHERE requires_response") == 5


async def test_what_comes_from_a_file_or_from_the_past_is_no_news(database: Database) -> None:
    await stored(database, heard(1, seen=0), heard(2, seen=0), heard(3, days=3), heard(4, days=1.5), heard(5))
    assert await read(database, rules()) == [5]


async def test_in_a_private_chat_the_bot_could_not_answer(database: Database) -> None:
    private = PSEUDONYMS.private_chat(7)
    for one in map(heard, range(1, 6)):
        chat = one.chat.model_copy(update={"chat_id": private, "kind": ChatKind.PRIVATE})
        await stored(database, one.model_copy(update={"chat": chat}))
    assert await read(database, rules()) == []


async def test_a_crash_before_they_are_told_loses_nobody_and_a_new_reading_repeats_nobody(
    database: Database, broker: RedisBroker
) -> None:
    await stored(database, *map(heard, range(1, 6)))
    assert await read(database, rules(cards=3)) == [3, 4, 5]
    await reopen(database, heard(2, "Не печатается чек, и весы молчат", edit_version=9))
    assert await read(database, rules(cards=3)) == [3, 4, 5], "nobody was told yet"
    await fast_lane(database, broker).tell()
    await reopen(database, heard(1, "Где найти чек?", edit_version=9))
    assert await read(database, rules(cards=3)) == [], "and now everybody who shall be"
    assert len(await told(broker)) == 3


async def reopen(database: Database, edited: MessageObserved) -> None:
    """An edit has its window read anew, here at once."""
    await put(database, [edited])
    await stored(database)
    async with database.transaction() as session:
        await session.execute(update(AnalysisWindow).values(due_at=datetime.now(UTC)))


async def test_what_was_not_urgent_after_all_and_still_waits_is_told_by_its_window(
    database: Database, broker: RedisBroker
) -> None:
    await stored(
        database, heard(1, "Срочно, где чек?", lane=Lane.HIGH), *map(heard, (2, 3, 4)), heard(5, lane=Lane.HIGH)
    )
    lane = fast_lane(database, broker)
    await lane.notice()
    while await lane.step():
        pass
    assert [(one.message_id, one.urgent) for one in await told(broker)] == [(1, True), (5, True)]
    await change(database, 5, "urgent = false")
    assert await read(database, rules()) == [2, 3, 4, 5], "of the urgent one staff has been told"
    await lane.tell()
    assert [(one.message_id, one.urgent) for one in await told(broker)].count((5, False)) == 1


async def change(database: Database, message_id: int, what: str) -> None:
    """As if an analysis had found something else."""
    async with database.transaction() as session:
        await session.execute(text(f"UPDATE appraisals SET {what} WHERE message_id = {message_id}"))


async def test_the_urgent_are_told_first(database: Database, broker: RedisBroker) -> None:
    await stored(database, *map(heard, range(1, 6)))
    await read(database, rules())
    await change(database, 4, "urgent = true")
    await fast_lane(database, broker).tell()
    assert (await told(broker))[0].message_id == 4
    assert await value(database, UNTOLD) == []
