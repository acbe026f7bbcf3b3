"""Money is reserved before a call and given back after it: calls at the same time cannot overshoot together."""

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from core.db.models.budget_alarm import BudgetAlarm
from core.db.models.model_call import ModelCall
from core.db.session import Database
from core.llm.budget import Budgets, Limits
from core.llm.calls import Call, Purpose, Usage
from core.llm.errors import BudgetExhausted
from core.llm.estimate import most
from core.llm.ledger import Ledger, Purse, Settlement
from core.llm.prices import load_prices
from core.privacy.types import MaskedText
from tests.core.llm.kinds import Connect, Rows, spent
from tests.fakes.anthropic_script import Says, Silence, fails
from tests.fakes.anthropic_server import AnthropicServer


def purse(day: Decimal, month: Decimal = Decimal(1_000), **purposes: Limits) -> Purse:
    own = {Purpose[name]: limits for name, limits in purposes.items()}
    return Purse(Budgets(day=day, month=month, purposes=own), ZoneInfo("UTC"))


def cost_at_most(call: Call) -> Decimal:
    return most(call, load_prices().at(call.model, date(2026, 11, 24)))


async def test_a_hundred_at_once_do_not_overshoot(connect: Connect, call: Call, rows: Rows) -> None:
    """The budget has room for seven reservations at a time; what they do not use makes room for more."""
    budget = cost_at_most(call) * 7 / Decimal("0.95")

    async def ask(number: int) -> bool:
        try:
            await gateway.complete(replace(call, question=MaskedText(f"Как сбросить пароль {number}?")))
        except BudgetExhausted:
            return False
        return True

    async with AnthropicServer() as server:
        gateway = await connect(server, purse=lambda: purse(budget))
        answered = sum(await asyncio.gather(*(ask(number) for number in range(100))))
        ledger = await rows()
    assert 7 <= answered < 100
    assert len(ledger) == len(server.received) == answered, "what is refused is neither sent nor entered"
    assert spent(ledger) == server.charged
    assert sum(row.price if row.price is not None else row.reserved for row in ledger) <= budget * Decimal("0.95")


async def test_a_call_never_costs_more_than_was_reserved_for_it(connect: Connect, call: Call, rows: Rows) -> None:
    long = Says.text("слово " * 400)
    async with AnthropicServer(long, long, cache_minimum=1) as server:
        gateway = await connect(server)
        await gateway.complete(call)
        await gateway.complete(replace(call, results=(), question=MaskedText("emoji 🙂🙃 и русский текст " * 50)))
    for row in await rows():
        assert row.price is not None
        assert row.price < row.reserved


async def test_what_a_call_does_not_use_is_given_back(connect: Connect, call: Call) -> None:
    budget = cost_at_most(call) / Decimal("0.95")
    async with AnthropicServer() as server:
        gateway = await connect(server, purse=lambda: purse(budget * Decimal("1.2")))
        for _ in range(2):  # there is room for one reservation, and for the price of both
            await gateway.complete(call)
        assert server.charged < cost_at_most(call) / 2


async def test_money_whose_amount_nobody_knows_stays_reserved(connect: Connect, call: Call, rows: Rows) -> None:
    async with AnthropicServer(Silence()) as server:
        limited = purse(cost_at_most(call) * Decimal("1.5"))
        gateway = await connect(server, purse=lambda: limited, silence_seconds=0.1, tries=1)
        with pytest.raises(Exception, match="fell silent"):
            await gateway.complete(call)
        with pytest.raises(BudgetExhausted):
            await gateway.complete(call)
    [row] = await rows()
    assert (row.outcome, row.price) == ("timed_out", None)


async def test_a_failed_request_costs_nothing_and_holds_nothing(connect: Connect, call: Call) -> None:
    async with AnthropicServer(fails(400, "invalid_request_error")) as server:
        gateway = await connect(server, purse=lambda: purse(cost_at_most(call) * Decimal("1.2")))
        with pytest.raises(Exception, match="rejected"):
            await gateway.complete(call)
        await gateway.complete(call)


async def test_yesterday_is_not_today_but_the_same_month(connect: Connect, call: Call, database: Database) -> None:
    room = cost_at_most(call) * Decimal("1.2")
    async with AnthropicServer() as server:
        first = await connect(server)
        reply = await first.complete(call)
        async with database.transaction() as session:
            await session.execute(
                update(ModelCall)
                .where(ModelCall.call_id == reply.call_id)
                .values(price=room, opened_at=ModelCall.opened_at.op("-")(date(2000, 1, 2) - date(2000, 1, 1)))
            )
        yesterday = await connect(server, purse=lambda: purse(day=room, month=room * 10))
        await yesterday.complete(call)


async def told(database: Database) -> set[tuple[str, str, int]]:
    async with database.reading() as session:
        return {(alarm.budget, alarm.period, alarm.percent) for alarm in await session.scalars(select(BudgetAlarm))}


async def test_people_are_told_once_of_each_share(
    call: Call, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    small = purse(Decimal(10), Decimal(100), ANSWER=Limits(day=Decimal(6), month=Decimal(60)))
    ledger = Ledger(database, lambda: small)
    for _ in range(3):
        await ledger.open(uuid4(), call, None, Decimal("2.9") / 3 * 2)
    async with database.reading() as session:
        ids = list(await session.scalars(select(ModelCall.call_id)))
    for call_id in ids:
        await ledger.settle(call_id, Settlement("ok", Usage(1, 1), Decimal("1.9"), 1))
    assert await told(database) == {("total", "day", 50), ("answer", "day", 50), ("answer", "day", 80)}
    assert sum("of the answer budget" in record.message for record in caplog.records) == 2


async def test_what_is_only_reserved_alarms_nobody(connect: Connect, call: Call, database: Database) -> None:
    """A batch of windows reserves, for a day, some four times what it will cost."""
    ledger = Ledger(database, lambda: purse(Decimal(10)))
    first, second = uuid4(), uuid4()
    await ledger.open(first, call, None, Decimal(5))
    await ledger.open(second, call, None, Decimal(4))
    await ledger.settle(first, Settlement("ok", Usage(1, 1), Decimal(1), 1))
    with pytest.raises(BudgetExhausted):
        await ledger.open(uuid4(), call, None, Decimal(6))
    assert await told(database) == set(), "there will be room once the second one is settled"


async def test_what_is_left_and_too_little_for_a_call_is_told_as_used_up(
    call: Call, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """Calls are refused before a limit is passed, so that nothing ever spends the last cent of it."""
    ledger = Ledger(database, lambda: purse(Decimal(10)))
    first = uuid4()
    await ledger.open(first, call, None, Decimal(9))
    await ledger.settle(first, Settlement("ok", Usage(1, 1), Decimal(9), 1))
    window = replace(call, purpose=Purpose.ANALYSIS_BATCH, prompt=replace(call.prompt, purpose=Purpose.ANALYSIS_BATCH))
    urgent = replace(call, purpose=Purpose.ANALYSIS_FAST, prompt=replace(call.prompt, purpose=Purpose.ANALYSIS_FAST))
    for refused in (window, window, urgent, urgent):
        with pytest.raises(BudgetExhausted):
            await ledger.open(uuid4(), refused, None, Decimal("1.5"))
    assert await told(database) == {("total", "day", 50), ("total", "day", 80), ("total", "day", 100)}
    assert sum("100 % of the total budget" in record.message for record in caplog.records) == 1
