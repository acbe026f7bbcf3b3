"""The types of the fixtures beside this file."""

from collections.abc import Awaitable, Callable, Iterable
from decimal import Decimal
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from core.db.models.model_call import ModelCall
from core.llm.budget import Budgets
from core.llm.gateway import Gateway
from core.llm.ledger import Purse
from tests.fakes.anthropic_server import AnthropicServer

Rows = Callable[[], Awaitable[list[ModelCall]]]
"""Reads the ledger, oldest row first."""


class Connect(Protocol):
    """Makes a gateway to a server; keywords are settings of the gateway, and `purse` is what it may spend."""

    async def __call__(
        self, server: AnthropicServer, *, purse: Callable[[], Purse] = ..., **settings: Any
    ) -> Gateway: ...


def spent(rows: Iterable[ModelCall]) -> Decimal:
    """What the ledger says was spent; a price that nobody knows adds nothing."""
    return sum((row.price for row in rows if row.price is not None), Decimal(0))


def ample() -> Purse:
    """More money than any test spends."""
    return Purse(Budgets(day=Decimal(1_000), month=Decimal(10_000)), ZoneInfo("UTC"))
