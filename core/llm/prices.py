"""Prices as data with dates, and what a call costs by them."""

import re
import tomllib
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import SettingsError
from core.llm.calls import Usage
from core.llm.errors import UnpricedModel

PRICES = Path(__file__).with_name("prices.toml")
"""The prices that come with Otklik."""

MILLION = Decimal(1_000_000)

_SNAPSHOT = re.compile(r"-\d{8}$")
"""`claude-haiku-4-5-20251001` is a dated snapshot of `claude-haiku-4-5` and costs the same."""

Dollars = Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]


class Price(BaseModel):
    """What one model costs from a day on, in US dollars for a million tokens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str
    valid_from: date
    input: Dollars
    output: Dollars
    cache_write_5m: Dollars
    cache_write_1h: Dollars
    cache_read: Dollars
    batch_discount: Annotated[Decimal, Field(ge=0, le=1)] = Decimal(0)
    """The part taken off in the Batches API, where nobody waits."""
    assumed: bool = False
    """True where the price is a guess from the model's tier."""

    @property
    def is_free(self) -> bool:
        """True for a model of one's own: nothing it does costs anything."""
        return not any((self.input, self.output, self.cache_write_5m, self.cache_write_1h, self.cache_read))

    def of(self, usage: Usage) -> Decimal:
        """US dollars, exact.

        >>> price = load_prices().at("claude-haiku-4-5", date(2026, 1, 1))
        >>> str(price.of(Usage(input_tokens=1_000_000, output_tokens=1_000)).normalize())
        '1.005'
        """
        total = (
            self.input * usage.input_tokens
            + self.output * usage.output_tokens
            + self.cache_read * usage.cache_read_tokens
            + self.cache_write_5m * usage.cache_write_5m_tokens
            + self.cache_write_1h * usage.cache_write_1h_tokens
        )
        return total / MILLION


class Prices:
    """Every known price. The first one that fits is taken: what is configured goes before what comes with Otklik."""

    def __init__(self, prices: Iterable[Price]) -> None:
        self._by_model: dict[str, list[Price]] = {}
        for price in prices:
            self._by_model.setdefault(price.model, []).append(price)

    def at(self, model: str, day: date) -> Price:
        """The price of a model on a day.

        Raises:
            UnpricedModel: none is known; the model must not be called.
        """
        for name in (model, _SNAPSHOT.sub("", model)):
            held = [price for price in self._by_model.get(name, ()) if price.valid_from <= day]
            if held:
                return max(held, key=lambda price: price.valid_from)
        raise UnpricedModel(model)


class _PriceFile(BaseModel):
    """Only `[[price]]` is read, so that `otklik.toml` itself can be given."""

    price: Sequence[Price] = ()


def load_prices(*configured: Path) -> Prices:
    """The prices that come with Otklik; a model that a configured file prices has only that file's prices.

    Raises:
        SettingsError: a table is wrong; the text names the file and the key.
    """
    held: dict[str, list[Price]] = {}
    for path in (PRICES, *configured):
        new: dict[str, list[Price]] = {}
        for price in _read(path):
            new.setdefault(price.model, []).append(price)
        held |= new
    return Prices(price for prices in held.values() for price in prices)


def _read(path: Path) -> Sequence[Price]:
    try:
        with path.open("rb") as file:
            return _PriceFile.model_validate(tomllib.load(file, parse_float=Decimal)).price
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path.name} cannot be read: {error}.") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part + 1) if isinstance(part, int) else part for part in first["loc"])
        raise SettingsError(f"{path.name}: {where} cannot be used: {first['msg']}.") from None
