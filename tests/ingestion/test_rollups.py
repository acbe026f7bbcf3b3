"""The sums agree with the messages, whatever came in which order, twice, late, edited, deleted or erased."""

import asyncio
import random
from dataclasses import asdict
from typing import Any

from sqlalchemy import text

from core.contracts.messages import MessageObserved, MessagesDeleted
from core.db.session import Database
from core.domain.chats import ChatKind
from core.domain.lanes import Lane
from core.domain.threads import ThreadMessage, summarise
from core.privacy.pseudonyms import Pseudonyms
from core.streams.broker import connect, make_broker
from ingestion import rollups
from ingestion.deleting import delete
from ingestion.erasure import forget
from ingestion.placing import place
from ingestion.rotation import renew
from tests.ingestion.road import CHAT, KEY, NOON, PSEUDONYMS, observed, place_all, put, rows, value

THREADS = "SELECT * FROM threads ORDER BY chat_id, thread_id"
HOURS = "SELECT * FROM chat_hours ORDER BY chat_id, hour"
MESSAGES = """SELECT chat_id, thread_id, message_id, sender, is_staff, sent_at, text FROM messages
    ORDER BY chat_id, thread_id"""
COUNTED = """
    SELECT chat_id, date_trunc('hour', sent_at, 'UTC') AS hour, count(*) AS messages,
        count(*) FILTER (WHERE is_staff) AS staff_messages, count(*) FILTER (WHERE lane = 'HIGH' AND NOT is_staff) AS urgent,
        count(DISTINCT sender) AS people, false AS stale
    FROM messages GROUP BY 1, 2 ORDER BY 1, 2
"""
SAYINGS = (
    "Не печатается чек?",
    "Спасибо, помогло",
    "Попробуйте перезапустить",
    "Касса зависла",
    "Где накладная?",
    "ок",
)


async def agree(database: Database) -> None:
    """Both tables are what the messages, as they stand, come to."""
    held: dict[tuple[int, int], list[ThreadMessage]] = {}
    for row in await rows(database, MESSAGES):
        message = ThreadMessage(*(row[name] for name in ("message_id", "sender", "is_staff", "sent_at", "text")))
        held.setdefault((row["chat_id"], row["thread_id"]), []).append(message)
    wanted = [
        {"chat_id": chat_id, "thread_id": thread_id, **asdict(summarise(messages))}
        for (chat_id, thread_id), messages in sorted(held.items())
    ]
    found = await rows(database, THREADS)
    assert [{name: row[name] for name in wanted[0]} for row in found] == wanted if wanted else found == []
    assert await rows(database, HOURS) == await rows(database, COUNTED)


async def take_away(database: Database, *ids: int, chat_id: int = CHAT) -> None:
    async with database.transaction() as session:
        await delete(session, [MessagesDeleted(chat_id=chat_id, message_ids=ids, seen_at=NOON)])


def anything(rng: random.Random, message_id: int, edition: int) -> MessageObserved:
    """A message, or a later edition of it, which may have another text, author, lane and even time."""
    return observed(
        message_id,
        rng.choice(SAYINGS),
        edit_version=edition,
        who=rng.choice(["user1", "user2", "user3", "staff1"]),
        minutes=message_id * 7 + rng.choice([0, 0, 0, 90]),
        reply_to=rng.choice([None, max(1, message_id - rng.randint(1, 6))]),
        lane=rng.choice([Lane.LOW, Lane.HIGH]),
    )


async def test_whatever_happens_the_sums_are_those_of_the_messages(database: Database) -> None:
    for seed in range(3):
        rng = random.Random(seed)
        for edition in range(25):
            match rng.choice(["put", "put", "put", "place", "delete"]):
                case "put":
                    some = [anything(rng, rng.randint(1, 60), edition) for _ in range(rng.randint(1, 25))]
                    await put(database, some)
                    if rng.random() < 0.3:
                        await put(database, some)
                case "place":
                    await place_all(database)
                    await agree(database)
                case "delete":
                    await take_away(database, *rng.sample(range(1, 61), 3))
        await place_all(database)
        await agree(database)


async def test_a_placement_that_fails_leaves_the_sums_as_they_were(database: Database) -> None:
    await put(database, [observed(1)])
    await place_all(database)
    before = await rows(database, THREADS), await rows(database, HOURS)
    await put(database, [observed(2, reply_to=1)])
    async with database.engine.connect() as connection, connection.begin() as transaction:
        async with database._sessions(bind=connection) as session:
            await place(session, CHAT)
        await transaction.rollback()
    assert (await rows(database, THREADS), await rows(database, HOURS)) == before
    await place_all(database)
    await agree(database)
    assert await value(database, "SELECT messages FROM threads") == 2


async def test_storing_placing_and_deleting_at_once(database: Database) -> None:
    rng = random.Random(5)

    async def storing() -> None:
        for edition in range(12):
            await put(database, [anything(rng, message_id, edition) for message_id in sorted(rng.sample(range(40), 9))])

    async def placing() -> None:
        for _ in range(12):
            await place_all(database)

    async def deleting() -> None:
        for message_id in range(0, 36, 3):
            await take_away(database, message_id)

    async with asyncio.timeout(200):
        await asyncio.gather(storing(), placing(), placing(), deleting())
    await place_all(database)
    await agree(database)


async def test_what_an_edition_moves_to_another_hour_leaves_its_former_one(database: Database) -> None:
    """Two sources may disagree about a time: a CSV without a zone, and Telegram."""
    await put(database, [observed(1, minutes=0), observed(2, minutes=1)])
    await place_all(database)
    await put(database, [observed(1, minutes=180, seen=1)])
    await place_all(database)
    await agree(database)
    assert [row["messages"] for row in await rows(database, HOURS)] == [1, 1]


async def test_nothing_is_left_of_a_person_who_is_erased(database: Database, redis_url: str) -> None:
    private = PSEUDONYMS.private_chat(7)
    alone = [observed(1, who="user7"), observed(2, who="user7", reply_to=1)]
    together = [observed(100, who="user7", minutes=900), observed(101, who="user8", minutes=901, reply_to=100)]
    own = [observed(5, who="user7", chat_id=private), observed(6, who="staff1", chat_id=private)]
    await put(database, [*alone, *together, *own])
    for chat_id in (CHAT, private):
        await place_all(database, chat_id)
    async with database.transaction() as session:
        call = "INSERT INTO model_calls (purpose, model, chat_id) VALUES ('answer', 'm', :chat)"
        await session.execute(text(call), {"chat": private})
    broker = make_broker(redis_url)
    await forget(database, await connect(broker), PSEUDONYMS.person("user7"), private)
    await broker.stop()
    await agree(database)
    (left,) = await rows(database, THREADS)
    assert (left["chat_id"], left["thread_id"], left["messages"], left["asker"]) == (
        CHAT,
        100,
        1,
        PSEUDONYMS.person("user8"),
    )
    assert [row["chat_id"] for row in await rows(database, HOURS)] == [CHAT]
    assert await value(database, "SELECT chat_id FROM model_calls") is None


async def test_a_new_key_renews_the_askers_and_the_private_chats(database: Database) -> None:
    former, later = Pseudonyms(KEY), Pseudonyms(KEY, bytes(32))
    private = former.private_chat(7)
    chat = observed(1, chat_id=private).chat.model_copy(update={"kind": ChatKind.PRIVATE})
    await put(database, [observed(1, who="user7"), observed(3, who="user7").model_copy(update={"chat": chat})])
    for chat_id in (CHAT, private):
        await place_all(database, chat_id)
    async with database.transaction() as session:
        call = "INSERT INTO model_calls (purpose, model, chat_id) VALUES ('answer', 'm', :chat)"
        await session.execute(text(call), {"chat": private})
        await renew(session, KEY, bytes(32))
    await agree(database)
    assert {row["asker"] for row in await rows(database, THREADS)} == {later.person("user7")}
    assert {row["chat_id"] for row in await rows(database, THREADS)} == {CHAT, later.private_chat(7)}
    assert await value(database, "SELECT chat_id FROM model_calls") == later.private_chat(7)
    await place_all(database, later.private_chat(7))
    await agree(database)


async def test_an_hour_is_counted_from_its_own_messages(database: Database) -> None:
    """Also by a plan that was made for any number of hours: one such read all of a chat for each of its hours."""
    chat = "INSERT INTO chats (chat_id, kind, title) VALUES (-7, 'group', 'x')"
    many = """
        INSERT INTO messages (chat_id, message_id, sender, is_staff, sent_at, mentions, text, lane, lane_score, lane_reasons)
        SELECT -7, n, 'a', false, timestamptz '2026-03-02' + n * interval '6 minutes', '{}', '?', 'LOW', 0, '[]'
        FROM generate_series(0, 19999) AS n
    """
    async with database.engine.connect() as connection:
        for statement in (chat, many, "ANALYZE messages", "SET plan_cache_mode = force_generic_plan"):
            await connection.execute(text(statement))
        counting = rollups._HOURS.text.replace(":chat_id", "$1").replace(":hours", "$2")
        await connection.execute(text(f"PREPARE counting(bigint, timestamptz[]) AS {counting}".replace(":", r"\:")))
        hours = ", ".join(f"'2026-03-02 {hour:02}\\:00Z'" for hour in range(20))
        explain = f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE counting(-7, ARRAY[{hours}]\\:\\:timestamptz[])"
        (plan,) = (await connection.execute(text(explain))).scalars()
        await connection.rollback()
    assert 0 < _read(plan, "messages") <= 20 * 11


def _read(node: Any, table: str) -> float:
    """How many rows of a table a plan has read, those that it then left out among them."""
    if isinstance(node, list):
        return sum(_read(one, table) for one in node)
    if not isinstance(node, dict):
        return 0
    rows_read = node.get("Actual Rows", 0) + node.get("Rows Removed by Filter", 0)
    own = rows_read * node.get("Actual Loops", 1) if node.get("Relation Name") == table else 0
    return own + sum(_read(one, table) for one in node.values())
