"""`lanes simulate`: the same rules change nothing, other rules change what they should, and the price is the ledger's."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.db.session import Database
from core.domain.lanes import LaneRules
from core.errors import BadInput
from core.llm.prices import load_prices
from core.rules import BatchRules, Rules, load_rules
from otklik.simulating import simulated, simulation_text
from otklik.since import began
from tests.analytics.scene import MODEL, batch_lane, model, run_dry, said, stored
from tests.ingestion.road import PSEUDONYMS, SAMPLE_CHATS, SAMPLES, put, sample_messages

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


async def simulate(database: Database, rules: Rules, since: datetime = LONG_AGO) -> dict[str, object]:
    async with database.reading() as session:
        return await simulated(session, rules, since, PSEUDONYMS, load_prices(), MODEL)


async def test_the_rules_that_they_came_under_change_nothing(database: Database) -> None:
    for path in SAMPLE_CHATS:
        await put(database, sample_messages(path))
    document = await simulate(database, load_rules(SAMPLES / "otklik.toml"))
    assert document["messages"] == 582
    assert document["changed"] == 0
    assert document["cost_usd"]["before"] == document["cost_usd"]["after"]  # type: ignore[index]


async def test_other_words_and_vips_change_lanes_and_the_price(database: Database) -> None:
    noon = datetime.now(UTC).replace(hour=9) - timedelta(days=1)
    await put(
        database,
        [
            said(1, "Чек пустой").model_copy(update={"sent_at": noon}),
            said(2, "И у меня", reply_to=1).model_copy(update={"sent_at": noon}),
            said(3, "Добрый день", who="user7").model_copy(update={"sent_at": noon}),
            said(4, "Чек пустой", who="staff1").model_copy(update={"sent_at": noon}),
        ],
    )
    document = await simulate(database, Rules(lanes=LaneRules(words=("пустой",), vip=(7,))))
    assert document["lanes"] == {
        "HIGH": {"before": 0, "after": 1},
        "MEDIUM": {"before": 0, "after": 2},
        "LOW": {"before": 4, "after": 1},
    }
    cost = document["cost_usd"]
    assert cost["source"] == {"fast": "estimate", "batch": "estimate"}  # type: ignore[index]
    assert cost["after"]["fast"] == cost["per_message"]["fast"]  # type: ignore[index]
    assert cost["after"]["batch"] == cost["before"]["batch"]  # type: ignore[index]
    shown = simulation_text(document)
    assert "LOW → HIGH  Чек пустой" in shown
    assert "4 messages since 2000-01-01T00:00:00+00:00: 3 would have come in another lane" in shown
    assert f"What it costs to have {MODEL} read them:" in shown
    assert shown.count("estimated: the ledger has nothing of the kind yet") == 2


async def test_the_price_is_the_ledgers_own_where_it_has_one(database: Database) -> None:
    await stored(database, *[said(n, "Не печатается чек") for n in range(1, 11)])
    async with model(database) as (server, door):
        await run_dry(batch_lane(database, door))
        document = await simulate(database, Rules())
    cost = document["cost_usd"]
    assert cost["source"] == {"fast": "estimate", "batch": "ledger"}  # type: ignore[index]
    assert Decimal(str(cost["per_message"]["batch"])) == pytest.approx(server.charged / 10)  # type: ignore[index]


async def test_windows_in_batches_are_estimated_at_half_the_price(database: Database) -> None:
    await put(database, [said(1, "Чек пустой")])
    plain = await simulate(database, Rules())
    halved = await simulate(database, Rules(batch=BatchRules(api="batches")))
    prices = [document["cost_usd"]["per_message"]["batch"] for document in (plain, halved)]  # type: ignore[index]
    assert prices[1] == pytest.approx(prices[0] / 2)


def test_how_far_back() -> None:
    assert timedelta(days=29) < datetime.now(UTC) - began("30d") < timedelta(days=31)
    assert began("2026-11-01") == datetime(2026, 11, 1, tzinfo=UTC)
    with pytest.raises(BadInput, match="30d, 12h or 2026-11-01"):
        began("yesterday")
