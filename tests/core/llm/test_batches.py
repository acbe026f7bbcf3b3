"""Message batches: half the price, every request in the ledger, whatever dies in between."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr
from sqlalchemy import update

from core.db.models.model_call import ModelCall
from core.db.session import Database
from core.llm.budget import Budgets
from core.llm.calls import Call, Purpose
from core.llm.errors import BudgetExhausted, CallFailed, NotAuthorised, Rejected, Unknown
from core.llm.ledger import Purse
from core.llm.vendor import PAGE
from core.privacy.types import MaskedText
from tests.core.llm.kinds import Connect, Rows, spent
from tests.fakes.anthropic_batches import Batch
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


async def backdate(database: Database, hours: int) -> None:
    """As if the requests had been opened so much earlier."""
    async with database.transaction() as session:
        earlier = ModelCall.opened_at - timedelta(hours=hours)
        await session.execute(update(ModelCall).values(opened_at=earlier))


async def test_what_the_vendor_has_lost_is_settled_at_a_price_that_nobody_knows(
    connect: Connect, calls: list[Call], rows: Rows
) -> None:
    async with AnthropicServer(*(Says.text("да") for _ in range(6))) as server:
        batches = (await connect(server)).batches
        deleted = await batches.submit(calls[:2])
        archived = await batches.submit(calls[2:])
        half = await batches.submit(calls[:2])
        del server.desk.batches[deleted.batch_id]
        server.desk.batches[archived.batch_id].archived = True
        server.desk.batches[half.batch_id].results.pop(str(half.call_ids[1]))
        assert await batches.collect(deleted.batch_id) == {}
        assert await batches.collect(archived.batch_id) == {}
        assert (await batches.collect(half.batch_id) or {}).keys() == {half.call_ids[0]}
        assert not await batches.unsettled(), "nobody looks for them any more"
    ledger = {row.call_id: row for row in await rows()}
    lost = [*deleted.call_ids.values(), *archived.call_ids.values(), half.call_ids[1]]
    assert {(ledger[call_id].outcome, ledger[call_id].price) for call_id in lost} == {("unavailable", None)}
    assert ledger[half.call_ids[0]].outcome == "ok"


async def test_what_no_batch_has_was_never_taken_and_costs_nothing(
    connect: Connect, calls: list[Call], rows: Rows, database: Database
) -> None:
    async with AnthropicServer(*(Says.text("да") for _ in calls)) as server:
        batches = (await connect(server)).batches
        server.lose_replies = True
        with pytest.raises(CallFailed):
            await batches.submit(calls)
        server.lose_replies = False
        server.desk.batches.clear()
        await batches.settle_unconfirmed()
        assert {row.outcome for row in await rows()} == {"open"}, "it may still be under way"
        await backdate(database, hours=2)
        await batches.settle_unconfirmed()
    assert {(row.outcome, row.price) for row in await rows()} == {("unavailable", Decimal(0))}


async def test_a_batch_that_is_worked_on_may_be_the_one(
    connect: Connect, calls: list[Call], rows: Rows, database: Database
) -> None:
    async with AnthropicServer(*(Says.text("да") for _ in calls)) as server:
        server.desk.at_once = False
        batches = (await connect(server)).batches
        server.lose_replies = True
        with pytest.raises(CallFailed):
            await batches.submit(calls)
        server.lose_replies = False
        [batch] = server.desk.batches.values()
        batch.made_at -= timedelta(hours=2)
        await backdate(database, hours=2)
        await batches.settle_unconfirmed()
        assert {row.outcome for row in await rows()} == {"open"}
        server.desk.work()
        await batches.settle_unconfirmed()
        assert spent(await rows()) == server.charged > 0


async def test_it_is_found_behind_many_others(connect: Connect, calls: list[Call], rows: Rows) -> None:
    async with AnthropicServer(otherwise=lambda _: Says.text("да")) as server:
        batches = (await connect(server)).batches
        server.lose_replies = True
        with pytest.raises(CallFailed):
            await batches.submit(calls)
        server.lose_replies = False
        [ours] = server.desk.batches.values()
        for number in range(2 * PAGE):
            foreign = Batch(
                f"msgbatch_foreign_{number}", ours.requests, results={f"theirs-{number}": {"type": "expired"}}
            )
            server.desk.batches[foreign.batch_id] = foreign
        await batches.settle_unconfirmed()
        assert spent(await rows()) == server.charged > 0


@pytest.mark.parametrize("share", [0.4, 0.5])
async def test_results_that_break_off_are_read_again(
    connect: Connect, calls: list[Call], rows: Rows, share: float
) -> None:
    """In the middle of a line, or behind one: then nothing but their number tells."""
    async with AnthropicServer(*(Says.text("да") for _ in calls)) as server:
        batches = (await connect(server)).batches
        submitted = await batches.submit(calls)
        [batch] = server.desk.batches.values()
        whole = sum(len(json.dumps({"custom_id": name, "result": one})) + 1 for name, one in batch.results.items())
        server.desk.cut = round(whole * share)
        with pytest.raises(CallFailed):
            await batches.collect(submitted.batch_id)
        assert "open" in {row.outcome for row in await rows()}
        server.desk.cut = 0
        assert len(await batches.collect(submitted.batch_id) or ()) == 4
        assert spent(await rows()) == server.charged


async def test_a_result_without_its_usage_is_not_free(connect: Connect, calls: list[Call], rows: Rows) -> None:
    async with AnthropicServer(Says.text("да")) as server:
        batches = (await connect(server)).batches
        submitted = await batches.submit(calls[:1])
        [batch] = server.desk.batches.values()
        [result] = batch.results.values()
        del result["message"]["usage"]["input_tokens"]
        found = await batches.collect(submitted.batch_id)
        assert found is not None
        assert found[submitted.call_ids[0]].text is None
    assert [(row.outcome, row.price) for row in await rows()] == [("broken", None)]


async def test_a_server_that_has_no_batches_is_told_as_such(connect: Connect, calls: list[Call], rows: Rows) -> None:
    async with AnthropicServer() as server:
        server.desk.closed = True
        with pytest.raises(Unknown):
            await (await connect(server)).batches.submit(calls)
    assert {(row.outcome, row.price) for row in await rows()} == {("rejected", Decimal(0))}


async def test_a_batch_needs_a_key(connect: Connect, calls: list[Call]) -> None:
    async with AnthropicServer() as server:
        with pytest.raises(NotAuthorised):
            await (await connect(server, api_key=SecretStr("wrong"))).batches.submit(calls)
