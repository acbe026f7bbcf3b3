"""`python -m benchmarks.analysis`: dollars for 1,000 messages, by three strategies on the sample chats.

The real prompts, schemas, gateway and ledger; a loopback server in the place of Claude, which counts tokens (four
characters each, so Russian costs more in truth, in all strategies alike), keeps a prompt cache as the API does, and charges.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from analytics.analysis.messages import MessageAnalyst
from analytics.analysis.windows import WindowAnalyst
from analytics.reading import Reading, Said
from analytics.topics import OFFERED
from analytics.trivial import is_trivial
from benchmarks.analysis.replies import writes
from benchmarks.road.scene import observed_samples
from benchmarks.road.stage import stage
from core.contracts.messages import MessageObserved
from core.db.session import Database
from core.domain.lanes import Lane
from core.llm.budget import Budgets
from core.llm.gateway import Gateway, GatewaySettings
from core.llm.ledger import Purse
from core.llm.prices import load_prices
from core.llm.prompts import PromptRegistry
from core.privacy.types import MaskedText
from core.rules import BatchRules
from tests.fakes.anthropic_server import AnthropicServer

MODEL = "claude-haiku-4-5"
CACHED_FROM = 4_096
"""Tokens from which this model caches a prefix."""
NEVER = 10**9
MONTH = 30_000
"""Messages in a month, at 1,000 a day."""
THREAD = 8
"""Messages of a thread that an urgent one is read with, and of a piece of chat in the place of one."""

Chats: TypeAlias = Sequence[Sequence[MessageObserved]]
Strategy: TypeAlias = Callable[[Gateway, Chats], Awaitable[None]]


async def one_by_one(door: Gateway, chats: Chats) -> None:
    """A call for each message, with those before it."""
    for chat in chats:
        for at in range(len(chat)):
            await _alone(door, chat, at)


async def urgent_ones(door: Gateway, chats: Chats) -> None:
    """The fast lane: a call for each urgent message of a client."""
    for chat in chats:
        for at, message in enumerate(chat):
            if message.lane is Lane.HIGH and not message.is_staff:
                await _alone(door, chat, at)


async def windows(door: Gateway, chats: Chats) -> None:
    """The batch lane: a call for each window that is not trivial."""
    size = BatchRules().messages
    analyst = WindowAnalyst(door, PromptRegistry(), MODEL, MaskedText)
    offered = [MaskedText("возврат по чеку")] * OFFERED
    for chat in chats:
        for start in range(0, len(chat), size):
            piece = _said(chat[start : start + size])
            if not is_trivial((one.is_staff, one.text) for one in piece):
                await analyst.analyse(chat[0].chat.chat_id, Reading(piece), offered)


async def _alone(door: Gateway, chat: Sequence[MessageObserved], at: int) -> None:
    thread = Reading(_said(chat[max(at + 1 - THREAD, 0) : at + 1]))
    analyst = MessageAnalyst(door, PromptRegistry(), MODEL, MaskedText)
    await analyst.analyse(chat[at].chat.chat_id, thread, chat[at].message_id, ())


def _said(messages: Sequence[MessageObserved]) -> list[Said]:
    return [
        Said(one.message_id, one.sender, one.is_staff, one.sent_at, one.reply_to, None, one.text, answered=False)
        for one in messages
    ]


async def charged(database: Database, strategy: Strategy, chats: Chats, cached_from: int) -> Decimal:
    """What the server charges for a strategy, in US dollars."""
    async with AnthropicServer(otherwise=writes, cache_minimum=cached_from) as server:
        purse = Purse(Budgets(day=Decimal(1_000), month=Decimal(1_000)), ZoneInfo("UTC"))
        settings = GatewaySettings(api_key=SecretStr("key"), base_url=server.url)
        door = Gateway(settings, database, load_prices(), lambda: purse)
        try:
            await strategy(door, chats)
        finally:
            await door.close()
        return server.charged


async def measured(chats: Chats) -> dict[str, Any]:
    """Every strategy, in dollars for 1,000 messages."""
    count = sum(len(chat) for chat in chats)
    discount = 1 - load_prices().at(MODEL, datetime.now(UTC).date()).batch_discount
    async with stage() as found:
        single = await charged(found.database, one_by_one, chats, NEVER)
        fast = await charged(found.database, urgent_ones, chats, NEVER)
        batch = await charged(found.database, windows, chats, NEVER)
        fast_cached = await charged(found.database, urgent_ones, chats, CACHED_FROM)
        batch_cached = await charged(found.database, windows, chats, CACHED_FROM)
    totals = {
        "a call for each message": single,
        "two lanes": fast + batch,
        "two lanes, caching and batches": fast_cached + batch_cached * discount,
    }
    return {
        "messages": count,
        "urgent": sum(one.lane is Lane.HIGH for chat in chats for one in chat),
        "model": MODEL,
        "strategies": [
            {
                "strategy": name,
                "dollars_per_1000": float(total * 1_000 / count),
                "of_the_first": float(total / single),
                "dollars_a_month": float(total * MONTH / count),
            }
            for name, total in totals.items()
        ],
    }


def main() -> None:
    """Measure, print, and fail where the last strategy costs more than an eighth of the first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write every figure there")
    options = parser.parse_args()
    document = asyncio.run(measured(observed_samples()))
    print(f"{document['messages']} messages, {document['urgent']} of them urgent; {document['model']}")
    print(f"{'strategy':32} {'$ / 1,000':>10} {'of the first':>13} {'$ a month at 1,000 a day':>26}")
    for one in document["strategies"]:
        month = f"{one['dollars_a_month']:.2f}"
        print(f"{one['strategy']:32} {one['dollars_per_1000']:10.4f} {one['of_the_first']:13.3f} {month:>26}")
    if options.json:
        options.json.write_text(json.dumps(document, indent=1), encoding="utf-8")
    sys.exit(document["strategies"][-1]["of_the_first"] > 1 / 8)


if __name__ == "__main__":
    main()
