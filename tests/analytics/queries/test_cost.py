"""What Claude cost, for what, and what the month will have cost."""

from datetime import date
from decimal import Decimal

from analytics.queries import cost
from analytics.queries.cost import ChatCost, DayCost
from analytics.queries.inputs import Period
from core.db.session import Database
from core.domain.access import AccessScope
from core.llm.prices import load_prices
from tests.analytics.queries.asking import EVERY, MOSCOW, PERIOD, PURSE
from tests.analytics.queries.scene import ASKS, at, call, said
from tests.ingestion.road import CHAT, NOON

HAIKU, SONNET = "claude-haiku-4-5", "claude-sonnet-5"


async def test_a_day_is_the_zones_and_an_unpriced_call_counts_with_the_most(database: Database) -> None:
    await call(database, 1, 1, "0.25")
    await call(database, 2, 2, "0.25")
    await call(database, 3, 3, None)  # it is open
    await call(database, 4, 12 * 60, "1", purpose="analysis.batch", model=SONNET)  # midnight in Moscow
    async with database.reading() as session:
        found = await cost.days(session, EVERY, PERIOD)
    assert found == [
        DayCost(date(2026, 3, 2), "answer", HAIKU, Decimal(1), 3, 1),
        DayCost(date(2026, 3, 3), "analysis.batch", SONNET, Decimal(1), 1, 0),
    ]


async def test_by_chat_with_what_was_said_in_it(database: Database) -> None:
    await said(database, (1, 1, "user1", ASKS), (2, 2, "user2", ASKS))
    await call(database, 1, 1, "1")
    await call(database, 2, 1, "3", chat_id=None)
    await call(database, 3, 1, "2", chat_id=CHAT - 1)
    async with database.reading() as session:
        found = await cost.by_chat(session, EVERY, PERIOD)
        own = await cost.by_chat(session, AccessScope.chats([CHAT]), PERIOD)
    assert own == [ChatCost(CHAT, f"Chat {CHAT}", Decimal(1), 1, 2)]  # type: ignore[arg-type]
    assert [(one.chat_id, one.dollars, one.messages) for one in found] == [
        (None, Decimal(3), 0),
        (CHAT - 1, Decimal(2), 0),
        (CHAT, Decimal(1), 2),
    ]


async def test_what_a_message_and_an_answer_cost(database: Database) -> None:
    await said(database, *((n, n, "user1", "ок") for n in range(1, 5)))
    for number, (purpose, price) in enumerate(
        [
            ("analysis.fast", "0.3"),
            ("analysis.batch", "0.1"),
            ("answer", "1"),
            ("answer", "2"),
            ("condense", "1"),
            ("judge", "9"),
        ]
    ):
        await call(database, number, 1, price, purpose=purpose)
    await call(database, 50, 1, "1", outcome="rejected", settled_at=at(1))
    async with database.reading() as session:
        found = await cost.each(session, EVERY, PERIOD)
    assert (found.reading, found.messages, found.per_message) == (Decimal("0.4"), 4, Decimal("0.1"))
    assert (found.answering, found.answers, found.per_answer) == (Decimal(5), 2, Decimal("2.5"))


async def test_the_month_is_the_operators_and_the_mean_reaches_into_the_one_before(database: Database) -> None:
    """On the 2nd of March, with two weeks at a dollar a day before it."""
    for day in range(-14, 1):
        await call(database, 100 + day, day * 1440 - 300, "1")
    async with database.reading() as session:
        found = await cost.month(session, EVERY, PURSE, NOON)
    assert (found.spent, found.a_day, found.budget) == (Decimal(2), Decimal(1), Decimal(50))
    assert found.expected == 2 + Decimal("0.5") + 29


async def test_savings_are_of_the_period_and_by_the_price_of_the_day(database: Database) -> None:
    prices = load_prices()
    price = prices.at(HAIKU, NOON.date())
    await call(database, 1, 1, "1", api="batches")
    await call(database, 2, 1, "1", cache_read_tokens=1_000_000)
    await call(database, 3, 1, None, cache_read_tokens=1_000_000)  # not settled: nobody knows
    await call(database, 4, -5000, "1", api="batches")
    async with database.reading() as session:
        found = await cost.savings(session, EVERY, PERIOD, prices)
        before = await cost.savings(session, EVERY, Period(at(-6000), at(-4000), MOSCOW), prices)
    assert found.batching == 1 / (1 - price.batch_discount) - 1
    assert found.caching == price.input - price.cache_read
    assert (before.batching, before.caching) == (found.batching, Decimal(0))
