"""From what people said to candidates: each origin, what goes before what, and what is never made twice."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, text

from core.contracts.messages import MessagesDeleted
from core.db.models import Answer, Feedback, Question
from core.db.session import Database, ReadSession
from core.domain.access import Role
from core.privacy.types import RawText
from evals.candidates import Edited, accept, edit, reject
from evals.harvest import Harvested, drafted, harvest
from ingestion.deleting import delete
from tests.core.index.units import put as put_units
from tests.core.index.units import vetted_unit
from tests.evals.scene import EMBEDDER, MASKER
from tests.ingestion.bot_tables import seeding
from tests.ingestion.bot_tables.seeding import ASKER, STAFF
from tests.ingestion.road import CHAT, NOON, PSEUDONYMS, QuickEmbedding, observed, put, rows, value

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
QUICK = QuickEmbedding()
QUOTED = "В похожем случае отвечали так:\n\nОбновите кассу до 5.8."
PRIVATE = PSEUDONYMS.private_chat(7)


async def asked(
    database: Database,
    words: str,
    *cited: int,
    message_id: int = 5,
    question: dict[str, Any] | None = None,
    **fields: Any,
) -> UUID:
    """A question in the chat, answered by quoting; the answer's id. `question`: fields of the question."""
    async with database.transaction() as session:
        answer_id = await seeding.answer(session, *cited, question=words, **{"answer": QUOTED, **fields})
        await seeding.question(session, message_id, words=words, answer_id=answer_id, **(question or {}))
        return answer_id


async def vote(database: Database, answer_id: UUID, value: int, voter: str = ASKER, **fields: Any) -> None:
    async with database.transaction() as session:
        await session.execute(text("DELETE FROM feedback WHERE voter = :voter"), {"voter": f"{voter}{answer_id}"})
        await seeding.vote(session, answer_id, f"{voter}{answer_id}", vote=value, **fields)


async def harvested(database: Database, embedder: Any = QUICK, since: datetime = LONG_AGO) -> Harvested:
    return await harvest(database, embedder, since)


async def cases(database: Database, *columns: str) -> list[tuple[Any, ...]]:
    query = f"SELECT {', '.join(columns)} FROM eval_cases ORDER BY made_at, question"
    return [tuple(row.values()) for row in await rows(database, query)]


# -- origins


async def test_a_yes_makes_the_answer_a_reference_with_what_it_rests_on(database: Database) -> None:
    answer_id = await asked(database, "Касса молчит, что делать?", 11, 10)
    await vote(database, answer_id, 1)
    assert await harvested(database) == Harvested(new=1, by_origin={"liked": 1})
    (row,) = await rows(database, "SELECT * FROM eval_cases")
    assert (row["origin"], row["source"], row["state"]) == ("liked", answer_id, "candidate")
    assert (row["question"], row["reference"]) == ("Касса молчит, что делать?", "Обновите кассу до 5.8.")
    assert (row["rests_on"], row["chat_id"]) == ([f"{CHAT}:10", f"{CHAT}:11"], CHAT)
    assert (row["language"], row["before"], row["must_refuse"]) == ("ru", [], False)


async def test_what_a_model_wrote_has_no_lead_to_be_cut_off(database: Database) -> None:
    words = "Сначала одно.\n\nПотом другое."
    await vote(database, await asked(database, "Как?", 10, answer=words, model="claude-sonnet-5"), 1)
    await harvested(database)
    assert await cases(database, "reference") == [(words,)]


async def test_a_yes_to_a_refusal_has_to_be_refused_again(database: Database) -> None:
    await vote(database, await asked(database, "Какая погода?", refused=True, answer="Не знаю."), 1)
    await harvested(database)
    assert await cases(database, "origin", "must_refuse", "reference") == [("liked", True, "")]


async def test_a_no_tells_its_reasons_and_no_answer(database: Database) -> None:
    answer_id = await asked(database, "Касса молчит", 10)
    await vote(database, answer_id, -1, reason="outdated")
    await vote(database, answer_id, -1, "other", reason="wrong")
    await vote(database, answer_id, 1, "third")
    await harvested(database)
    assert await cases(database, "origin", "remark", "reference", "rests_on", "must_refuse") == [
        ("disliked", "outdated, wrong", "", [], False)
    ]


async def test_what_should_not_have_been_said_has_to_be_refused(database: Database) -> None:
    await vote(database, await asked(database, "Чей это номер?", 10), -1, reason="should_not_have_said")
    await harvested(database)
    assert await cases(database, "origin", "must_refuse") == [("disliked", True)]


async def test_a_correction_is_the_reference_and_staffs_goes_before_a_clients(database: Database) -> None:
    answer_id = await asked(database, "Касса молчит", 10)
    await vote(database, answer_id, -1, correction="Позвоните", voted_at=NOON + timedelta(hours=1))
    await vote(database, answer_id, -1, STAFF, role="agent", correction="Обновите", voted_at=NOON)
    async with database.transaction() as session:
        vetted_id = await seeding.vetted(session, answer_id, origin="correction")
    await harvested(database)
    assert await cases(database, "origin", "reference", "rests_on") == [
        ("corrected", "Обновите", [f"vetted:{vetted_id}"])
    ]


async def test_what_staff_replied_to_a_question_that_was_handed_over(database: Database) -> None:
    async with database.transaction() as session:
        open_id = await seeding.handover(session, await seeding.question(session, 5, words="Где мой чек?"))
        done = await seeding.question(session, 6, words="Как вернуть деньги?")
        replied = await seeding.handover(session, done, state="answered", reply="Через журнал", answered_by=STAFF)
        vetted_id = await seeding.vetted(session, replied)
    await harvested(database)
    assert await cases(database, "origin", "source", "reference", "rests_on") == [
        ("escalated", open_id, "", []),
        ("staff_reply", replied, "Через журнал", [f"vetted:{vetted_id}"]),
    ]


async def test_a_reply_that_was_erased_with_its_author_is_no_reference(database: Database) -> None:
    async with database.transaction() as session:
        await seeding.handover(session, await seeding.question(session, 5), state="answered", reply="")
    assert (await harvested(database)).new == 0


async def test_a_draft_that_staff_sent(database: Database) -> None:
    await put(database, [observed(50, "Чек не печатается", who="user3")])
    async with database.transaction() as session:
        answer_id = await seeding.answer(session, 10)
        await seeding.suggestion(
            session, 50, state="sent", draft="Обновите кассу", answer_id=answer_id, decided_at=NOON
        )
        await seeding.suggestion(session, 51, state="dismissed", draft="Нет", decided_at=NOON)
    await harvested(database)
    assert await cases(database, "origin", "question", "reference", "rests_on", "chat_id") == [
        ("suggested", "Чек не печатается", "Обновите кассу", [f"{CHAT}:10", f"{CHAT}:50"], CHAT)
    ]


async def test_nothing_is_made_of_an_answer_that_nobody_voted_on_or_whose_source_is_gone(database: Database) -> None:
    await asked(database, "Касса молчит", 10)
    await vote(database, await asked(database, "Касса шумит", message_id=6, source_deleted_at=NOON), 1)
    assert (await harvested(database)).new == 0


async def test_only_what_was_said_since_then_counts(database: Database) -> None:
    await vote(database, await asked(database, "Касса молчит", 10), 1, voted_at=NOON)
    assert (await harvested(database, since=NOON + timedelta(seconds=1))).new == 0
    assert (await harvested(database, since=NOON)).new == 1


# -- who may see it, and what it follows


@pytest.mark.parametrize(
    ("role", "chat_id", "scope"), [("client", CHAT, CHAT), ("client", PRIVATE, PRIVATE), ("agent", CHAT, None)]
)
async def test_a_case_is_asked_as_whoever_asked_it(
    database: Database, role: Role, chat_id: int, scope: int | None
) -> None:
    await vote(database, await asked(database, "Касса молчит", 10, question={"role": role, "chat_id": chat_id}), 1)
    await harvested(database)
    assert await cases(database, "chat_id") == [(scope,)]


async def test_a_follow_up_has_the_questions_before_it_the_oldest_first_and_no_more_than_three(
    database: Database,
) -> None:
    follows = None
    async with database.transaction() as session:
        for number, words in enumerate(("самый первый", "раз", "два", "три"), 1):
            follows = await seeding.question(session, 10 * number, words=words, follows=follows)
    await vote(database, await asked(database, "а потом?", 10, question={"follows": follows}), 1)
    await harvested(database)
    assert await cases(database, "before") == [(["раз", "два", "три"],)]


async def test_the_parts_of_a_burst_are_one_question(database: Database) -> None:
    async with database.transaction() as session:
        first = await seeding.question(session, 10, 11, words="часть")
        await session.execute(text("UPDATE question_messages SET text = 'другая' WHERE message_id = 11"))
    await vote(database, await asked(database, "а потом?", 10, question={"follows": first}), 1)
    await harvested(database)
    assert await cases(database, "before") == [(["часть\nдругая"],)]


# -- one of what means the same


async def test_of_those_that_mean_the_same_the_most_telling_is_kept(database: Database) -> None:
    liked = await asked(database, "чек не печатается, принтер мигает", 10)
    disliked = await asked(database, "не печатается чек, мигает принтер", 10, message_id=6)
    other = await asked(database, "как вернуть деньги покупателю", 20, message_id=7)
    await vote(database, liked, 1)
    await vote(database, disliked, -1)
    await vote(database, other, 1)
    found = await harvested(database, EMBEDDER)
    assert found == Harvested(new=2, same=1, by_origin={"liked": 2})
    assert {row[0] for row in await cases(database, "source")} == {liked, other}
    assert (await harvested(database, EMBEDDER)) == Harvested(same=1)


async def test_the_same_question_in_another_chat_is_another_case(database: Database) -> None:
    await vote(database, await asked(database, "чек не печатается", 10), 1)
    await vote(database, await asked(database, "чек не печатается", 10, message_id=6, question={"role": "agent"}), 1)
    assert (await harvested(database, EMBEDDER)).new == 2


async def test_the_same_words_after_something_else_are_another_case(database: Database) -> None:
    for number, words in enumerate(("чек не печатается", "как вернуть деньги покупателю")):
        async with database.transaction() as session:
            before = await seeding.question(session, 100 + number, words=words)
        answer_id = await asked(database, "А если не поможет?", 10, message_id=5 + number, question={"follows": before})
        await vote(database, answer_id, 1)
    assert (await harvested(database, EMBEDDER)).new == 2


async def test_what_staff_answered_later_takes_the_place_of_a_no_to_the_same_question(database: Database) -> None:
    answer_id = await asked(database, "чек не печатается", 10)
    await vote(database, answer_id, -1)
    assert (await harvested(database)).by_origin == {"disliked": 1}
    question_id = await value(database, "SELECT question_id FROM questions")
    async with database.transaction() as session:
        replied = await seeding.handover(
            session, question_id, why="downvoted", state="answered", reply="Обновите кассу"
        )
    assert await harvested(database) == Harvested(changed=1)
    assert await cases(database, "origin", "source", "reference") == [("staff_reply", replied, "Обновите кассу")]
    assert await harvested(database) == Harvested(same=1)  # the "no" itself


async def test_vectors_of_another_model_say_nothing(database: Database) -> None:
    await vote(database, await asked(database, "чек не печатается", 10), 1)
    await harvested(database)
    async with database.transaction() as session:
        await session.execute(text("UPDATE eval_cases SET embedding = embedding[1:100]"))
    await vote(database, await asked(database, "чек не печатается", 10, message_id=6), 1)
    assert (await harvested(database)).new == 1


# -- what changes


async def test_who_votes_otherwise_changes_the_candidate(database: Database) -> None:
    answer_id = await asked(database, "Касса молчит", 10)
    await vote(database, answer_id, 1)
    await harvested(database)
    await vote(database, answer_id, -1, reason="wrong")
    assert await harvested(database) == Harvested(changed=1)
    await vote(database, answer_id, -1, reason="outdated")
    assert await harvested(database) == Harvested(changed=1)
    assert await harvested(database) == Harvested()
    assert await cases(database, "origin", "reference", "rests_on", "remark") == [("disliked", "", [], "outdated")]


@pytest.mark.parametrize("decision", ["accepted", "rejected", "edited"])
async def test_what_a_person_did_is_not_undone(database: Database, decision: str) -> None:
    answer_id = await asked(database, "Касса молчит", 10)
    await vote(database, answer_id, 1)
    await harvested(database)
    case_id = await value(database, "SELECT case_id FROM eval_cases")
    async with database.transaction() as session:
        if decision == "edited":
            said = Edited(
                question="Касса не слышит", before=[], reference="Иначе", facts=[], must_refuse=False, must_not_say=[]
            )
            await edit(session, case_id, said, lambda words: MASKER.mask(RawText(words)).text)
        else:
            await (accept if decision == "accepted" else reject)(session, case_id, "me")
    before = await rows(database, "SELECT * FROM eval_cases")
    await vote(database, answer_id, -1)
    assert await harvested(database) == Harvested(decided=1)
    assert await rows(database, "SELECT * FROM eval_cases") == before


async def test_what_was_deleted_while_the_questions_were_embedded_makes_no_case(database: Database) -> None:
    """The message that the answer rests on goes, and the words of another question."""
    await put(database, [observed(10, who="user3")])
    rested = await asked(database, "Касса молчит", 10)
    unasked = await asked(database, "Касса шумит", message_id=6, answer="Не знаю.", refused=True)
    kept = await asked(database, "Касса поёт", 20, message_id=7)
    for answer_id in (rested, unasked, kept):
        await vote(database, answer_id, 1)

    class Deleting(QuickEmbedding):
        """Takes its time."""

        async def _aget_query_embedding(self, query: str) -> list[float]:
            if not await value(database, "SELECT count(*) FROM deleted_messages"):
                gone = MessagesDeleted(chat_id=CHAT, message_ids=(6, 10), seen_at=NOON)
                async with database.transaction() as session:
                    await delete(session, [gone])
            return self.vector(query)

    assert (await harvested(database, Deleting())).new == 1
    assert await cases(database, "source") == [(kept,)]


# -- many


async def test_a_thousand_votes_are_embedded_once_each(database: Database) -> None:
    count = 1_000
    async with database.transaction() as session:
        questions = [
            {"asker": ASKER, "role": "client", "chat_id": CHAT, "origin": "group", "state": "answered"}
        ] * count
        ids = (await session.scalars(insert(Question).returning(Question.question_id), questions)).all()
        said = [
            {"question_id": one, "question": f"вопрос номер {number}", "answer": QUOTED, "refused": False, "language": "ru",
             "scope": {}, "evidence": {}, "latency_ms": {}}
            for number, one in enumerate(ids)
        ]  # fmt: skip
        answered = (await session.scalars(insert(Answer).returning(Answer.answer_id), said)).all()
        votes = [{"answer_id": one, "voter": ASKER, "role": "client", "vote": 1, "by": "button"} for one in answered]
        await session.execute(insert(Feedback), votes)

    embedded: list[str] = []

    class Listening(QuickEmbedding):
        """Hears what it embeds. Its vectors lie far from each other: those of `QuickEmbedding` have no negative side."""

        async def _aget_query_embedding(self, query: str) -> list[float]:
            embedded.append(query)
            digest = hashlib.shake_128(query.encode()).digest(384)
            length = sum((byte - 128) ** 2 for byte in digest) ** 0.5
            return [(byte - 128) / length for byte in digest]

    listening = Listening()
    assert (await harvested(database, listening)).new == count
    assert len(embedded) == count
    assert await harvested(database, listening) == Harvested()
    assert len(embedded) == count


async def test_drafts_come_in_one_order_however_the_tables_tell_them(database: Database) -> None:
    for number in range(4):
        await vote(
            database, await asked(database, f"вопрос {number}", 10, message_id=50 + number), 1 if number % 2 else -1
        )
    async with database.reading() as session:
        found: Sequence[Any] = await drafted(ReadSession(session), LONG_AGO)
    assert [one.origin for one in found] == ["liked", "liked", "disliked", "disliked"]
    assert list(found) == sorted(found, key=lambda one: (one.origin == "disliked", str(one.source)))


async def test_a_vetted_answer_among_the_sources_is_named_by_itself(database: Database) -> None:
    await put_units(database, vetted_unit(1, "Касса молчит"))
    answer_id = await asked(database, "Касса молчит")
    async with database.transaction() as session:
        await session.execute(seeding.citation(answer_id, unit_id=f"vetted:{UUID(int=1)}", message_ids=[]))
    await vote(database, answer_id, 1)
    await harvested(database)
    assert await cases(database, "rests_on") == [([f"vetted:{UUID(int=1)}"],)]
