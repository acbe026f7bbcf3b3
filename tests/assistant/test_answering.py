"""From a question to an answer: quoted without a key, written and checked with one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from sqlalchemy import select, text

from assistant.answering.inquiry import Inquiry
from core.db.locks import DELETING
from core.db.models import Answer, Citation
from core.db.session import Database
from core.domain.access import AccessScope
from core.index.writing import replace_thread_units
from core.llm.refusal import REFUSAL_MARKER
from core.privacy.types import MaskedText, RawText
from tests.assistant.answerers import EMBEDDER, Claude, answerer
from tests.core.index.units import CHAT, embed, put, store, unit, vetted_unit
from tests.fakes.anthropic_script import Says, fails, location

PRINTER = "Чек не печатается, принтер мигает красным"
ANSWER = "Откройте Настройки → Оборудование и перезапустите принтер."


@pytest.fixture
async def history(database: Database) -> Database:
    """Three problems with their answers."""
    await store(
        database,
        unit(1, PRINTER, ANSWER),
        unit(10, "Как вернуть деньги покупателю?", "Чек → Возврат."),
        unit(20, "Не загружается каталог из Excel", "Сохраните файл как xlsx."),
    )
    await embed(database, EMBEDDER)
    return database


@pytest.fixture
async def claude(history: Database) -> AsyncIterator[Claude]:
    """An answerer with a loopback model."""
    async with AsyncExitStack() as stack:
        yield Claude(history, stack)


async def test_without_a_key_the_best_answer_is_quoted_with_its_link(history: Database) -> None:
    found = await answerer(history).ask(RawText("не выходит чек из принтера"), AccessScope.operator(), channel="cli")
    assert not found.refused
    assert found.answer.endswith(ANSWER)
    assert "ключ Claude не задан" in found.answer
    (source,) = found.citations
    assert (source.message_ids, source.link) == ((1, 2), "https://t.me/c/1234567890/1")
    assert (found.language, found.prompt, found.model) == ("ru", None, None)
    assert await vector(history) is None
    assert found.cost_usd == 0
    assert set(found.latency_ms) == {"mask", "retrieve", "answer", "total"}


@pytest.mark.parametrize(
    ("question", "language", "says"),
    [("как испечь яблочный пирог", "ru", "Не знаю"), ("what is the weather in Paris today", "en", "I don't know")],
)
async def test_what_the_history_cannot_answer_is_refused(
    history: Database, question: str, language: str, says: str
) -> None:
    found = await answerer(history).ask(RawText(question), AccessScope.operator(), channel="cli")
    assert (found.refused, found.language, list(found.citations)) == (True, language, [])
    assert found.answer.startswith(says)
    assert await vector(history) == pytest.approx(await EMBEDDER.aget_query_embedding(question))


async def vector(history: Database) -> list[float] | None:
    """By which the dashboard finds questions that mean the same."""
    async with history.reading() as session:
        return (await session.scalars(select(Answer.question_vector))).one()


async def test_an_empty_history_refuses(database: Database) -> None:
    found = await answerer(database).ask(RawText(PRINTER), AccessScope.operator(), channel="cli")
    assert found.refused


async def test_nothing_is_found_outside_the_scope(history: Database) -> None:
    found = await answerer(history).ask(RawText(PRINTER), AccessScope.chats([-5]), channel="cli")
    assert found.refused
    assert await answerer(history).search(RawText(PRINTER), AccessScope.chats([-5]), 10) == []


async def test_the_question_is_masked_before_anything_keeps_or_sends_it(claude: Claude, history: Database) -> None:
    asking, server = await claude.says()
    raw = f"{PRINTER}, позвоните +7 916 123-45-67 или anna@example.com"
    await asking.ask(RawText(raw), AccessScope.operator(), channel="cli")
    assert "123-45-67" not in str(server.received)
    assert "anna@example.com" not in str(server.received)
    async with history.reading() as session:
        assert "123-45-67" not in str((await session.scalars(select(Answer.question))).all())


async def test_claude_writes_and_its_citations_become_sources(claude: Claude, history: Database) -> None:
    asking, server = await claude.says(
        Says([("Перезапустите принтер.", location(0, source=f"{CHAT}:1", text=PRINTER))])
    )
    found = await asking.ask(RawText(PRINTER), AccessScope.operator(), channel="cli")
    assert (found.answer, found.model) == ("Перезапустите принтер.", "claude-sonnet-4-6")
    assert [citation.unit_id for citation in found.citations] == [f"{CHAT}:1"]
    assert found.cost_usd == server.charged > 0
    async with history.reading() as session:
        row = (await session.scalars(select(Answer))).one()
        cited = (await session.scalars(select(Citation.unit_id))).all()
    assert (row.answer_id, row.prompt, cited) == (found.answer_id, found.prompt, [f"{CHAT}:1"])
    assert row.call_id is not None


async def test_claude_is_told_what_is_vetted_in_the_words_of_its_rules(claude: Claude, history: Database) -> None:
    await put(history, vetted_unit(7, PRINTER, "Смените ленту."))
    await embed(history, EMBEDDER)
    asking, server = await claude.says()
    await asking.ask(RawText(PRINTER), AccessScope.operator(), channel="cli")
    rules = server.received[0].body["system"][0]["text"]
    titles = {block["source"]: block["title"] for block in server.received[0].body["messages"][0]["content"][:-1]}
    assert titles[vetted_unit(7, PRINTER).unit_id] == "Vetted by the support team, 2026-03-02"
    assert titles[f"{CHAT}:1"] == "Support chat, 2026-03-02"
    assert all(f'"{title.partition(",")[0]}"' in rules for title in titles.values())


@pytest.mark.parametrize(
    "says",
    [
        Says.text(f"{REFUSAL_MARKER}\nВ истории этого нет."),
        Says.text("Просто нажмите любую кнопку."),
        Says([("Это написано там.", location(99, source="another", text="чужое"))]),
    ],
    ids=["it refuses", "it cites nothing", "it cites what was never given"],
)
async def test_a_reply_without_real_sources_is_not_shown(claude: Claude, says: Says) -> None:
    asking, _ = await claude.says(says)
    found = await asking.ask(RawText(PRINTER), AccessScope.operator(), channel="cli")
    assert (found.refused, list(found.citations)) == (True, [])
    assert "кнопку" not in found.answer
    assert REFUSAL_MARKER not in found.answer


@pytest.mark.parametrize(("scope", "chat_id"), [(AccessScope.client(CHAT), CHAT), (AccessScope.operator(), None)])
async def test_the_ledger_knows_the_chat_of_an_answer_that_is_searched_in_one(
    claude: Claude, history: Database, scope: AccessScope, chat_id: int | None
) -> None:
    says = Says([("Перезапустите принтер.", location(0, source=f"{CHAT}:1", text=PRINTER))])
    asking, _ = await claude.says(says)
    await asking.ask(RawText(PRINTER), scope, channel="cli")
    async with history.reading() as session:
        assert (await session.scalars(text("SELECT chat_id FROM model_calls"))).all() == [chat_id]


async def test_what_claude_says_is_masked_too(claude: Claude) -> None:
    says = Says([("Пишите на boss@example.com.", location(0, source=f"{CHAT}:1", text=PRINTER))])
    asking, _ = await claude.says(says)
    found = await asking.ask(RawText(PRINTER), AccessScope.operator(), channel="cli")
    assert found.answer == "Пишите на [EMAIL]."


async def test_when_claude_is_down_the_answer_is_quoted_and_says_so(claude: Claude, history: Database) -> None:
    asking, _ = await claude.says(*[fails(529, "overloaded_error")] * 3)
    found = await asking.ask(RawText(PRINTER), AccessScope.operator(), channel="cli")
    assert found.answer.startswith("Claude сейчас не ответил")
    assert found.answer.endswith(ANSWER)
    async with history.reading() as session:
        outcomes = (await session.scalars(text("SELECT outcome FROM model_calls"))).all()
    assert outcomes == ["overloaded"] * 3


async def test_a_refused_question_is_never_sent_to_claude(claude: Claude) -> None:
    asking, server = await claude.says()
    await asking.ask(RawText("рецепт борща"), AccessScope.operator(), channel="cli")
    assert not server.received


async def test_an_answer_waits_for_a_deletion_and_does_not_rest_on_what_is_gone(history: Database) -> None:
    async with history.transaction() as deleting:
        await deleting.execute(DELETING)
        asking = asyncio.create_task(answerer(history).ask(RawText(PRINTER), AccessScope.operator(), channel="cli"))
        waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        while not await deleting.scalar(waiting):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await replace_thread_units(deleting, CHAT, {1}, [])
    found = await asking
    assert found.refused
    async with history.reading() as session:
        assert (await session.scalars(select(Answer.refused))).all() == [True]


async def test_what_is_deleted_while_claude_writes_is_not_answered_from(claude: Claude, history: Database) -> None:
    asking, server = await claude.says(
        Says([("Перезапустите. Потом ждите. Всё.", location(0, source=f"{CHAT}:1", text=PRINTER))])
    )

    async def deleted(_: MaskedText) -> None:
        async with history.transaction() as session:
            cut = replace(unit(1, PRINTER, "Смените ленту."), message_ids=(1,))  # the answer's message went
            await replace_thread_units(session, CHAT, {1}, [cut])

    found = await asking.answer(
        Inquiry(question=MaskedText(PRINTER), scope=AccessScope.operator()), channel="cli", words=deleted
    )
    assert len(server.received) == 2
    assert "Перезапустите" not in found.answer
    assert [citation.message_ids for citation in found.citations] == [(1,)]
    async with history.reading() as session:
        assert (await session.scalars(select(Answer.answer_id))).all() == [found.answer_id]
