"""What was blanked by a deletion is said anew: cards from what is left, answers with a word about it."""

from typing import Any

from assistant.retracted import say_anew
from core.contracts.messages import MessagesDeleted
from core.db.session import Database
from ingestion.deleting import delete
from tests.ingestion.bot_tables import seeding
from tests.ingestion.road import CHAT, NOON, PSEUDONYMS, observed, put, rows

PRIVATE = PSEUDONYMS.private_chat(7)


async def take_away(database: Database, *ids: int) -> None:
    async with database.transaction() as session:
        await delete(session, [MessagesDeleted(chat_id=CHAT, message_ids=ids, seen_at=NOON)])


async def rounds(database: Database) -> int:
    async with database.transaction() as session:
        return await say_anew(session)


async def shown(database: Database) -> dict[str, Any]:
    """What each kind of message shall show."""
    return {row["kind"]: row for row in await rows(database, "SELECT * FROM bot_messages")}


async def seed(database: Database, chat_id: int = CHAT, **fields: Any) -> None:
    """An answer that quotes message 1, handed over, and a suggestion that quotes it too."""
    await put(database, [observed(1), observed(2)])
    async with database.transaction() as session:
        answer_id = await seeding.answer(session, 1)
        question_id = await seeding.question(session, 5, chat_id=chat_id, answer_id=answer_id)
        await seeding.shown(session, "answer", question_id, chat_id=chat_id, message_id=100, **fields)
        await seeding.handover(session, question_id)
        await seeding.suggestion(session, 2, draft="Перезапустите кассу", answer_id=answer_id)


async def test_a_deleted_source_is_told_and_the_cards_go_on_without_it(database: Database) -> None:
    await seed(database)
    await take_away(database, 1)
    assert await rounds(database) == 3
    found = await shown(database)
    assert found["answer"]["html"] == "Этот ответ опирался на сообщение, которое удалили."
    assert (found["answer"]["buttons"], found["answer"]["wanted"], found["answer"]["shown"]) == ([], 2, 1)
    assert "Перезапустите" not in found["card"]["html"]
    assert "Касса молчит" in found["card"]["html"]
    assert "В переписке ответа нет" in found["suggestion"]["html"]
    assert [label for row in found["suggestion"]["buttons"] for label, _ in row] == ["Не нужно", "Через час"]
    assert await rounds(database) == 0


async def test_a_deleted_question_closes_its_cards(database: Database) -> None:
    await seed(database)
    await take_away(database, 2, 5)
    assert await rounds(database) == 2
    found = await shown(database)
    assert found["card"]["html"] == "Этот вопрос удалён."
    assert "больше не ждёт" in found["suggestion"]["html"]
    assert found["suggestion"]["buttons"] == found["card"]["buttons"] == []


async def test_in_a_private_chat_nothing_can_be_changed_once_it_was_delivered(database: Database) -> None:
    await seed(database, PRIVATE)
    await take_away(database, 1)
    assert await rounds(database) == 2
    answer = (await shown(database))["answer"]
    assert (answer["html"], answer["wanted"], answer["shown"]) == ("", 1, 1)
