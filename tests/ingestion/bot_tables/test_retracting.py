"""A deletion in Telegram reaches what the bot made of the message."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from core.contracts.messages import MessagesDeleted
from core.db.session import Database
from ingestion.deleting import delete
from tests.ingestion.bot_tables import seeding
from tests.ingestion.road import CHAT, NOON, observed, put, rows, value


async def take_away(database: Database, *ids: int) -> None:
    async with database.transaction() as session:
        await delete(session, [MessagesDeleted(chat_id=CHAT, message_ids=ids, seen_at=NOON)])


async def state(database: Database, question_id: UUID) -> dict[str, Any]:
    query = "SELECT state, revision, tries, leased_until, sealed_chat FROM questions WHERE question_id = :id"
    (row,) = await rows(database, query, id=question_id)
    return row


async def blanked(database: Database) -> Sequence[str]:
    """The kinds of messages that are to be said anew."""
    found = await rows(
        database, "SELECT kind FROM bot_messages WHERE html = '' AND buttons = '[]' AND shown = wanted ORDER BY kind"
    )
    return [row["kind"] for row in found]


@pytest.mark.parametrize("open_state", ["waiting", "answering"])
async def test_a_question_without_messages_is_dropped_with_its_hand_over(database: Database, open_state: str) -> None:
    lease = NOON if open_state == "answering" else None
    async with database.transaction() as session:
        question_id = await seeding.question(session, 5, state=open_state, sealed_chat=b"seal", leased_until=lease)
        await seeding.handover(session, question_id)
    await take_away(database, 5)  # the listener does not hold it: only the bot has heard it
    dropped = {"state": "dropped", "revision": 1, "tries": 0, "leased_until": None, "sealed_chat": None}
    assert await state(database, question_id) == dropped
    assert await value(database, "SELECT count(*) FROM question_messages") == 0
    assert await value(database, "SELECT count(*) FROM handovers") == 0
    assert await blanked(database) == ["card"]


async def test_what_is_left_of_a_burst_is_asked_anew(database: Database) -> None:
    async with database.transaction() as session:
        question_id = await seeding.question(session, 5, 6, state="answering", leased_until=NOON, tries=2)
        await seeding.handover(session, question_id)
    await take_away(database, 5)
    anew = {"state": "waiting", "revision": 2, "tries": 0, "leased_until": None, "sealed_chat": None}
    assert await state(database, question_id) == anew
    assert await value(database, "SELECT message_id FROM question_messages") == 6
    assert await value(database, "SELECT state FROM handovers") == "open"
    assert await blanked(database) == ["card"]


async def test_an_answered_questions_words_leave_the_answer_and_what_staff_said_stays(database: Database) -> None:
    async with database.transaction() as session:
        answer_id = await seeding.answer(session, 1)
        question_id = await seeding.question(session, 5, answer_id=answer_id)
        await seeding.answers(session, question_id, await seeding.answer(session))  # before it was edited
        await seeding.shown(session, "answer", question_id)
        handover_id = await seeding.handover(session, question_id, state="answered", reply="Звоните")
        await seeding.shown(session, "reply", handover_id, html="Звоните")
        await seeding.vetted(session, handover_id)
    await take_away(database, 5)
    kept = {"question": "", "answer": "Перезапустите кассу", "evidence": {"reason": "strong"}}
    assert await rows(database, "SELECT question, answer, evidence FROM answers") == [kept, kept]
    assert (await state(database, question_id))["state"] == "answered"
    assert await value(database, "SELECT reply FROM handovers") == "Звоните"
    assert await value(database, "SELECT count(*) FROM vetted_answers") == 1
    assert await blanked(database) == ["card"]


async def test_suggestions_on_a_deleted_message_are_withdrawn(database: Database) -> None:
    await put(database, [observed(5), observed(6)])
    async with database.transaction() as session:
        answer_id = await seeding.answer(session, question_vector=[1.0])
        waiting = await seeding.suggestion(
            session, 5, draft="Звоните", state="snoozed", due_at=NOON, answer_id=answer_id
        )
        sent = await seeding.suggestion(session, 6, draft="Звоните", state="sent")
        other = await seeding.suggestion(session, 7)
    await take_away(database, 5, 6)
    found = await rows(database, "SELECT suggestion_id, state, summary, draft FROM suggestions ORDER BY message_id")
    assert found == [
        {"suggestion_id": waiting, "state": "withdrawn", "summary": "", "draft": None},
        {"suggestion_id": sent, "state": "sent", "summary": "", "draft": None},
        {"suggestion_id": other, "state": "open", "summary": "Касса молчит", "draft": None},
    ]
    assert await rows(database, "SELECT question, question_vector FROM answers") == [
        {"question": "", "question_vector": None}
    ]
    assert await blanked(database) == ["suggestion", "suggestion"]


@pytest.mark.parametrize(("model", "shown"), [(None, ["answer", "card", "suggestion"]), ("claude-sonnet-5", [])])
async def test_what_shows_a_quotation_of_it_is_blanked(database: Database, model: str | None, shown: list[str]) -> None:
    await put(database, [observed(1), observed(2)])
    async with database.transaction() as session:
        answer_id = await seeding.answer(session, 1, model=model)
        question_id = await seeding.question(session, 5, answer_id=answer_id)
        await seeding.shown(session, "answer", question_id)
        await seeding.handover(session, question_id)
        await seeding.suggestion(session, 2, draft="Перезапустите кассу", answer_id=answer_id)
    await take_away(database, 1)
    assert await value(database, "SELECT source_deleted_at IS NOT NULL FROM answers")
    assert await blanked(database) == shown
    assert await value(database, "SELECT draft FROM suggestions") == (None if shown else "Перезапустите кассу")
    assert await value(database, "SELECT state FROM suggestions") == "open"


async def test_another_chats_message_of_the_same_number_is_nobodys(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(text("INSERT INTO chats (chat_id, kind, title) VALUES (-5, 'supergroup', 'x')"))
        await seeding.question(session, 5, chat_id=-5, state="waiting")
        await seeding.suggestion(session, 5, chat_id=-5)
    await take_away(database, 5)
    assert await value(database, "SELECT state FROM questions") == "waiting"
    assert await value(database, "SELECT state FROM suggestions") == "open"
    assert await blanked(database) == []
