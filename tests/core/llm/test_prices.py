"""Prices: which one holds on a day, what a call costs, what is refused."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from core.errors import SettingsError
from core.llm.calls import Usage
from core.llm.errors import UnpricedModel
from core.llm.prices import PRICES, load_prices
from tests.fakes.anthropic_rules import DOLLARS_PER_MILLION, dollars

TODAY = date(2026, 6, 1)

OWN = """
[lanes]
words = ["urgent"]

[[price]]
model = "my-own"
valid_from = 2026-01-01
input = 0.1
output = 0.2
cache_write_5m = 0
cache_write_1h = 0
cache_read = 0

[[price]]
model = "my-own"
valid_from = 2026-05-01
input = 0.3
output = 0.2
cache_write_5m = 0
cache_write_1h = 0
cache_read = 0
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "otklik.toml"
    path.write_text(OWN)
    return path


@pytest.mark.parametrize("model", DOLLARS_PER_MILLION)
def test_two_hands_reach_the_same_sum(model: str) -> None:
    """The loopback server computes its bill from the published multipliers, the product from its table."""
    usage = Usage(1_234_567, 89_012, 345_678, 9_012, 3_456)
    wire = {
        "input_tokens": 1_234_567,
        "output_tokens": 89_012,
        "cache_read_input_tokens": 345_678,
        "cache_creation": {"ephemeral_5m_input_tokens": 9_012, "ephemeral_1h_input_tokens": 3_456},
    }
    assert load_prices().at(model, TODAY).of(usage) == dollars(model, wire)


def test_the_default_model_is_priced() -> None:
    from core.settings import Settings

    assert load_prices().at(Settings().answer_model, TODAY).input > 0


def test_a_dated_snapshot_costs_what_its_model_costs() -> None:
    assert load_prices().at("claude-haiku-4-5-20251001", TODAY).model == "claude-haiku-4-5"


@pytest.mark.parametrize("model", ["gpt-9", "claude-haiku-4-5-latest", "", "CLAUDE-HAIKU-4-5"])
def test_an_unknown_model_has_no_price(model: str) -> None:
    with pytest.raises(UnpricedModel, match=r"otklik\.toml"):
        load_prices().at(model, TODAY)


def test_a_price_holds_from_its_day_until_the_next(own: Path) -> None:
    prices = load_prices(own)
    assert prices.at("my-own", date(2026, 4, 30)).input == Decimal("0.1")
    assert prices.at("my-own", date(2026, 5, 1)).input == Decimal("0.3")
    with pytest.raises(UnpricedModel):
        prices.at("my-own", date(2025, 12, 31))


def test_a_configured_price_goes_before_the_bundled_one(own: Path) -> None:
    own.write_text(OWN.replace("my-own", "claude-sonnet-5"))
    price = load_prices(own).at("claude-sonnet-5", date(2026, 1, 1))
    assert (price.input, price.assumed) == (Decimal("0.1"), False)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("input = -1", r"price\.1\.input"),
        ("input = nan", r"price\.1\.input"),
        ("input = 1\nimput = 2", r"price\.1\.imput"),
        ("", r"price\.1\.input"),
        ("input = [", r"otklik\.toml cannot be read"),
    ],
)
def test_a_wrong_table_is_told(own: Path, wrong: str, told: str) -> None:
    own.write_text(OWN.replace("input = 0.1", wrong))
    with pytest.raises(SettingsError, match=told):
        load_prices(own)


def test_the_file_says_where_its_prices_come_from() -> None:
    assert "CHECK THEM" in PRICES.read_text(encoding="utf-8")
