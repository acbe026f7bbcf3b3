"""A gateway to a loopback server, over a real socket, with its ledger in a real PostgreSQL."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from core.db.models.model_call import ModelCall
from core.db.session import Database
from core.llm.calls import Call, Purpose, SearchResult
from core.llm.gateway import Gateway, GatewaySettings
from core.llm.ledger import Purse
from core.llm.prices import load_prices
from core.llm.prompts import PromptRegistry
from core.llm.refusal import REFUSAL_MARKER
from core.privacy.types import MaskedText
from tests.core.llm.kinds import Connect, Rows, ample
from tests.fakes.anthropic_server import AnthropicServer

QUICK = {"total_seconds": 100.0, "first_wait_seconds": 0.001, "longest_wait_seconds": 0.002}
"""The same decisions as in production, in milliseconds."""


@pytest.fixture
async def connect(database: Database) -> AsyncIterator[Connect]:
    """Makes a gateway to a server; keywords are settings of the gateway, and `purse` is what it may spend."""
    async with AsyncExitStack() as stack:

        async def make(server: AnthropicServer, *, purse: Callable[[], Purse] = ample, **settings: Any) -> Gateway:
            given: dict[str, Any] = {"api_key": SecretStr("key"), "base_url": server.url} | QUICK | settings
            gateway = Gateway(GatewaySettings(**given), database, load_prices(), purse)
            stack.push_async_callback(gateway.close)
            return gateway

        yield make


@pytest.fixture
def call() -> Call:
    """A question with two sources, the second in two pieces."""
    return Call(
        purpose=Purpose.ANSWER,
        prompt=PromptRegistry().load("answer").fill(refusal_marker=REFUSAL_MARKER),
        model="claude-sonnet-4-6",
        question=MaskedText("Как сбросить пароль?"),
        results=(
            SearchResult("unit-1", MaskedText("Поддержка"), (MaskedText("Настройки → Сброс пароля."),)),
            SearchResult("unit-2", MaskedText("Support"), (MaskedText("Ask the owner. "), MaskedText("Then wait."))),
        ),
    )


@pytest.fixture
def rows(database: Database) -> Rows:
    """The ledger, oldest row first."""

    async def read() -> list[ModelCall]:
        async with database.reading() as session:
            return list(await session.scalars(select(ModelCall).order_by(ModelCall.opened_at)))

    return read
