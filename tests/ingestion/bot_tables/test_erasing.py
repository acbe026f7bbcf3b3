"""Erasing a person reaches all that they asked, voted and answered through the bot."""

from dataclasses import asdict

from core.db.session import Database
from core.streams.broker import connect, make_broker
from ingestion.erasure import Erased, forget
from tests.ingestion.bot_tables import seeding
from tests.ingestion.bot_tables.seeding import ASKER, STAFF
from tests.ingestion.road import CHAT, PSEUDONYMS, observed, put, rows, value

PRIVATE = PSEUDONYMS.private_chat(7)
OTHER = PSEUDONYMS.person("user8")
COUNTS = """SELECT (SELECT count(*) FROM questions) AS questions, (SELECT count(*) FROM question_messages) AS messages,
    (SELECT count(*) FROM answers) AS answers, (SELECT count(*) FROM feedback) AS votes,
    (SELECT count(*) FROM handovers) AS handovers, (SELECT count(*) FROM suggestions) AS suggestions,
    (SELECT count(*) FROM vetted_answers) AS vetted, (SELECT count(*) FROM data_units) AS units,
    (SELECT count(*) FROM bot_messages) AS shown"""


async def erase(database: Database, redis_url: str, person: str, private_chat: int = PRIVATE) -> Erased:
    broker = make_broker(redis_url)
    try:
        return await forget(database, await connect(broker), person, private_chat)
    finally:
        await broker.stop()


async def one_of_all(database: Database, person: str, message_id: int, chat_id: int) -> None:
    """Everything that can come of one person: asked in their private chat, answered, voted, handed over, suggested."""
    await put(database, [observed(message_id).model_copy(update={"sender": person})])
    async with database.transaction() as session:
        answer_id = await seeding.answer(session)
        await seeding.vote(session, answer_id, person)
        question_id = await seeding.question(session, message_id, asker=person, chat_id=chat_id, answer_id=answer_id)
        await seeding.answers(session, question_id, await seeding.answer(session))  # before it was edited
        await seeding.shown(session, "answer", question_id, chat_id=chat_id)
        handover_id = await seeding.handover(session, question_id, state="answered", reply="Звоните", answered_by=STAFF)
        await seeding.shown(session, "reply", handover_id, chat_id=chat_id, html="Звоните")
        await seeding.vetted(session, handover_id, asker=person, chat_id=chat_id)
        drafted = await seeding.answer(session)
        await seeding.suggestion(session, message_id, draft="Звоните", answer_id=drafted)


async def test_all_of_the_asker_goes_and_nothing_of_another(database: Database, redis_url: str) -> None:
    await one_of_all(database, OTHER, 8, CHAT)
    left = await rows(database, COUNTS)
    await one_of_all(database, ASKER, 7, PRIVATE)
    erased = await erase(database, redis_url, ASKER)
    assert asdict(erased) == asdict(
        Erased(messages=1, units=1, answers=3, questions=1, votes=1, vetted=1, suggestions=1)
    )
    assert await rows(database, COUNTS) == left
    assert await erase(database, redis_url, ASKER) == Erased()


async def test_answers_to_others_that_rested_on_them_are_taken_back(database: Database, redis_url: str) -> None:
    await put(database, [observed(1, who="user7")])
    async with database.transaction() as session:
        vetted_id = await seeding.vetted(session, await seeding.handover(session, await seeding.question(session, 3)))
        for number, (unit_id, cited) in enumerate([("u", [1]), (f"vetted:{vetted_id}", [])]):
            answer_id = await seeding.answer(session, model="claude-sonnet-5")
            await session.execute(seeding.citation(answer_id, unit_id=unit_id, message_ids=cited))
            question_id = await seeding.question(session, 10 + number, asker=OTHER, answer_id=answer_id)
            await seeding.shown(session, "answer", question_id)
    erased = await erase(database, redis_url, ASKER)
    assert (erased.questions, erased.answers, erased.vetted) == (1, 2, 1)
    assert [row["html"] for row in await rows(database, "SELECT html FROM bot_messages")] == ["", ""]
    assert await value(database, "SELECT count(*) FROM questions WHERE asker = :other", other=OTHER) == 2


async def test_what_a_member_of_staff_said_goes_and_that_it_was_answered_stays(
    database: Database, redis_url: str
) -> None:
    async with database.transaction() as session:
        question_id = await seeding.question(session, 3)
        handover_id = await seeding.handover(session, question_id, state="answered", reply="Звоните", answered_by=STAFF)
        await seeding.shown(session, "reply", handover_id, html="Звоните")
        await seeding.vetted(session, handover_id)
        suggestion_id = await seeding.suggestion(session, 5, state="sent", draft="Звоните", decided_by=STAFF)
        await seeding.shown(session, "reply", suggestion_id, html="Звоните")
    erased = await erase(database, redis_url, STAFF, PSEUDONYMS.private_chat(1))
    assert (erased.questions, erased.vetted, erased.units) == (0, 1, 1)
    assert await rows(database, "SELECT state, reply, answered_by FROM handovers") == [
        {"state": "answered", "reply": "", "answered_by": None}
    ]
    assert await rows(database, "SELECT draft, decided_by FROM suggestions") == [{"draft": None, "decided_by": None}]
    assert await rows(database, "SELECT kind, html FROM bot_messages ORDER BY kind") == [
        {"kind": "card", "html": ""},
        {"kind": "suggestion", "html": ""},
    ]
