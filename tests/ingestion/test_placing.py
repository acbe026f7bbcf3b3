"""Second station: links, threads and units are the same in whatever order messages arrived."""

import asyncio
import json
import random
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from core.contracts.messages import ChatChanged, MessageObserved
from core.contracts.streams import UNITS
from core.db.session import Database
from core.index.vectors import set_embeddings, unembedded
from core.streams.broker import connect, depth, make_broker
from core.streams.publisher import Publisher
from ingestion import placing
from ingestion.placing import Placing, place
from ingestion.storing import store
from tests.effort import effort
from tests.ingestion.road import CHAT, SAMPLE_CHATS, observed, place_all, put, rows, sample_messages, structure, value

THREADS = "SELECT message_id, thread_id FROM messages WHERE chat_id = :chat ORDER BY message_id"


async def threads(database: Database, chat_id: int = CHAT) -> dict[int, int]:
    return {row["message_id"]: row["thread_id"] for row in await rows(database, THREADS, chat=chat_id)}


def in_chat(messages: Sequence[MessageObserved], chat_id: int) -> list[MessageObserved]:
    chat = messages[0].chat.model_copy(update={"chat_id": chat_id})
    return [message.model_copy(update={"chat": chat}) for message in messages]


async def made_of(database: Database, chat_id: int) -> str:
    """What threading and cutting made of a chat, without the chat's id."""
    everything = await structure(database)
    own = [row for row in everything if chat_id in (row.get("chat_id"), row.get("metadata_", {}).get("chat_id"))]
    assert own
    return json.dumps(own, ensure_ascii=False, default=str).replace(str(chat_id), "CHAT")


async def embed_all(database: Database, chat_id: int = CHAT) -> None:
    async with database.transaction() as session:
        pending = await unembedded(session, chat_id, 100_000)  # type: ignore[arg-type]
        await set_embeddings(session, [(unit.node_id, unit.text_hash, [0.1] * 384) for unit in pending])


async def test_any_order_of_arrival_gives_the_same_threads_and_units(database: Database, monkeypatch: Any) -> None:
    messages = [message for path in SAMPLE_CHATS for message in sample_messages(path)[:150]]
    sizes = iter([40, 90, 7, 150])
    by_chat: dict[int, list[MessageObserved]] = {}
    for message in messages:
        by_chat.setdefault(message.chat.chat_id, []).append(message)
    for number, (chat_id, whole) in enumerate(by_chat.items()):
        monkeypatch.setattr(placing, "STEP", 500)
        await put(database, whole)
        await place_all(database, chat_id)
        wanted = await made_of(database, chat_id)
        rng = random.Random(number)
        # The second copy comes in random batches, is placed in short steps, and much of it comes twice.
        copy = in_chat(whole, -(2_000 + number))
        arriving = [*copy, *rng.sample(copy, len(copy) // 3)]
        rng.shuffle(arriving)
        monkeypatch.setattr(placing, "STEP", size := next(sizes))
        while arriving:
            count = rng.randint(1, 120)
            await put(database, arriving[:count])
            del arriving[:count]
            async with database.transaction() as session:
                await place(session, copy[0].chat.chat_id)
        await place_all(database, copy[0].chat.chat_id)
        assert await made_of(database, copy[0].chat.chat_id) == wanted, f"chat {chat_id}, steps of {size}"


async def test_one_call_places_all_that_waits_across_wide_gaps_and_steps(
    database: Database, redis_url: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr(placing, "STEP", 50)
    ids = [*range(1, 121), 5_000, *range(900_000, 900_060), 2**40, -(10**9) - 5]
    await put(database, [observed(n, minutes=at) for at, n in enumerate(sorted(ids))])
    broker = make_broker(redis_url)
    await Placing(database, Publisher(broker, bound=1_000))([ChatChanged(chat_id=CHAT), ChatChanged(chat_id=CHAT)])
    assert await value(database, "SELECT count(*) FROM messages WHERE threaded") == len(ids)
    assert (await depth(await connect(broker), UNITS)).length > 0
    await broker.stop()


async def test_a_message_between_two_steps_is_seen_by_all_that_follow_it(database: Database, monkeypatch: Any) -> None:
    """A late message changes the windows of the hundred after it, also where they were placed by an earlier step."""
    whole = in_chat(sample_messages(SAMPLE_CHATS[-1])[:250], CHAT)
    await put(database, whole)
    await place_all(database)
    wanted = await made_of(database, CHAT)
    copy = in_chat(whole, CHAT - 1)
    late = copy[10:70]
    monkeypatch.setattr(placing, "STEP", 20)
    await put(database, [message for message in copy if message not in late])
    await place_all(database, CHAT - 1)
    await put(database, late)
    await place_all(database, CHAT - 1)
    assert await made_of(database, CHAT - 1) == wanted


async def test_late_messages_reach_all_the_hundred_that_follow_each_of_them(
    database: Database, monkeypatch: Any
) -> None:
    """Forty come late and are placed ten by ten; the later of them must not be taken for placed with the first ten."""
    monkeypatch.setattr(placing, "STEP", 10)
    rng = random.Random(3)
    vocabulary = ["касса", "чек", "принтер", "возврат", "терминал", "смена", "отчёт", "склад", "ценник", "сканер"]
    whole = [
        observed(n, f"{' '.join(rng.sample(vocabulary, 3))}?", who=f"user{rng.randint(1, 9)}", minutes=n)
        for n in range(1, 220)
    ]
    await put(database, whole)
    await place_all(database)
    copy = in_chat(whole, CHAT - 1)
    await put(database, [*copy[:40], *copy[80:]])
    await place_all(database, CHAT - 1)
    await put(database, copy[40:80])
    await place_all(database, CHAT - 1)
    assert await made_of(database, CHAT - 1) == await made_of(database, CHAT)


async def test_an_edition_that_comes_while_its_chat_is_placed_is_not_lost(database: Database) -> None:
    await put(database, [observed(1, "Первый вопрос про чек?")])

    async def placed() -> int:
        async with database.transaction() as session:
            return await place(session, CHAT)

    async with asyncio.timeout(100), database.transaction() as session:
        await store(session, [observed(1, "Совсем другой вопрос про возврат?", edit_version=5)])
        placing_it = asyncio.create_task(placed())
        # It has read the old edition, and now waits for the row that the edit holds.
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%UPDATE messages%'"
        )
        while not await value(database, waiting):  # noqa: ASYNC110 - PostgreSQL has no event for it
            await asyncio.sleep(0.01)
    assert await placing_it == 1
    assert not await value(database, "SELECT threaded FROM messages")
    await place_all(database)
    assert [row["text"] for row in await rows(database, "SELECT text FROM data_units")] == [
        "Совсем другой вопрос про возврат?"
    ]


async def test_an_edit_cuts_its_thread_anew_and_costs_the_vector_of_its_unit_only(database: Database) -> None:
    questions = [
        observed(n * 10, f"Как настроить кассу номер {n}?", who=f"user{n}", minutes=n * 600) for n in range(1, 6)
    ]
    answers = [
        observed(n * 10 + 1, f"Откройте настройки кассы {n}.", who="staff1", reply_to=n * 10, minutes=n * 600 + 5)
        for n in range(1, 6)
    ]
    await put(database, [*questions, *answers])
    await place_all(database)
    await embed_all(database)
    assert await value(database, "SELECT count(*) FROM data_units WHERE embedding IS NULL") == 0
    edited = answers[2].model_copy(update={"text": "Откройте раздел «Оборудование».", "edit_version": 77})
    await put(database, [edited])
    await place_all(database)
    (changed,) = await rows(database, "SELECT text FROM data_units WHERE embedding IS NULL")
    assert changed["text"].endswith("Откройте раздел «Оборудование».")
    assert await value(database, "SELECT count(*) FROM data_units") == 5


async def test_replies_to_an_absent_message_share_a_thread_that_joins_its_own_when_it_comes(database: Database) -> None:
    first = observed(10, "Добрый день, не печатает принтер чеков, что проверить?", who="user1", minutes=0)
    absent = observed(50, "Принтер так и не печатает", who="user1", reply_to=10, minutes=30)
    replies = [observed(n, f"Проверьте кабель {n}", who=f"user{n}", reply_to=50, minutes=5_000 + n) for n in (60, 61)]
    child = observed(70, "Какой именно кабель?", who="user1", reply_to=61, minutes=90_000)
    await put(database, [first, *replies, child])
    await place_all(database)
    assert await threads(database) == {10: 10, 60: 50, 61: 50, 70: 50}
    await put(database, [absent])
    await place_all(database)
    assert await threads(database) == dict.fromkeys((10, 50, 60, 61, 70), 10)
    in_units = {row["thread_id"] for row in await rows(database, "SELECT DISTINCT thread_id FROM data_units")}
    assert in_units == {10}


async def test_all_that_hangs_on_a_message_moves_with_it_however_far_behind(
    database: Database, monkeypatch: Any
) -> None:
    monkeypatch.setattr(placing, "STEP", 30)
    await put(database, [observed(1, "Как вернуть товар?", minutes=0)])
    fillers = [
        observed(1_000 + n, f"Вопрос {n}: как настроить {n}?", who=f"user{n}", reply_to=None, minutes=20_000 * n)
        for n in range(1, 160)
    ]
    chain = [
        observed(5_000 + n, f"И ещё {n}", reply_to=4_999 + n if n else 500, minutes=10**6 * 3 + 20_000 * n)
        for n in range(120)
    ]
    await put(database, [*fillers, *chain])
    await place_all(database)
    assert {(await threads(database))[5_000 + n] for n in range(120)} == {500}
    await put(database, [observed(500, "Возврат не проходит", reply_to=1, minutes=5)])
    await place_all(database)
    assert {(await threads(database))[5_000 + n] for n in range(120)} == {1}
    assert await value(database, "SELECT count(*) FROM data_units WHERE thread_id = 500") == 0


async def test_a_reply_to_itself_or_to_the_future_starts_from_its_own_words(database: Database) -> None:
    await put(
        database, [observed(1, reply_to=1), observed(2, reply_to=3, minutes=90_000), observed(3, minutes=180_000)]
    )
    await place_all(database)
    assert await threads(database) == {1: 1, 2: 2, 3: 3}


async def test_topics_of_a_forum_never_mix(database: Database) -> None:
    rng = random.Random(2)
    messages = [
        observed(n, f"Не печатается чек, принтер {n % 5}?", who=f"user{n % 3}", topic_id=rng.choice([None, 3, 900]))
        for n in range(1_000, 1_120)
    ]
    await put(database, messages)
    await place_all(database)
    mixed = """SELECT count(*) FROM messages child JOIN messages parent
        ON parent.chat_id = child.chat_id AND parent.message_id = child.parent_id
        WHERE parent.topic_id IS DISTINCT FROM child.topic_id"""
    assert await value(database, mixed) == 0
    assert await value(database, "SELECT count(*) FROM messages WHERE parent_id IS NOT NULL") > 50
    held = "SELECT count(DISTINCT coalesce(topic_id, 0)) AS topics FROM messages GROUP BY thread_id"
    assert {row["topics"] for row in await rows(database, held)} == {1}


async def test_a_long_chat_is_placed_in_steps_of_equal_cost(database: Database) -> None:
    """One in three is a question of its own, so threads stay short as in life; what grows is only the chat.

    The words come again and again: a new one costs a stemming of some 500 lines, unless another test of the same process
    has had it already (that made this fail once, by 1.4)."""
    messages = [
        observed(n, f"Вопрос {n % 100}: как настроить {n % 100}?" if n % 3 == 0 else f"Ответ {n % 100}",
                 who=f"user{n % 50}", reply_to=n - n % 3 or None if n % 3 else None, minutes=n * 3)
        for n in range(3, 6_003)
    ]  # fmt: skip
    for start in range(0, len(messages), 2_000):
        await put(database, messages[start : start + 2_000])

    async def step() -> None:
        async with database.transaction() as session:
            assert await place(session, CHAT) == placing.STEP

    await step()
    with effort() as early:
        await step()
    for _ in range(len(messages) // placing.STEP - 3):
        await step()
    with effort() as late:
        await step()
    assert await value(database, "SELECT count(*) FROM messages WHERE NOT threaded") == 0
    assert late.lines < 1.1 * early.lines


async def test_the_units_of_another_chat_stay(database: Database) -> None:
    await put(database, [observed(1), observed(1, chat_id=CHAT - 1)])
    await place_all(database, CHAT)
    await place_all(database, CHAT - 1)
    async with database.transaction() as session:
        await session.execute(text("UPDATE messages SET threaded = false WHERE chat_id = :chat"), {"chat": CHAT})
    await place_all(database, CHAT)
    assert await value(database, "SELECT count(*) FROM data_units") == 2
