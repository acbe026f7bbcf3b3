"""Both lanes over a loopback model: what is stored, what is corrected, what waits, what is set aside."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from faststream.redis import RedisBroker
from sqlalchemy import update

from analytics import queue
from analytics.analysis.messages import MessageAnalyst
from analytics.fast import FastLane
from core.contracts.messages import ResponseNeeded
from core.contracts.streams import RESPONSES, STREAMS
from core.db.models import AnalysisWindow, Appraisal
from core.db.session import Database
from core.domain.lanes import Lane
from core.llm.budget import Budgets
from core.llm.gateway import Gateway
from core.llm.prompts import PromptRegistry
from core.rules import AccessRules, Rules
from core.streams.broker import connect, make_broker, prepare_groups
from core.streams.entry import read_entry
from core.streams.publisher import Publisher
from tests.analytics.scene import MODEL, asked, batch_lane, mask, model, run_dry, said, says, stored
from tests.core.index.units import embed
from tests.fakes.anthropic_script import Says, fails
from tests.ingestion.road import CHAT, QuickEmbedding, put, rows, value

STAFF = Rules(access=AccessRules(staff_chat=-100555))
WINDOWS = "SELECT state, tries, analysed_by, summary, error FROM analysis_windows ORDER BY first_at"


async def talk(database: Database) -> None:
    """Five messages: two problems, one of which staff has answered."""
    await stored(
        database,
        said(1, "Не печатается чек, что делать?", who="user1"),
        said(2, "Перезагрузите принтер", who="staff1", reply_to=1),
        said(3, "Помогло, спасибо", who="user1", reply_to=2),
        said(4, "А как вернуть деньги?", who="user2"),
        said(5, "Кто-нибудь подскажет про возврат?", who="user2"),
    )


# --- windows


async def test_a_window_becomes_topics_and_messages_that_wait(database: Database) -> None:
    await talk(database)
    async with model(database) as (server, door):
        assert await run_dry(batch_lane(database, door)) == 1
    [request] = server.received
    assert [one["from"] for one in asked(request.body)["messages"]] == [
        "client A", "staff A", "client A", "client B", "client B",
    ]  # fmt: skip
    assert "p_" not in request.body["messages"][0]["content"][-1]["text"], "no pseudonym leaves"
    [window] = await rows(database, WINDOWS)
    assert (window["state"], window["analysed_by"]) == ("done", "model")
    [topic] = await rows(database, "SELECT name, message_ids FROM topics JOIN window_topics USING (topic_id)")
    assert topic == {"name": "работа кассы", "message_ids": [1, 3, 4, 5]}
    [waits] = await rows(database, "SELECT message_id, requires_response, urgent, analysed_by FROM appraisals")
    assert waits == {"message_id": 5, "requires_response": True, "urgent": False, "analysed_by": "model"}
    call = "SELECT purpose, chat_id FROM model_calls WHERE call_id = (SELECT call_id FROM analysis_windows)"
    assert await rows(database, call) == [{"purpose": "analysis.batch", "chat_id": CHAT}]


def reply(**changes: Any) -> Says:
    """A reply to `talk`, changed."""
    topic = {"name": "Возврат", "messages": [4, 5], "problem": None, "sentiment": 0, "resolved": False}
    waits = {"message": 4, "category": "question", "sentiment": 0, "summary": "ждёт", "suggestion": None}
    return says(**{"summary": "s", "sentiment": 0, "topics": [topic], "waiting": [waits]} | changes)


def topic(name: str, *messages: int) -> dict[str, Any]:
    return {"name": name, "messages": messages, "problem": None, "sentiment": 0, "resolved": None}


def waits(message: int) -> dict[str, Any]:
    return {"message": message, "category": "question", "sentiment": 0, "summary": "ждёт", "suggestion": None}


async def test_what_the_reply_invents_is_left_out(database: Database) -> None:
    await talk(database)
    invented = reply(
        topics=[topic("Возврат", 4, 5, 77), topic("Погода", 88), topic("[PERSON]", 1)],
        waiting=[waits(4), waits(4), waits(2), waits(99)],
    )
    async with model(database, invented) as (_, door):
        await run_dry(batch_lane(database, door))
    topics = await rows(database, "SELECT name, message_ids FROM topics JOIN window_topics USING (topic_id)")
    assert topics == [{"name": "Возврат", "message_ids": [4, 5]}]
    assert await value(database, "SELECT array_agg(message_id) FROM appraisals") == [4], "2 is staff's own"


async def test_a_reply_about_another_window_is_not_stored_at_all(database: Database) -> None:
    await talk(database)
    async with model(database, reply(topics=[topic("Возврат", 77)], waiting=[waits(88)])) as (_, door):
        await run_dry(batch_lane(database, door))
    [window] = await rows(database, WINDOWS)
    assert (window["state"], window["tries"], window["summary"]) == ("ready", 1, None)
    assert "only messages that are not in the window" in window["error"]
    assert await value(database, "SELECT count(*) FROM topics") == 0


async def test_what_the_model_wrote_is_masked(database: Database) -> None:
    await talk(database)
    leaking = reply(summary="Звонить +7 916 123-45-67", topics=[topic("Возврат ivan@mail.ru", 4)])
    async with model(database, leaking) as (_, door):
        await run_dry(batch_lane(database, door))
    assert await value(database, "SELECT summary FROM analysis_windows") == "Звонить [PHONE]"
    assert await value(database, "SELECT name FROM topics") == "Возврат [EMAIL]"


async def test_the_chats_own_topics_are_offered_and_taken(database: Database) -> None:
    await talk(database)
    async with model(database) as (server, door):
        lane = batch_lane(database, door)
        await run_dry(lane)
        await stored(database, *[said(n, "Касса опять не работает") for n in range(11, 16)])
        await run_dry(lane)
    assert [asked(request.body)["topics"] for request in server.received] == [[], ["работа кассы"]]
    assert server.received[0].body["system"] == server.received[1].body["system"], "the cached prefix does not move"
    assert await value(database, "SELECT count(*) FROM topics") == 1
    assert await value(database, "SELECT count(*) FROM window_topics") == 2


async def test_without_money_windows_wait_and_are_read_when_there_is_some(database: Database) -> None:
    await talk(database)
    poor = Budgets(day=Decimal("0.0001"), month=Decimal(1))
    async with model(database, budgets=poor) as (server, door):
        assert await run_dry(batch_lane(database, door)) == 1
        assert not server.received
        [window] = await rows(database, WINDOWS)
        assert (window["state"], window["tries"]) == ("ready", 0)
        assert await value(database, "SELECT min(due_at) > now() + interval '10 minutes' FROM analysis_windows")
        async with database.transaction() as session:
            await session.execute(update(AnalysisWindow).values(due_at=datetime.now(UTC)))
    async with model(database) as (_, door):
        assert await run_dry(batch_lane(database, door)) == 1
    assert (await rows(database, WINDOWS))[0]["analysed_by"] == "model"


async def test_what_the_model_will_never_read_is_set_aside_with_the_reason(database: Database) -> None:
    await talk(database)
    async with model(database, Says.text("{}", stop_reason="refusal")) as (_, door):
        await run_dry(batch_lane(database, door))
    [window] = await rows(database, WINDOWS)
    assert window["state"] == "set_aside"
    assert window["error"]


async def test_a_window_edited_while_it_is_read_is_read_again(database: Database) -> None:
    await talk(database)
    async with model(database) as (_, door):
        lane = batch_lane(database, door)
        await lane.cut()
        async with database.transaction() as session:
            held = await queue.claim(session, AnalysisWindow, datetime.now(UTC))
        assert held is not None
        await put(database, [said(4, "А как вернуть товар?", who="user2", edit_version=9)])
        await lane._read(held)
    assert await value(database, "SELECT count(*) FROM window_topics") == 0
    assert await value(database, "SELECT state FROM analysis_windows") == "ready"


async def test_trivial_windows_and_history_are_not_paid_for(database: Database) -> None:
    await stored(database, *[said(n, "ок, спасибо!") for n in range(1, 6)])
    await stored(database, *[said(n, "Не печатается чек!", days=30, chat_id=CHAT - 1) for n in range(1, 6)])
    async with model(database) as (_, door):
        assert await run_dry(batch_lane(database, door)) == 2
    by = "SELECT analysed_by, live FROM analysis_windows ORDER BY live"
    assert await rows(database, by) == [
        {"analysed_by": "local", "live": False},
        {"analysed_by": "rule", "live": True},
    ]


# --- the fast lane


@pytest.fixture
async def broker(redis_url: str) -> AsyncIterator[RedisBroker]:
    made = make_broker(redis_url)
    await prepare_groups(await connect(made), STREAMS)
    yield made
    await made.stop()


def fast_lane(database: Database, broker: RedisBroker, door: Gateway | None, rules: Rules = STAFF) -> FastLane:
    analyst = MessageAnalyst(door, PromptRegistry(), MODEL, mask) if door else None
    publisher = Publisher(broker, bound=1_000)
    return FastLane(database, QuickEmbedding(), publisher, analyst, lambda: rules)


async def alarms(broker: RedisBroker) -> list[ResponseNeeded]:
    entries: Any = await (await connect(broker)).xrange(RESPONSES.name)
    return [ResponseNeeded.model_validate_json(read_entry(*pair).body) for pair in entries]


URGENT = said(20, "Касса стоит, срочно помогите", lane=Lane.HIGH, who="user9", topic_id=7)


async def test_an_urgent_message_is_read_with_its_thread_and_history_and_staff_is_told(
    database: Database, broker: RedisBroker
) -> None:
    await stored(
        database, said(1, "Касса стоит, помогите", who="user1"), said(2, "Перезагрузите", who="staff1", reply_to=1)
    )
    await embed(database, QuickEmbedding(), CHAT)
    await stored(database, URGENT)
    async with model(database) as (server, door):
        lane = fast_lane(database, broker, door)
        assert await lane.notice()
        assert not await lane.notice(), "it is noticed once"
        assert await lane.step()
        assert not await lane.step()
    [request] = server.received
    document = asked(request.body)
    assert document["thread"][document["urgent"] - 1]["text"] == URGENT.text
    assert [one["answer"] for one in document["history"]] == ["Перезагрузите"]
    [row] = await rows(database, "SELECT state, urgent, suggestion, sources, analysed_by, untold FROM appraisals")
    told = {"suggestion": "Перезагрузите кассу", "sources": [1, 2], "untold": False}
    assert row == {"state": "done", "urgent": True, "analysed_by": "model", **told}
    assert await value(database, "SELECT chat_id FROM model_calls") == CHAT
    [alarm] = await alarms(broker)
    assert (alarm.message_id, alarm.topic_id, alarm.urgent, alarm.summary) == (20, 7, True, "Касса стоит")


async def test_without_a_key_or_with_a_model_in_trouble_rules_alarm_at_once(
    database: Database, broker: RedisBroker
) -> None:
    await stored(database, URGENT, said(21, "Срочно!", lane=Lane.HIGH, who="user8", chat_id=CHAT - 1))
    async with model(database, *[fails(529, "overloaded_error")] * 3) as (_, door):
        lane = fast_lane(database, broker, door)
        await lane.notice()
        assert await lane.step()
        assert await fast_lane(database, broker, None).step()
    assert await value(database, "SELECT array_agg(analysed_by) FROM appraisals") == ["local", "local"]
    assert len(await alarms(broker)) == 2


async def test_what_is_not_urgent_after_all_alarms_nobody(database: Database, broker: RedisBroker) -> None:
    await stored(database, URGENT)
    calm = says(
        category="question", urgent=False, sentiment=0, requires_response=True, summary="не срочно", suggestion=None
    )
    async with model(database, calm) as (_, door):
        lane = fast_lane(database, broker, door)
        await lane.notice()
        await lane.step()
    assert not await alarms(broker)


async def test_an_alarm_that_a_crash_kept_back_is_told_later(database: Database, broker: RedisBroker) -> None:
    await stored(database, URGENT)
    lane = fast_lane(database, broker, None)
    await lane.notice()
    await lane.step()
    async with database.transaction() as session:
        await session.execute(update(Appraisal).values(untold=True))
    assert await lane.tell()
    assert not await lane.tell()
    assert len(await alarms(broker)) == 2, "the same one: its reader shows one card"


async def test_without_a_staff_chat_nobody_is_told(database: Database, broker: RedisBroker) -> None:
    await stored(database, URGENT)
    lane = fast_lane(database, broker, None, Rules())
    await lane.notice()
    await lane.step()
    assert not await alarms(broker)


async def test_an_old_message_that_is_imported_now_is_not_urgent(database: Database, broker: RedisBroker) -> None:
    await stored(database, said(1, "Срочно!", lane=Lane.HIGH, days=3), said(2, "Срочно!", lane=Lane.HIGH, who="staff1"))
    assert not await fast_lane(database, broker, None).notice()


async def test_an_edit_has_an_urgent_message_read_again(database: Database, broker: RedisBroker) -> None:
    await stored(database, URGENT)
    lane = fast_lane(database, broker, None)
    await lane.notice()
    await lane.step()
    await put(database, [URGENT.model_copy(update={"edit_version": 9, "text": "Уже заработало, спасибо"})])
    assert await lane.step()
    assert await rows(database, "SELECT urgent, requires_response FROM appraisals") == [
        {"urgent": False, "requires_response": False}
    ]
