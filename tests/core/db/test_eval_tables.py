"""What evals keep follows what it rests on: deletions, edits, erasures, withdrawn answers and new keys reach all of it."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, text

from assistant.vetted import vet, withdraw
from core.contracts.messages import MessagesDeleted
from core.db.models import EvalCase
from core.db.session import Database
from core.privacy.pseudonyms import Pseudonyms
from core.streams.broker import connect, make_broker
from evals.candidates import accept
from evals.harvest import harvest
from ingestion.deleting import delete
from ingestion.erasure import forget
from ingestion.rotation import renew
from tests.assistant.test_vetted import vetted
from tests.core.index.units import embed
from tests.evals.scene import EMBEDDER, TALK, case, connected, judge, plan, silent, talked
from tests.evals.test_harvest import LONG_AGO
from tests.ingestion.bot_tables import seeding
from tests.ingestion.bot_tables.seeding import ASKER
from tests.ingestion.road import CHAT, KEY, NOON, PSEUDONYMS, QuickEmbedding, observed, place_all, put, rows, value

PRINTER = TALK[0][1]
"""What message 11 says: the answer to the case `receipt`."""
PRIVATE = PSEUDONYMS.private_chat(7)


@pytest.fixture
async def measured(database: Database) -> Database:
    """The talk, measured and judged, with an accepted case that rests on messages 10 and 11 and one that does not."""
    await talked(database)
    for words, cited in (("принтер мигает", (10, 11)), ("где мой сканер", (40, 41))):
        await own(database, words, cited)
    async with connected(database) as (runner, _):
        assert not (await runner.run(plan(judge=judge()), silent)).failed
    return database


async def own(database: Database, words: str, cited: tuple[int, ...], **fields: Any) -> UUID:
    made = {
        "origin": "liked", "source": uuid4(), "question": words, "language": "ru", "chat_id": CHAT, "embedding": [1.0],
        "rests_on": [f"{CHAT}:{one}" for one in cited], "reference": f"{words}: ответ", "remark": words, "before": [words],
        "facts": [[words]], "must_not_say": [words], **fields,
    }  # fmt: skip
    async with database.transaction() as session:
        case_id: UUID = (await session.execute(insert(EvalCase).values(made).returning(EvalCase.case_id))).scalar_one()
        await accept(session, case_id, "me")
    return case_id


async def dump(database: Database, *tables: str) -> str:
    """Every row of these tables, or of all."""
    every = "SELECT CAST(oid AS regclass)::text AS name FROM pg_class WHERE relkind = 'r'"
    own = await rows(database, f"{every} AND relnamespace = 'public'::regnamespace")
    names = tables or [row["name"] for row in own]
    return "\n".join([str(await rows(database, f"SELECT t::text FROM {name} AS t")) for name in names])


EVALS = ("eval_cases", "eval_results", "eval_replies")


async def remove(database: Database, *message_ids: int) -> None:
    async with database.transaction() as session:
        await delete(session, [MessagesDeleted(chat_id=CHAT, message_ids=message_ids, seen_at=NOON)])


async def states(database: Database) -> dict[str, str]:
    return {row["question"]: row["state"] for row in await rows(database, "SELECT question, state FROM eval_cases")}


async def test_a_deletion_takes_every_word_and_leaves_the_marks(measured: Database) -> None:
    before = await rows(measured, "SELECT case_id, scores FROM eval_results ORDER BY case_id")
    assert PRINTER in await dump(measured, *EVALS)
    assert "принтер мигает" in await dump(measured, "eval_cases")
    await remove(measured, 11)
    left = await dump(measured)
    assert PRINTER not in left
    assert PRINTER.split(" → ")[1][:20] not in left
    assert "принтер мигает" not in await dump(measured, "eval_cases")
    assert await states(measured) == {"": "withdrawn", "где мой сканер": "accepted"}
    assert await rows(measured, "SELECT case_id, scores FROM eval_results ORDER BY case_id") == before


async def test_what_was_only_found_beside_others_may_have_its_words_too(measured: Database) -> None:
    """All four units are found for every question, so every answer may have words of any. One rests elsewhere."""
    async with measured.transaction() as session:
        await session.execute(text("UPDATE eval_results SET rests_on = '{-5:10}' WHERE case_id = 'excel'"))
    await remove(measured, 10)
    assert [row["case_id"] for row in await rows(measured, "SELECT case_id FROM eval_results WHERE answer <> ''")] == [
        "excel"
    ]
    kept = await rows(measured, "SELECT rests_on FROM eval_results WHERE answer <> '' OR verdict IS NOT NULL")
    assert not [row for row in kept if f"{CHAT}:10" in row["rests_on"]]
    assert not [
        row for row in await rows(measured, "SELECT rests_on FROM eval_replies") if f"{CHAT}:10" in row["rests_on"]
    ]


async def test_an_edit_has_a_person_look_again_and_takes_what_quotes_the_former_words(measured: Database) -> None:
    edited = observed(11, "Обновите прошивку.", who="staff1", reply_to=10, minutes=605, edit_version=9)
    await put(measured, [edited])
    assert await states(measured) == {"принтер мигает": "candidate", "где мой сканер": "accepted"}
    assert await value(measured, "SELECT decided_by FROM eval_cases WHERE state = 'candidate'") is None
    assert PRINTER not in await dump(measured, "eval_results", "eval_replies")
    await put(measured, [observed(20, TALK[1][0], who="user2", minutes=1200, edit_version=9)])  # nothing was changed
    assert await states(measured) == {"принтер мигает": "candidate", "где мой сканер": "accepted"}


async def test_a_question_to_the_bot_takes_its_case_with_it(measured: Database) -> None:
    async with measured.transaction() as session:
        question_id = await seeding.question(session, 70, words="почему мигает")
    case_id = await own(measured, "почему мигает", (40,), question_id=question_id)
    asked = case(str(case_id), "почему мигает", relevant_messages=((CHAT, 10),))
    async with connected(measured) as (runner, _):
        await runner.run(plan(cases=(asked,), label="own"), silent)
    await remove(measured, 70)
    assert "почему мигает" not in await dump(measured, *EVALS)
    assert await value(measured, "SELECT state FROM eval_cases WHERE case_id = :id", id=case_id) == "withdrawn"


async def erase(database: Database, redis_url: str, who: str) -> None:
    broker = make_broker(redis_url)
    try:
        await forget(database, await connect(broker), PSEUDONYMS.person(who), PRIVATE)
    finally:
        await broker.stop()


async def test_erasing_who_wrote_it_erases_it(measured: Database, redis_url: str) -> None:
    await erase(measured, redis_url, "user1")
    assert await states(measured) == {"": "withdrawn", "где мой сканер": "accepted"}
    assert TALK[0][0] not in await dump(measured)
    assert PRINTER not in await dump(measured, *EVALS)


async def test_erasing_who_asked_the_bot_erases_the_case_itself(measured: Database, redis_url: str) -> None:
    async with measured.transaction() as session:
        answer_id = await seeding.answer(session, 40, question="а сканер?")
        await seeding.question(session, 70, words="а сканер?", answer_id=answer_id)
        await seeding.vote(session, answer_id, vote=1)
    await harvest(measured, QuickEmbedding(), LONG_AGO)
    assert "а сканер?" in await dump(measured, "eval_cases")
    await erase(measured, redis_url, "user7")
    assert "а сканер?" not in await dump(measured)
    assert await value(measured, "SELECT count(*) FROM eval_cases") == 2


async def test_erasing_who_answered_for_the_team_takes_what_rests_on_their_words(
    measured: Database, redis_url: str
) -> None:
    async with measured.transaction() as session:
        vetted_id = await seeding.vetted(session, uuid4())
    await own(measured, "зовите", (), rests_on=[f"vetted:{vetted_id}"])
    await erase(measured, redis_url, "staff1")
    assert "зовите" not in await states(measured)
    assert PSEUDONYMS.person("staff1") != ASKER


async def test_a_vetted_answer_that_is_taken_back_takes_its_case_and_a_new_one_has_it_looked_at_again(
    measured: Database,
) -> None:
    source = uuid4()
    async with measured.transaction() as session:
        vetted_id = await vet(session, vetted("Через журнал", source))
    await embed(measured, EMBEDDER)
    await own(measured, "как вернуть", (), rests_on=[f"vetted:{vetted_id}"])
    async with connected(measured) as (runner, _):
        await runner.run(
            plan(cases=(case("refund", "Как вернуть деньги покупателю?", reference="x"),), label="own"), silent
        )
    assert "Через журнал" in await dump(measured, "eval_results", "eval_replies")
    async with measured.transaction() as session:
        await vet(session, vetted("Через чек", source))
    assert (await states(measured))["как вернуть"] == "candidate"
    assert "Через журнал" not in await dump(measured, "eval_results", "eval_replies")
    async with measured.transaction() as session:
        await withdraw(session, vetted_id)
    assert "как вернуть" not in await states(measured)


async def test_a_new_key_renames_private_chats_and_nothing_else(database: Database) -> None:
    other = "другой чат"
    await put(database, [observed(10, "Касса молчит", chat_id=PRIVATE)])
    await place_all(database, PRIVATE)
    await own(database, "касса молчит", (), chat_id=PRIVATE, rests_on=[f"{PRIVATE}:10", f"{PRIVATE}0:10", "vetted:a"])
    await own(database, other, (10,))
    async with database.transaction() as session:
        await session.execute(text("UPDATE chats SET kind = 'private'"))
        await renew(session, KEY, bytes(reversed(KEY)))
    later = Pseudonyms(KEY, bytes(reversed(KEY))).renewed_private_chat(PRIVATE)
    found = {
        row["question"]: (row["chat_id"], row["rests_on"]) for row in await rows(database, "SELECT * FROM eval_cases")
    }
    assert found["касса молчит"] == (later, [f"{later}:10", f"{PRIVATE}0:10", "vetted:a"])
    assert found[other] == (CHAT, [f"{CHAT}:10"])
    assert later != PRIVATE
