"""Message batches: half the price, every request in the ledger, whatever dies in between."""

from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from core.llm.budget import Budgets
from core.llm.calls import Call, Purpose
from core.llm.errors import BudgetExhausted, CallFailed, Rejected
from core.llm.ledger import Purse
from core.privacy.types import MaskedText
from tests.core.llm.kinds import Connect, Rows, spent
from tests.fakes.anthropic_script import Says, fails
from tests.fakes.anthropic_server import AnthropicServer


@pytest.fixture
def calls(call: Call) -> list[Call]:
    """Four questions for the batch."""
    prompt = replace(call.prompt, purpose=Purpose.ANALYSIS_BATCH)
    return [
        replace(call, purpose=Purpose.ANALYSIS_BATCH, prompt=prompt, results=(), question=MaskedText(f"Вопрос {n}?"))
        for n in range(4)
    ]


async def test_results_come_once_the_batch_has_ended(connect: Connect, calls: list[Call], rows: Rows) -> None:
    async with AnthropicServer(*(Says.text(f"Ответ {n}") for n in range(4))) as server:
        server.desk.at_once = False
        batches = (await connect(server)).batches
        submitted = await batches.submit(calls)
        assert await batches.collect(submitted.batch_id) is None
        assert {row.outcome for row in await rows()} == {"open"}
        server.desk.work()
        found = await batches.collect(submitted.batch_id)
        assert found is not None
        assert [found[submitted.call_ids[place]].text for place in range(4)] == [f"Ответ {n}" for n in range(4)]
        ledger = await rows()
        assert spent(ledger) == server.charged > 0
        assert {(row.api, row.outcome, row.batch_id) for row in ledger} == {("batches", "ok", submitted.batch_id)}
        assert all(row.price is not None and row.price < row.reserved for row in ledger)


async def test_it_costs_half(connect: Connect, calls: list[Call]) -> None:
    async with AnthropicServer(Says.text("да")) as plain:
        await (await connect(plain)).complete(calls[0])
    async with AnthropicServer(Says.text("да")) as server:
        await (await connect(server)).batches.submit(calls[:1])
    assert server.charged == plain.charged / 2


async def test_some_fail_some_expire_and_the_rest_is_used(connect: Connect, calls: list[Call], rows: Rows) -> None:
    async with AnthropicServer(
        Says.text("да"), fails(400, "invalid_request_error"), Says.text("не", stop_reason="max_tokens")
    ) as server:
        server.desk.at_once = False
        batches = (await connect(server)).batches
        submitted = await batches.submit(calls)
        server.desk.work(expired=1)
        found = await batches.collect(submitted.batch_id)
        assert found is not None
        assert [(found[submitted.call_ids[n]].text, found[submitted.call_ids[n]].outcome) for n in range(4)] == [
            ("да", "ok"), (None, "rejected"), (None, "truncated"), (None, "expired"),
        ]  # fmt: skip
        assert spent(await rows()) == server.charged


async def test_collecting_again_changes_nothing(connect: Connect, calls: list[Call], rows: Rows) -> None:
    async with AnthropicServer(*(Says.text("да") for _ in calls)) as server:
        batches = (await connect(server)).batches
        submitted = await batches.submit(calls)
        first = await batches.collect(submitted.batch_id)
        before = [(row.settled_at, row.price) for row in await rows()]
        assert await batches.collect(submitted.batch_id) == first
        assert [(row.settled_at, row.price) for row in await rows()] == before


async def test_a_refused_batch_costs_nothing(connect: Connect, calls: list[Call], rows: Rows) -> None:
    async with AnthropicServer() as server:
        batches = (await connect(server)).batches
        with pytest.raises(Rejected):
            await batches.submit([replace(call, max_tokens=-1) for call in calls])
        assert server.charged == 0
    assert {(row.outcome, row.price) for row in await rows()} == {("rejected", Decimal(0))}


async def test_a_batch_that_nobody_confirmed_is_found_and_settled(
    connect: Connect, calls: list[Call], rows: Rows
) -> None:
    async with AnthropicServer(*(Says.text("да") for _ in calls)) as server:
        batches = (await connect(server)).batches
        server.lose_replies = True
        with pytest.raises(CallFailed):
            await batches.submit(calls)
        assert [(row.outcome, row.price) for row in await rows()] == [("open", None)] * 4, "nobody knows yet"
        server.lose_replies = False
        await batches.settle_unconfirmed()
        assert spent(await rows()) == server.charged > 0
        assert {row.outcome for row in await rows()} == {"ok"}


async def test_what_there_is_money_for_is_handed_in(connect: Connect, calls: list[Call], rows: Rows) -> None:
    async with AnthropicServer(Says.text("да"), Says.text("да")) as server:
        gateway = await connect(server)
        submitted = await gateway.batches.submit(calls[:1])
        [row] = await rows()
        room = Purse(Budgets(day=row.reserved * Decimal("2.5"), month=Decimal(100)), ZoneInfo("UTC"))
        await gateway.batches.collect(submitted.batch_id)
        short = await connect(server, purse=lambda: room)
        assert len((await short.batches.submit(calls)).call_ids) == 1
        with pytest.raises(BudgetExhausted):
            await short.batches.submit(calls)
