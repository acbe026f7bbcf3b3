"""Who waits at this moment, what was urgent, and how much goes on."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text

from analytics.queries import now
from analytics.queries.inputs import Period
from analytics.queries.now import Waiting
from core.db.models import Handover, Question, QuestionMessage, Suggestion
from core.db.session import Database
from core.domain.lanes import Lane
from tests.analytics.queries.asking import EVERY, MOSCOW, PERIOD
from tests.analytics.queries.scene import ASKS, TELLS, THANKS, add, appraisal, at, key, said, window
from tests.ingestion.road import CHAT, NOON


async def waiting(database: Database, period: Period = PERIOD, limit: int = 50) -> list[Waiting]:
    async with database.reading() as session:
        found = await now.waiting(session, EVERY, period, limit)
        counters = await now.counters(session, EVERY, period, period.until)
        if limit == 50:
            assert counters.waiting == len(found)
            assert counters.waiting_since == min((one.since for one in found), default=None)
        return list(found)


async def test_the_longest_first_with_a_link_and_what_is_known(database: Database) -> None:
    await said(
        database, (1, 300, "user1", "Касса зависла, что делать?"), (2, 30, "user2", ASKS), (3, 40, "user3", "ок")
    )
    await appraisal(database, 1, summary="Касса зависла", suggestion="Перезагрузите")
    await add(database, Suggestion, chat_id=CHAT, message_id=2, summary="s", urgent=False, draft="Проверьте бумагу")
    first, second = await waiting(database)
    assert (first.message_id, first.thread_id, first.since, first.why) == (2, 2, at(30), "question")
    assert (first.link, first.text, first.suggestion) == ("https://t.me/c/1234567890/2", ASKS, "Проверьте бумагу")
    assert first.since.tzinfo == MOSCOW
    assert (second.message_id, second.category, second.urgent) == (1, "problem", True)
    assert (second.summary, second.suggestion) == ("Касса зависла", "Перезагрузите")
    assert [one.message_id for one in await waiting(database, limit=1)] == [2]


async def test_whom_staff_has_answered_waits_no_more_and_who_asks_again_waits_again(database: Database) -> None:
    await said(database, (1, 1, "user1", ASKS), (2, 5, "staff1", TELLS, {"reply_to": 1}))
    assert await waiting(database) == []
    await said(database, (3, 50, "user1", "Опять не печатается, что делать?", {"reply_to": 2}))
    assert [one.message_id for one in await waiting(database)] == [3]
    await said(database, (4, 60, "staff1", TELLS, {"reply_to": 3}))
    assert await waiting(database) == []


@pytest.mark.parametrize(
    ("resolved", "minute", "waits"), [(True, 9, False), (False, 9, True), (None, 9, True), (True, 0, True)]
)
async def test_what_the_analysis_calls_settled_does_not_wait(
    database: Database, resolved: bool | None, minute: float, waits: bool
) -> None:
    """Unless it was asked after that."""
    await said(database, (1, 1, "user1", ASKS))
    await window(database, [1], minute, topics={"чек": {"resolved": resolved}})
    assert bool(await waiting(database)) is waits


@pytest.mark.parametrize("requires", [True, False])
async def test_the_fast_lane_may_say_that_a_question_needs_no_answer(database: Database, requires: bool) -> None:
    await said(database, (1, 1, "user1", ASKS))
    await appraisal(database, 1, requires_response=requires)
    assert bool(await waiting(database)) is requires


async def test_a_message_that_is_no_question_waits_by_the_word_of_the_analysis(database: Database) -> None:
    complaint = "Третий день касса стоит."
    await said(
        database, (1, 1, "user1", complaint), (2, 500, "user2", complaint), (3, 505, "staff1", TELLS, {"reply_to": 2})
    )
    await said(database, (4, 506, "user2", THANKS, {"reply_to": 3}))
    for message_id in (1, 2):
        await appraisal(database, message_id)
    (one,) = await waiting(database)
    assert (one.message_id, one.why, one.text) == (1, "analysis", complaint)
    await window(database, [1], 9, topics={"касса": {"resolved": True}})
    assert await waiting(database) == []


async def test_the_word_of_the_analysis_counts_for_some_weeks(database: Database) -> None:
    await said(database, (1, 1, "user1", "Третий день касса стоит."), (2, 500, "user2", ASKS))
    await appraisal(database, 1)
    late = Period(PERIOD.since, PERIOD.since + timedelta(days=now.LATELY_DAYS + 3), MOSCOW)
    assert [one.message_id for one in await waiting(database, late)] == [2]


@pytest.mark.parametrize(
    ("state", "waits"),
    [("waiting", False), ("answered", False), ("refused", True), ("failed", True), ("dropped", True)],
)
async def test_what_the_bot_answers_waits_for_nobody(database: Database, state: str, waits: bool) -> None:
    await said(database, (1, 1, "user1", ASKS))
    question_id = key(state)
    asked: dict[str, Any] = {"asker": "a", "role": "client", "chat_id": CHAT, "origin": "group", "state": state}
    await add(database, Question, question_id=question_id, **asked)
    await add(database, QuestionMessage, chat_id=CHAT, message_id=1, question_id=question_id, edit_version=0, text=ASKS)
    assert bool(await waiting(database)) is waits


@pytest.mark.parametrize("private", [False, True])
async def test_a_question_that_was_handed_over_waits_for_a_human(database: Database, private: bool) -> None:
    chat_id, question_id = 777 if private else CHAT, key("q")
    asked: dict[str, Any] = {
        "asker": "a",
        "role": "client",
        "chat_id": chat_id,
        "origin": "private",
        "state": "refused",
    }
    await add(database, Question, question_id=question_id, **asked)
    row = {"message_id": 5, "question_id": question_id, "edit_version": 0, "text": "Где чек?"}
    await add(database, QuestionMessage, chat_id=chat_id, **row)
    handed = {
        "handover_id": key("h"),
        "question_id": question_id,
        "why": "asked",
        "candidates": [],
        "opened_at": at(20),
    }
    await add(database, Handover, **handed)
    (one,) = await waiting(database)
    assert (one.why, one.since, one.text, one.message_id, one.thread_id) == ("handover", at(20), "Где чек?", 5, None)
    assert (one.link is None) is private
    async with database.transaction() as session:
        await session.execute(text("UPDATE handovers SET state = 'answered', reply = 'Вот'"))
    assert await waiting(database) == []


async def test_alerts_are_the_fast_lanes_and_tell_what_became_of_them(database: Database) -> None:
    await said(database, (1, 1, "user1", ASKS), (2, 5, "staff1", TELLS, {"reply_to": 1}), (3, 600, "user3", ASKS))
    await said(database, (4, 601, "user4", "Где накладная?"))
    found = await window(database, [4], 700)
    await appraisal(database, 1, made_at=at(2))
    await appraisal(database, 3, made_at=at(601), state="ready", urgent=None, requires_response=None, summary=None)
    await appraisal(database, 4, made_at=at(602), window_id=found)
    async with database.reading() as session:
        third, first = await now.alerts(session, EVERY, PERIOD)
    assert (third.message_id, third.state, third.urgent, third.answered) == (3, "ready", None, False)
    assert (first.message_id, first.urgent, first.answered, first.summary) == (1, True, True, "Касса не печатает")
    assert first.link == "https://t.me/c/1234567890/1"


async def test_the_counters_are_of_the_day_in_the_zone(database: Database) -> None:
    """NOON is 12:00 in Moscow; 660 minutes later it is 23:00, 721 minutes later the next day."""
    await said(
        database, (1, 0, "user1", ASKS), (2, 5, "staff1", TELLS), (3, 660, "user1", "ок"), (4, 721, "user2", "ок")
    )
    await said(database, (5, 661, "user5", "Авария", {"lane": Lane.HIGH}), chat_id=CHAT - 1)
    for number, state in enumerate(("open", "snoozed", "sent")):
        due = at(1) if state == "snoozed" else None
        row = {"chat_id": CHAT, "message_id": number, "summary": "s", "urgent": False, "state": state, "due_at": due}
        await add(database, Suggestion, **row)
    async with database.transaction() as session:
        asked = {"asker": "a", "role": "client", "chat_id": CHAT, "origin": "group"}
        await session.execute(insert(Question).values([asked | {"state": state} for state in ("waiting", "answered")]))
    async with database.reading() as session:
        found = await now.counters(session, EVERY, PERIOD, NOON + timedelta(minutes=690))
    assert (found.messages_today, found.client_messages_today, found.urgent_today, found.chats_today) == (4, 3, 1, 2)
    assert (found.messages_this_hour, found.suggestions, found.bot_questions) == (2, 2, 1)
