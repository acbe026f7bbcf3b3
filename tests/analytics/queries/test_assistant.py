"""What the bot was asked, how its answers are liked, and what it could not answer."""

from datetime import datetime
from typing import Any

from sqlalchemy import text

from analytics.queries import assistant
from analytics.queries.assistant import Draft, PromptRow, QuestionStep, ReasonRow, VoteStep
from core.db.models import Citation, Feedback, Handover, Suggestion
from core.db.session import Database
from core.domain.access import AccessScope
from tests.analytics.queries.asking import EVERY, MOSCOW, PERIOD
from tests.analytics.queries.scene import add, answered, asked, at, index, key, unit, vector
from tests.ingestion.road import CHAT, observed, put

OTHER = CHAT - 1
MONDAY = datetime(2026, 3, 2, tzinfo=MOSCOW)


def scope(channel: str = "bot", *chats: int) -> dict[str, Any]:
    return {"scope": {"channel": channel, "every_chat": not chats, "chats": list(chats), "public": False}}


async def vote(database: Database, answer_id: object, voter: str, vote_: int, minute: float, **fields: Any) -> None:
    row = {
        "answer_id": answer_id,
        "voter": voter,
        "role": "client",
        "vote": vote_,
        "by": "button",
        "voted_at": at(minute),
    }
    await add(database, Feedback, **{**row, **fields})


async def test_a_question_counts_once_with_its_latest_answer(database: Database) -> None:
    edited = await answered(database, 1, 1, refused=True)
    latest = await answered(database, 2, 2)
    question_id = await asked(database, latest, 1)
    async with database.transaction() as session:  # the first answer was to an earlier edition
        link = "UPDATE answers SET question_id = :question WHERE answer_id = :answer"
        await session.execute(text(link), {"question": question_id, "answer": edited})
    await answered(database, 3, 3, model=None, prompt=None)
    refused = await answered(database, 4, 4, refused=True)
    handed = {
        "handover_id": key("h"),
        "question_id": await asked(database, refused, 4),
        "why": "asked",
        "candidates": [],
    }
    await add(database, Handover, **handed)
    await answered(database, 5, 5, **scope("suggestion", CHAT))  # nobody asked the bot
    async with database.reading() as session:
        (found,) = await assistant.questions(session, EVERY, PERIOD, "day")
        listed = await assistant.answers(session, EVERY, PERIOD)
        refusals = await assistant.answers(session, EVERY, PERIOD, refused=True)
    assert found == QuestionStep(at=MONDAY, asked=3, refused=1, quoted=1, handed_over=1)
    assert found.answered == 2
    assert [one.question for one in listed] == [f"Вопрос {n}" for n in (5, 4, 3, 2)]
    assert [(one.question, one.handover) for one in refusals] == [("Вопрос 4", "open")]


async def test_an_answer_with_its_sources_and_votes(database: Database) -> None:
    await put(database, [observed(1)])
    answer_id = await answered(database, 1, 1, evidence={"reason": "weak"}, latency_ms={"total": 1234})
    await asked(database, answer_id, 1)
    for rank, message_ids in ((1, [40, 41]), (2, [])):
        row = {"rank": rank, "unit_id": "u", "chat_id": CHAT, "message_ids": message_ids, "score": 1.0}
        await add(database, Citation, answer_id=answer_id, **row)
    await vote(database, answer_id, "a", 1, 1)
    await vote(database, answer_id, "b", -1, 1)
    async with database.reading() as session:
        (one,) = await assistant.answers(session, EVERY, PERIOD)
    assert (one.chat, one.channel, one.reason, one.latency_ms) == ("Polka: support", "bot", "weak", 1234)
    assert (one.up, one.down, one.links) == (1, 1, ["https://t.me/c/1234567890/40"])


async def test_thumbs_go_with_the_prompt_and_the_day_of_the_vote(database: Database) -> None:
    old, new = await answered(database, 1, 1), await answered(database, 2, 2, prompt="answer@2")
    quoted = await answered(database, 3, 3, prompt=None, model=None)
    await vote(database, old, "a", 1, 2000)
    await vote(database, old, "b", -1, 5, reason="wrong", correction="Вот так")
    await vote(database, new, "a", -1, 5, reason="wrong")
    await vote(database, quoted, "a", -1, 5)
    async with database.reading() as session:
        votes = await assistant.votes(session, EVERY, PERIOD, "day")
        prompts = await assistant.prompts(session, EVERY, PERIOD)
        reasons = await assistant.reasons(session, EVERY, PERIOD)
    tuesday = datetime(2026, 3, 3, tzinfo=MOSCOW)
    assert votes == [
        VoteStep(MONDAY, "answer@1", 0, 1),
        VoteStep(MONDAY, "answer@2", 0, 1),
        VoteStep(MONDAY, None, 0, 1),
        VoteStep(tuesday, "answer@1", 1, 0),
    ]
    assert prompts == [
        PromptRow(None, 1, at(3), at(3), 0, 1),
        PromptRow("answer@2", 1, at(2), at(2), 0, 1),
        PromptRow("answer@1", 1, at(1), at(1), 1, 1),
    ]
    assert reasons == [ReasonRow("wrong", 2, 1), ReasonRow("none", 1, 0)]


async def test_an_answer_is_seen_by_those_who_see_every_chat_it_was_searched_in(database: Database) -> None:
    await answered(database, 1, 1, **scope("bot", CHAT))
    await answered(database, 2, 2, **scope("bot", CHAT, OTHER))
    await answered(database, 3, 3, **scope("bot"))
    await answered(database, 4, 4, scope={"channel": "bot", "every_chat": True, "chats": [CHAT]})  # the wider of two
    await answered(database, 5, 5, scope={})
    seen = {
        "one": AccessScope.chats([CHAT]),
        "both": AccessScope.chats([CHAT, OTHER, -7]),
        "other": AccessScope.chats([OTHER]),
        "all": EVERY,
    }
    async with database.reading() as session:
        found = {
            name: [one.question[-1] for one in await assistant.answers(session, allowed, PERIOD)][::-1]
            for name, allowed in seen.items()
        }
    assert found == {"one": ["1"], "both": ["1", "2"], "other": [], "all": ["1", "2", "3", "4", "5"]}


async def test_gaps_are_refused_questions_put_together(database: Database) -> None:
    await answered(database, 1, 1, refused=True, question_vector=vector(1), question="Есть API?")
    latest = await answered(database, 2, 2, refused=True, question_vector=vector(1), question="А API у вас есть?")
    await asked(database, latest, 2)
    await answered(database, 3, 3, question_vector=vector(1))  # it was answered
    drafted = await answered(
        database, 4, 4, refused=True, question_vector=vector(2), question="Весы?", **scope("suggestion", OTHER)
    )
    row = {"chat_id": OTHER, "message_id": 9, "summary": "s", "urgent": False, "answer_id": drafted}
    await add(database, Suggestion, **row)
    await answered(database, 5, 5, refused=True, question="")  # its words were deleted
    async with database.reading() as session:
        api, scales = await assistant.gaps(session, EVERY, PERIOD)
    assert (api.gap.question, api.gap.wordings, api.gap.count) == ("А API у вас есть?", ["Есть API?"], 2)
    assert (api.chat_ids, api.draft) == ([CHAT], None)
    assert (scales.gap.answer_ids, scales.chat_ids) == ([drafted], [OTHER])


async def test_the_draft_of_a_gap_is_staffs_own_word(database: Database) -> None:
    """To any of its questions, the latest; a hand-over's reply or a correction."""
    for number, said in ((1, "Пока нет"), (2, "Есть с мая"), (3, None)):
        answer_id = await answered(database, number, number, refused=True, question="Есть API?")
        question_id = await asked(database, answer_id, number)
        handed = {"handover_id": key(number), "question_id": question_id, "why": "asked", "candidates": []}
        state = "open" if said is None else "answered"
        await add(database, Handover, **handed, state=state, reply=said)
    corrected = await answered(database, 4, 4, refused=True, question="Где склад?")
    await vote(database, corrected, "a", -1, 4, correction="В меню")
    async with database.reading() as session:
        api, stock = await assistant.gaps(session, EVERY, PERIOD)
    assert api.draft == Draft("Есть с мая", "staff", None, None, None)  # type: ignore[arg-type]
    assert stock.draft is not None
    assert stock.draft.text == "В меню"


async def test_the_nearest_draft_is_an_answer_of_staff_in_a_chat_that_may_be_seen(database: Database) -> None:
    await index(database)
    answer_id = await answered(database, 1, 1, refused=True, question_vector=vector(1))
    await unit(database, 10, None, 1)  # nobody answered it
    await unit(database, 20, "Так.", 1, chat_id=OTHER)
    await unit(database, 30, "Иначе.", 2)
    await unit(database, 40, "Ещё не найти.", None)
    async with database.reading() as session:
        every = await assistant.nearest_draft(session, EVERY, PERIOD, answer_id)
        own = await assistant.nearest_draft(session, AccessScope.chats([CHAT]), PERIOD, answer_id)
        assert await assistant.nearest_draft(session, AccessScope.chats([OTHER]), PERIOD, answer_id) is None
    assert every is not None
    assert own is not None
    assert (every.text, every.fit, every.unit_id) == ("Так.", 1.0, f"{OTHER}:20")
    assert (own.text, own.fit, own.link) == ("Иначе.", 0.0, "https://t.me/c/1234567890/30")


async def test_a_vector_of_another_model_finds_nothing(database: Database) -> None:
    await index(database)
    await unit(database, 20, "Так.", 1)
    answer_id = await answered(database, 1, 1, refused=True, question_vector=[1.0, 0.0])
    async with database.reading() as session:
        assert await assistant.nearest_draft(session, EVERY, PERIOD, answer_id) is None
