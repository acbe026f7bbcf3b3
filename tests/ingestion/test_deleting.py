"""A deletion wins whatever the order, and takes along all that was made of the message."""

from itertools import permutations

from sqlalchemy import text

from core.contracts.messages import MessagesDeleted
from core.db.session import Database
from ingestion.deleting import delete
from tests.ingestion.road import CHAT, NOON, observed, place_all, put, rows, structure, value

GONE = MessagesDeleted(chat_id=CHAT, message_ids=(2,), seen_at=NOON)


async def take_away(database: Database, deletion: MessagesDeleted = GONE) -> None:
    async with database.transaction() as session:
        await delete(session, [deletion])


async def test_a_deletion_wins_in_any_order(database: Database) -> None:
    first, second = observed(2, "first"), observed(2, "second", edit_version=5)
    for order in permutations([first, second, None]):
        async with database.transaction() as session:
            await session.execute(text("TRUNCATE deleted_messages, messages"))
        for step in order:
            await (take_away(database) if step is None else put(database, [step]))
        assert await value(database, "SELECT count(*) FROM messages") == 0


async def test_what_is_left_is_as_if_it_had_never_been_there(database: Database) -> None:
    said = [
        observed(n, f"касса {n} не печатает", reply_to=n - 1 if n % 3 else None, who=f"user{n % 2}")
        for n in range(1, 9)
    ]
    await put(database, [one for one in said if one.message_id != 2])
    await place_all(database)
    wanted = await structure(database)
    async with database.transaction() as session:
        await session.execute(text("TRUNCATE messages, data_units"))
    await put(database, said)
    await place_all(database)
    await take_away(database)
    assert await value(database, "SELECT count(*) FROM data_units WHERE text LIKE '%касса 2 %'") == 0
    await place_all(database)
    assert await structure(database) == wanted


async def test_an_id_without_a_chat_is_looked_for_where_the_account_shares_ids(database: Database) -> None:
    mine, imported = CHAT - 1, CHAT - 2
    async with database.transaction() as session:
        await session.execute(text(f"INSERT INTO listened_chats (chat_id, shared) VALUES ({mine}, true)"))
    await put(database, [observed(7, chat_id=mine), observed(7, chat_id=imported)])
    await take_away(database, MessagesDeleted(chat_id=None, message_ids=(7, 8), seen_at=NOON))
    await put(database, [observed(8, chat_id=mine), observed(8, chat_id=imported)])
    left = await rows(database, "SELECT chat_id, message_id FROM messages ORDER BY message_id")
    assert left == [{"chat_id": imported, "message_id": 7}, {"chat_id": imported, "message_id": 8}]


async def test_answers_are_flagged_and_a_quotation_is_emptied(database: Database) -> None:
    await put(database, [observed(2)])
    answer = """INSERT INTO answers (question, answer, refused, language, scope, evidence, model, latency_ms)
        VALUES ('q', 'text', false, 'ru', '{}', '{}', :model, '{}') RETURNING answer_id"""
    cite = "INSERT INTO citations (answer_id, rank, unit_id, chat_id, message_ids, score) VALUES (:id, 1, 'u', :c, '{1,2}', 1)"
    async with database.transaction() as session:
        for model in (None, "m"):
            made = await session.scalar(text(answer), {"model": model})
            await session.execute(text(cite), {"id": made, "c": CHAT})
    await take_away(database)
    found = await rows(
        database, "SELECT model, answer, source_deleted_at IS NOT NULL AS flag FROM answers ORDER BY model"
    )
    assert found == [{"model": "m", "answer": "text", "flag": True}, {"model": None, "answer": "", "flag": True}]
    assert await value(database, "SELECT count(*) FROM citations") == 0


async def test_two_edits_within_a_second_are_ordered_by_when_they_were_seen(database: Database) -> None:
    early, late = (observed(3, words, edit_version=9, seen=seen) for words, seen in (("early", 1), ("late", 2)))
    for order in ([early, late], [late, early]):
        await put(database, order[:1])
        await put(database, order[1:])
        assert await value(database, "SELECT text FROM messages") == "late"
