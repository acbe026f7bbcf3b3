"""An answer is recorded, linked to its question and shown in one transaction, or nothing of it is kept."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from assistant import unasked
from assistant.answering.inquiry import Inquiry
from assistant.answering.results import AnswerResult
from assistant.bot.casebook import Casebook, Lost
from assistant.questions.records import Claim
from core.contracts.messages import MessagesDeleted
from core.db.session import Database
from core.domain.access import AccessScope
from core.rules import Rules, RulesFile
from ingestion.deleting import delete
from tests.assistant.answerers import answerer
from tests.assistant.bot.running import ASKED, QUESTION, remember
from tests.ingestion.bot_tables import seeding
from tests.ingestion.road import CHAT, observed, place_all, put, rows, value

MINUTES = timedelta(minutes=1)


RULES = Rules.model_validate({"chats": {str(CHAT): {"reply_mode": "auto", "wait_minutes": 1}}})


@pytest.fixture
async def casebook(database: Database, tmp_path: Path) -> Casebook:
    """Some history to answer from."""
    await remember(database)
    return Casebook(database, RulesFile(tmp_path / "absent.toml"))


async def claimed(casebook: Casebook) -> Claim:
    question, _ = await casebook.next()
    assert question is not None
    return question


async def close(database: Database, casebook: Casebook, question: Claim) -> list[bool]:
    """Answer a question, as a worker does."""
    shown = []

    async def settle(session: AsyncSession, found: AnswerResult) -> None:
        shown.append(await casebook.close(session, question, found))

    inquiry = Inquiry(question=question.text, scope=AccessScope.client(CHAT))
    await answerer(database).answer(inquiry, channel="test", settle=settle)
    return shown


async def asked(database: Database, *message_ids: int) -> None:
    async with database.transaction() as session:
        await seeding.question(session, *message_ids, words=ASKED, state="waiting")


async def unasked_question(database: Database, casebook: Casebook, words: str) -> Claim:
    """What a client wrote to the team some minutes ago, as the bot takes it up."""
    now = datetime.now(UTC)
    await put(database, [observed(140, "Добро пожаловать", who="staff1", sent_at=now - 60 * MINUTES)])
    async with database.transaction() as session:
        await unasked.scan(session, RULES, now - 30 * MINUTES)
    await put(database, [observed(150, words, sent_at=now - 5 * MINUTES)])
    await place_all(database)
    async with database.transaction() as session:
        await unasked.scan(session, RULES, now)
    return await claimed(casebook)


async def test_every_answer_belongs_to_its_question_also_after_an_edit(database: Database, casebook: Casebook) -> None:
    await asked(database, 5)
    first = await claimed(casebook)
    assert await close(database, casebook, first) == [True]
    async with database.transaction() as session:
        await session.execute(text("UPDATE questions SET state = 'waiting', revision = 2, tries = 0"))
    assert await close(database, casebook, await claimed(casebook)) == [True]
    linked = "SELECT count(*) FROM answers WHERE question_id = :question"
    assert await value(database, linked, question=first.question_id) == 2


@pytest.mark.parametrize("loss", ["deleted", "in part", "erased", "taken up by another"])
async def test_of_a_question_that_is_lost_meanwhile_no_answer_is_kept(
    database: Database, casebook: Casebook, loss: str
) -> None:
    await asked(database, 5, 6)
    question = await claimed(casebook)
    async with database.transaction() as session:
        if loss == "erased":
            await session.execute(text("DELETE FROM questions"))
        elif loss == "taken up by another":
            await session.execute(text("UPDATE questions SET tries = tries + 1"))
        else:
            gone = (5,) if loss == "in part" else (5, 6)
            await delete(session, [MessagesDeleted(chat_id=CHAT, message_ids=gone, seen_at=datetime.now(UTC))])
    with pytest.raises(Lost):
        await close(database, casebook, question)
    assert await value(database, "SELECT count(*) FROM answers") == 0
    assert await value(database, "SELECT count(*) FROM bot_messages") == 0


async def test_unasked_the_bot_speaks_where_it_knows_the_answer(database: Database, casebook: Casebook) -> None:
    question = await unasked_question(database, casebook, f"{QUESTION}, что делать?")
    assert await close(database, casebook, question) == [True]
    assert await value(database, "SELECT state FROM questions") == "answered"
    assert await value(database, "SELECT reply_to FROM bot_messages") == 150


@pytest.mark.parametrize("placed", [True, False])
async def test_unasked_nothing_is_said_once_staff_has_answered(
    database: Database, casebook: Casebook, placed: bool
) -> None:
    question = await unasked_question(database, casebook, f"{QUESTION}, что делать?")
    await put(database, [observed(151, "Перезапустите", who="staff1", reply_to=150, sent_at=datetime.now(UTC))])
    if placed:
        await place_all(database)
    assert await close(database, casebook, question) == [False]
    assert await value(database, "SELECT count(*) FROM bot_messages") == 0
    assert await rows(database, "SELECT state, answer_id FROM questions") == [{"state": "dropped", "answer_id": None}]
    linked = "SELECT count(*) FROM answers WHERE question_id = :question"
    assert await value(database, linked, question=question.question_id) == 1


async def test_unasked_nothing_is_said_that_is_not_known(database: Database, casebook: Casebook) -> None:
    question = await unasked_question(database, casebook, "Какая столица у Австралии, подскажите?")
    assert await close(database, casebook, question) == [False]
    assert await value(database, "SELECT count(*) FROM bot_messages") == 0
