"""What batching and caching have saved, by the ledger's tokens and the prices. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.llm.calls import Usage
from core.llm.errors import UnpricedModel
from core.llm.prices import MILLION, Prices

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Used:
    """What was used of one model on one day by one of the vendor's ways."""

    model: str
    day: date
    api: str
    """`messages` or `batches`."""
    price: Decimal
    """What it cost, US dollars."""
    usage: Usage


@dataclass(frozen=True, slots=True)
class Saved:
    """US dollars. A cache that was written and never read costs more than it saves: then `caching` is below 0."""

    batching: Decimal
    """The discount on what was sent in batches."""
    caching: Decimal
    """What the tokens from the cache would have cost at the full price, less what they did, and less what writing them to
    the cache cost on top."""
    unpriced: frozenset[str]
    """Models of which no price is known any more; they are left out."""


def saved(used: Iterable[Used], prices: Prices) -> Saved:
    """What all of it would have cost more without batches and without the cache."""
    batching = caching = NOTHING
    unpriced = set()
    for one in used:
        try:
            price = prices.at(one.model, one.day)
        except UnpricedModel:
            unpriced.add(one.model)
            continue
        rate = 1 - price.batch_discount if one.api == "batches" else Decimal(1)
        if one.api == "batches" and rate:
            batching += one.price / rate - one.price
        usage = one.usage
        cheaper = (price.input - price.cache_read) * usage.cache_read_tokens
        dearer = (price.cache_write_5m - price.input) * usage.cache_write_5m_tokens
        dearer += (price.cache_write_1h - price.input) * usage.cache_write_1h_tokens
        caching += (cheaper - dearer) / MILLION * rate
    return Saved(batching, caching, frozenset(unpriced))
