"""Suggestions: a sourced draft from the client's own chat alone, and the life of its card."""

import asyncio
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from assistant import suggestions
from assistant.answering.answerer import Answerer
from assistant.answering.results import AnswerResult, Settle
from assistant.shown import Actor, Spot
from assistant.suggestions import Outcome, Suggesting, outcome_of
from assistant.texts.cards import SuggestionVerb
from core.contracts.messages import MessagesDeleted, ResponseNeeded
from core.contracts.streams import RESPONSES
from core.db.session import Database
from core.domain.access import Role
from core.embeddings.bundled import BundledE5
from core.llm.prompts import PromptRegistry
from core.privacy.types import MaskedText
from core.rules import RulesFile
from core.streams.broker import consumer_name
from core.streams.consumer import Consumer
from ingestion.deleting import delete
from tests.assistant.answerers import Claude
from tests.core.index.units import embed, store, unit
from tests.ingestion.bot_tables import seeding
from tests.ingestion.bot_tables.seeding import STAFF_CHAT
from tests.ingestion.road import CHAT, MASKER, NOON, PSEUDONYMS, observed, place_all, put, road, rows, value

EMBEDDER = BundledE5()
ASKED = "Чек не печатается, принтер мигает красным"
ANSWER = "Откройте Настройки → Оборудование и перезапустите принтер."
FIRST, SECOND = (Actor(PSEUDONYMS.person(f"staff{number}"), Role.AGENT) for number in (1, 2))
CLIENT = Actor(PSEUDONYMS.person("user1"), Role.CLIENT)
CARD = Spot(STAFF_CHAT, 500)


def needed(message_id: int = 50, **fields: Any) -> ResponseNeeded:
    values = {"chat_id": CHAT, "message_id": message_id, "question": MaskedText(ASKED)}
    return ResponseNeeded(**{**values, "summary": MaskedText("Не печатает чеки"), **fields})


@pytest.fixture
def rules(tmp_path: Path) -> RulesFile:
    path = tmp_path / "otklik.toml"
    path.write_text(f"[access]\nstaff_chat = {STAFF_CHAT}\n", encoding="utf-8")
    return RulesFile(path)


@pytest.fixture
async def suggesting(database: Database, rules: RulesFile) -> Suggesting:
    """The handler, beside a history in which the answer is known, and a client's message 50 that waits for it."""
    await put(database, [observed(50, ASKED)])
    await store(database, unit(1, ASKED, ANSWER))
    await embed(database, EMBEDDER)
    return Suggesting(database, answerer(database), rules)


def answerer(database: Database, kind: type[Answerer] = Answerer) -> Answerer:
    return kind(
        database=database, embedder=EMBEDDER, masker=MASKER, gateway=None, prompts=PromptRegistry(), model="none"
    )


async def shown(database: Database, kind: str) -> dict[str, Any]:
    (row,) = await rows(database, "SELECT * FROM bot_messages WHERE kind = :kind", kind=kind)
    return row


async def state(database: Database) -> Any:
    return await value(database, "SELECT state FROM suggestions")


async def deliver(database: Database, number: int = 500) -> None:
    async with database.transaction() as session:
        query = "UPDATE bot_messages SET shown = wanted, message_id = coalesce(message_id, :number)"
        await session.execute(text(query), {"number": number})


async def press(
    database: Database, verb: SuggestionVerb, actor: Actor = FIRST, *, card: Spot = CARD, now: datetime = NOON
) -> Outcome:
    async with database.transaction() as session:
        return await suggestions.press(session, card, actor, verb, now)


async def wake(database: Database, minutes: int) -> int:
    async with database.transaction() as session:
        return await suggestions.wake(session, STAFF_CHAT, NOON + timedelta(minutes=minutes))


def labels(row: dict[str, Any]) -> list[str]:
    return [label for buttons in row["buttons"] for label, _ in buttons]


async def test_a_card_with_summary_draft_source_and_link_once(database: Database, suggesting: Suggesting) -> None:
    await suggesting([needed(), needed(urgent=True)])
    await suggesting([needed()])
    assert await value(database, "SELECT count(*) FROM suggestions") == 1
    card = await shown(database, "suggestion")
    assert card["chat_id"] == STAFF_CHAT
    for part in ("https://t.me/c/1234567890/50", "Не печатает чеки", ANSWER, 'https://t.me/c/1234567890/1"'):
        assert part in card["html"]
    assert labels(card) == ["Отправить", "Изменить", "Не нужно", "Через час"]


async def test_who_asks_twice_in_a_thread_gets_one_card_unless_it_has_become_urgent(
    database: Database, suggesting: Suggesting
) -> None:
    again = [observed(number, "Так что с чеком?", reply_to=50) for number in (52, 53, 54)]
    await put(database, [*again, observed(55, "А у меня весы молчат", reply_to=50, who="user2")])
    await place_all(database)
    await suggesting([needed()])
    await suggesting([needed(52), needed(53, urgent=True), needed(55)])
    assert await value(database, "SELECT array_agg(message_id ORDER BY message_id) FROM suggestions") == [50, 53, 55]
    async with database.transaction() as session:
        await session.execute(text("UPDATE suggestions SET state = 'dismissed'"))
    await suggesting([needed(54)])
    assert await value(database, "SELECT count(*) FROM suggestions") == 4, "nobody looks after it any more"


async def test_a_draft_is_paid_as_a_draft_and_takes_part_in_no_experiment(
    database: Database, suggesting: Suggesting, rules: RulesFile
) -> None:
    async with AsyncExitStack() as stack:
        writing, server = await Claude(database, stack).says()
        await Suggesting(database, writing, rules)([needed()])
        assert len(server.received) == 1
    assert await value(database, "SELECT purpose FROM model_calls") == "suggestion"
    assert await value(database, "SELECT arm IS NULL FROM answers")


async def test_the_draft_rests_on_no_other_chat(database: Database, rules: RulesFile) -> None:
    await put(database, [observed(50, ASKED, chat_id=CHAT - 1)])
    await store(database, unit(1, ASKED, ANSWER))
    await embed(database, EMBEDDER)
    await Suggesting(database, answerer(database), rules)([needed(chat_id=CHAT - 1)])
    card = await shown(database, "suggestion")
    assert ANSWER not in card["html"]
    assert "Ответьте на это сообщение" in card["html"]
    assert labels(card) == ["Не нужно", "Через час"]
    assert await value(database, "SELECT draft IS NULL FROM suggestions")


@pytest.mark.parametrize("settled", ["deleted", "answered", "answered, not placed yet", "asked the bot", "private"])
async def test_what_does_not_wait_gets_no_card(database: Database, suggesting: Suggesting, settled: str) -> None:
    one = needed()
    async with database.transaction() as session:
        if settled == "deleted":
            await session.execute(text("DELETE FROM messages WHERE message_id = 50"))
        elif settled == "asked the bot":
            await seeding.question(session, 50)
        elif settled == "private":
            one = needed(chat_id=PSEUDONYMS.private_chat(7))
    if settled.startswith("answered"):
        await put(database, [observed(51, "Перезапустите", who="staff1", reply_to=50)])
        if settled == "answered":
            async with database.transaction() as session:
                await session.execute(text("UPDATE messages SET threaded = true, thread_id = 50, reply_to = NULL"))
    await suggesting([one])
    assert await value(database, "SELECT count(*) FROM suggestions") == 0
    assert await value(database, "SELECT count(*) FROM answers") == 0  # no model was asked either


@pytest.mark.parametrize("meanwhile", ["answered", "deleted"])
async def test_of_what_is_settled_while_the_draft_is_written_nothing_is_kept(
    database: Database, suggesting: Suggesting, meanwhile: str
) -> None:
    class Slow(Answerer):
        """Others are quicker."""

        async def answer(self, *asked: Any, settle: Settle | None = None, **more: Any) -> AnswerResult:
            if meanwhile == "answered":
                await put(database, [observed(51, "Перезапустите", who="staff1", reply_to=50)])
            else:
                async with database.transaction() as session:
                    await delete(session, [MessagesDeleted(chat_id=CHAT, message_ids=(50,), seen_at=NOON)])
            return await super().answer(*asked, settle=settle, **more)

    await Suggesting(database, answerer(database, Slow), suggesting.rules)([needed()])
    assert await value(database, "SELECT count(*) FROM suggestions") == 0
    assert await value(database, "SELECT count(*) FROM answers") == 0


async def test_of_two_drafts_at_once_one_is_kept(database: Database, suggesting: Suggesting) -> None:
    await asyncio.gather(*(suggesting([needed()]) for _ in range(4)))
    assert await value(database, "SELECT count(*) FROM suggestions") == 1
    assert await value(database, "SELECT count(*) FROM answers") == 1


async def test_without_a_staff_chat_there_is_nobody_to_show_it(
    database: Database, suggesting: Suggesting, tmp_path: Path
) -> None:
    await Suggesting(database, suggesting.answerer, RulesFile(tmp_path / "absent.toml"))([needed()])
    assert await value(database, "SELECT count(*) FROM suggestions") == 0


async def test_send_replies_to_the_client_and_the_card_says_so(database: Database, suggesting: Suggesting) -> None:
    await suggesting([needed(topic_id=7)])
    await deliver(database)
    assert await press(database, SuggestionVerb.SEND) is Outcome.SENT
    reply = await shown(database, "reply")
    assert (reply["chat_id"], reply["topic_id"], reply["reply_to"]) == (CHAT, 7, 50)
    assert reply["html"] == ANSWER  # and no word of where staff has it from
    card = await shown(database, "suggestion")
    assert "✅ Отправлено клиенту:" in card["html"]
    assert card["buttons"] == []
    assert await value(database, "SELECT decided_by FROM suggestions") == FIRST.person


async def test_of_two_who_press_at_once_one_wins(database: Database, suggesting: Suggesting) -> None:
    await suggesting([needed()])
    await deliver(database)
    outcomes = await asyncio.gather(
        press(database, SuggestionVerb.SEND, FIRST), press(database, SuggestionVerb.DISMISS, SECOND)
    )
    assert Outcome.DECIDED in outcomes
    (won,) = set(outcomes) - {Outcome.DECIDED}
    assert await state(database) == won.value
    assert await value(database, "SELECT count(*) FROM bot_messages WHERE kind = 'reply'") == (won is Outcome.SENT)


async def test_a_reply_to_the_card_is_sent_instead_once(database: Database, suggesting: Suggesting) -> None:
    await suggesting([needed()])
    await deliver(database)
    assert await press(database, SuggestionVerb.EDIT) is Outcome.TO_EDIT
    for words, outcome in (("Смените **кабель**", Outcome.SENT), ("Или блок", Outcome.DECIDED)):
        async with database.transaction() as session:
            done = await suggestions.send_instead(session, CARD, FIRST, MaskedText(words), NOON)
        assert done is outcome
    assert (await shown(database, "reply"))["html"] == "Смените <b>кабель</b>"
    assert await value(database, "SELECT draft FROM suggestions") == "Смените **кабель**"


async def test_only_staff_decides(database: Database, suggesting: Suggesting) -> None:
    await suggesting([needed()])
    await deliver(database)
    for verb in SuggestionVerb:
        assert await press(database, verb, CLIENT) is Outcome.NOT_STAFF
    async with database.transaction() as session:
        done = await suggestions.send_instead(session, CARD, CLIENT, MaskedText("Взлом"), NOON)
    assert done is Outcome.NOT_STAFF
    assert await press(database, SuggestionVerb.SEND, card=Spot(STAFF_CHAT, 501)) is Outcome.GONE
    assert await state(database) == "open"


async def test_a_snoozed_card_comes_back_as_a_new_message(database: Database, suggesting: Suggesting) -> None:
    await suggesting([needed()])
    await deliver(database)
    assert await press(database, SuggestionVerb.SNOOZE) is Outcome.SNOOZED
    card = await shown(database, "suggestion")
    assert "Отложено" in card["html"]
    assert labels(card) == ["Отправить", "Изменить", "Не нужно"]
    await deliver(database)
    assert await wake(database, 59) == 0
    assert await wake(database, 60) == 1
    assert await state(database) == "open"
    old, new = await rows(
        database, "SELECT * FROM bot_messages WHERE kind = 'suggestion' ORDER BY message_id NULLS LAST"
    )
    assert (old["message_id"], old["buttons"], old["wanted"] > old["shown"]) == (500, [], True)
    assert "карточка ниже" in old["html"]
    assert (new["message_id"], new["shown"]) == (None, 0)
    assert labels(new) == ["Отправить", "Изменить", "Не нужно", "Через час"]
    assert await press(database, SuggestionVerb.SEND) is Outcome.GONE  # of the old one
    await deliver(database, 501)
    assert await press(database, SuggestionVerb.SEND, card=Spot(STAFF_CHAT, 501)) is Outcome.SENT


async def test_one_that_staff_answered_meanwhile_stays_away(database: Database, suggesting: Suggesting) -> None:
    await suggesting([needed()])
    await deliver(database)
    await press(database, SuggestionVerb.SNOOZE)
    await put(database, [observed(51, "Перезапустите", who="staff1", reply_to=50)])
    assert await wake(database, 60) == 1
    assert await state(database) == "withdrawn"
    card = await shown(database, "suggestion")
    assert "больше не ждёт" in card["html"]
    assert card["buttons"] == []


@pytest.mark.parametrize(
    ("verb", "state", "has_draft", "outcome"),
    [
        (SuggestionVerb.SEND, "open", False, Outcome.NO_DRAFT),
        (SuggestionVerb.SEND, "snoozed", True, Outcome.SENT),
        (SuggestionVerb.DISMISS, "snoozed", False, Outcome.DISMISSED),
        (SuggestionVerb.SNOOZE, "sent", True, Outcome.DECIDED),
        (SuggestionVerb.EDIT, "withdrawn", True, Outcome.DECIDED),
    ],
)
def test_what_a_button_means(verb: SuggestionVerb, state: str, has_draft: bool, outcome: Outcome) -> None:
    assert outcome_of(verb, state, has_draft=has_draft) is outcome


async def test_it_consumes_its_stream(database: Database, redis_url: str, suggesting: Suggesting) -> None:
    async with road(database, redis_url) as way:
        Consumer(way.broker, database, RESPONSES, ResponseNeeded, suggesting, name=consumer_name(), batch_size=1)
        await way.start()
        await way.publisher.publish(RESPONSES, [needed(), needed()])
        await way.until_idle()
    assert await state(database) == "open"
