"""What batches and the prompt cache have saved, in dollars."""

from datetime import date
from decimal import Decimal

from analytics.saving import Saved, Used, saved
from core.llm.calls import Usage
from core.llm.prices import Price, Prices

PRICE = Price(
    model="m",
    valid_from=date(2026, 1, 1),
    input=Decimal(4),
    output=Decimal(20),
    cache_write_5m=Decimal(5),
    cache_write_1h=Decimal(8),
    cache_read=Decimal("0.4"),
    batch_discount=Decimal("0.5"),
)
PRICES = Prices([PRICE])
MILLION = 1_000_000


def used(api: str = "messages", price: str = "1", model: str = "m", day: int = 5, **tokens: int) -> Used:
    return Used(model, date(2026, 11, day), api, Decimal(price), Usage(**tokens))


def test_a_batch_has_saved_what_its_discount_took_off() -> None:
    assert saved([used("batches", "3"), used("messages", "7")], PRICES).batching == 3


def test_the_cache_saves_by_reading_and_costs_by_writing() -> None:
    assert saved([used(cache_read_tokens=MILLION)], PRICES).caching == Decimal("3.6")
    assert saved([used(cache_write_5m_tokens=MILLION)], PRICES).caching == -1
    assert saved([used(cache_write_1h_tokens=MILLION)], PRICES).caching == -4


def test_in_a_batch_the_cache_saves_at_the_batch_price() -> None:
    assert saved([used("batches", cache_read_tokens=MILLION)], PRICES).caching == Decimal("1.8")


def test_savings_add_up_to_what_it_would_have_cost() -> None:
    tokens = {
        "input_tokens": 70_000,
        "output_tokens": 9_000,
        "cache_read_tokens": 300_000,
        "cache_write_5m_tokens": 40_000,
    }
    paid = PRICE.of(Usage(**tokens)) / 2
    plainly = PRICE.of(Usage(input_tokens=410_000, output_tokens=9_000))
    found = saved([used("batches", str(paid), "m", 5, **tokens)], PRICES)
    assert found.batching == paid
    # In batches anyhow, the cache has saved half of what it would have saved alone.
    assert plainly / 2 - paid == found.caching


def test_a_model_without_a_price_is_named_and_left_out() -> None:
    assert saved([used(model="other", cache_read_tokens=MILLION)], PRICES) == Saved(
        Decimal(0), Decimal(0), frozenset({"other"})
    )
