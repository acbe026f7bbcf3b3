"""`python -m benchmarks.analysis`: what it costs to have Claude read 1,000 messages, by three strategies on one day.

The real prompts, schemas, windows, batches, gateway and ledger; a loopback server in the place of Claude, which counts tokens
(four characters each, so Russian costs more in truth, in all strategies alike), keeps a prompt cache as the API does, takes
batches at half the price, and charges.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from sqlalchemy import text

from analytics.analysis.messages import MessageAnalyst
from analytics.analysis.windows import WindowAnalyst
from analytics.batch import BatchLane
from analytics.bulk import BulkLane
from analytics.reading import Reading, Said
from benchmarks.analysis.day import A_DAY, pass_day, spread
from benchmarks.analysis.replies import writes
from benchmarks.road.measuring import Progress
from benchmarks.road.scene import observed_samples
from benchmarks.road.stage import Stage, stage
from core.contracts.messages import MessageObserved
from core.domain.lanes import Lane
from core.llm.budget import Budgets
from core.llm.gateway import Gateway, GatewaySettings
from core.llm.ledger import Purse
from core.llm.prices import load_prices
from core.llm.prompts import PromptRegistry
from core.privacy.types import MaskedText
from core.rules import BatchRules, Rules
from tests.fakes.anthropic_server import AnthropicServer
from tests.ingestion.road import QuickEmbedding

MODEL = "claude-haiku-4-5"
CACHED_FROM = 4_096
"""Tokens from which this model caches a prefix."""
NEVER = 10**9
MONTH = 30 * A_DAY
THREAD = 8
"""Messages of a thread that an urgent one is read with, and of a piece of chat in the place of one."""
UNHURRIED = BatchRules(api="batches", minutes=240)
"""Nobody waits for what comes within a day, so windows may wait until they are nearly full."""

Day: TypeAlias = Sequence[MessageObserved]
Strategy: TypeAlias = Callable[[Stage, Gateway, Day], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Charged:
    """What a strategy costs."""

    dollars: Decimal
    windows: int
    """Those that a model has read."""
    messages: int
    """In them."""


async def one_by_one(_: Stage, door: Gateway, day: Day) -> None:
    """A call for each message, with those before it in its chat."""
    for number in range(len(day)):
        await _alone(door, day, number)


def two_lanes(rules: BatchRules) -> Strategy:
    """A call for each urgent message of a client, and for each window, in a batch where the rules say so."""

    async def strategy(found: Stage, door: Gateway, day: Day) -> None:
        lane = BatchLane(found.database, QuickEmbedding(), _analyst(door), lambda: Rules(batch=rules))
        bulk = BulkLane(found.database, lane, _analyst(door), door.batches)

        async def read() -> None:
            while await lane.step():
                pass
            await bulk.submit()
            await bulk.collect()

        for number, message in enumerate(day):
            if message.lane is Lane.HIGH and not message.is_staff:
                await _alone(door, day, number)
        await pass_day(found.database, day, rules, read)

    return strategy


def _analyst(door: Gateway) -> WindowAnalyst:
    return WindowAnalyst(door, PromptRegistry(), MODEL, MaskedText)


async def _alone(door: Gateway, day: Day, number: int) -> None:
    chat = [one for one in day[: number + 1] if one.chat == day[number].chat]
    analyst = MessageAnalyst(door, PromptRegistry(), MODEL, MaskedText)
    await analyst.analyse(day[number].chat.chat_id, Reading(_said(chat[-THREAD:])), day[number].message_id, ())


def _said(messages: Day) -> list[Said]:
    return [
        Said(one.message_id, one.sender, one.is_staff, one.sent_at, one.reply_to, None, one.text, answered=False)
        for one in messages
    ]


async def charged(found: Stage, strategy: Strategy, day: Day, cached_from: int) -> Charged:
    """What the server charges for a strategy; the ledger agrees with it."""
    await _clear(found)
    async with AnthropicServer(otherwise=writes, cache_minimum=cached_from) as server:
        purse = Purse(Budgets(day=Decimal(1_000), month=Decimal(1_000)), ZoneInfo("UTC"))
        settings = GatewaySettings(api_key=SecretStr("key"), base_url=server.url)
        door = Gateway(settings, found.database, load_prices(), lambda: purse)
        try:
            await strategy(found, door, day)
        finally:
            await door.close()
        async with found.database.reading() as session:
            row = (await session.execute(_READ)).one()
        assert row.paid == server.charged, "the ledger tells the truth"
        return Charged(server.charged, row.windows, row.messages)


async def _clear(found: Stage) -> None:
    await found.clear()
    async with found.database.transaction() as session:
        await session.execute(text("TRUNCATE model_calls CASCADE"))


_READ = text("""
    SELECT (SELECT sum(price) FROM model_calls) AS paid, count(DISTINCT window_id) AS windows, count(*) AS messages
    FROM messages JOIN analysis_windows USING (window_id) WHERE analysed_by = 'model'
""")


async def measured(chats: Sequence[Day], progress: Progress) -> dict[str, Any]:
    """Every strategy, in dollars for 1,000 messages."""
    strategies: dict[str, tuple[Strategy, int]] = {
        "a call for each message": (one_by_one, NEVER),
        "two lanes": (two_lanes(BatchRules()), NEVER),
        "two lanes, windows of an hour": (two_lanes(BatchRules(minutes=60)), NEVER),
        "two lanes, caching and batches": (two_lanes(UNHURRIED), CACHED_FROM),
    }
    async with stage() as found:
        day = await spread(found, chats)
        bills = {}
        for name, (strategy, cached_from) in strategies.items():
            progress.step(name)
            bills[name] = await charged(found, strategy, day, cached_from)
    first = bills["a call for each message"].dollars
    return {
        "messages": len(day),
        "urgent": sum(one.lane is Lane.HIGH for one in day),
        "model": MODEL,
        "strategies": [
            {
                "strategy": name,
                "windows": bill.windows,
                "messages_a_window": bill.messages / bill.windows if bill.windows else None,
                "dollars_per_1000": float(bill.dollars * 1_000 / len(day)),
                "of_the_first": float(bill.dollars / first),
                "dollars_a_month": float(bill.dollars * MONTH / len(day)),
            }
            for name, bill in bills.items()
        ],
    }


def main() -> None:
    """Measure, print, and fail where the last strategy costs more than an eighth of the first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write every figure there")
    options = parser.parse_args()
    document = asyncio.run(measured(observed_samples(), Progress()))
    print(f"{document['messages']} messages, {document['urgent']} of them urgent; {document['model']}")
    print(f"{'strategy':32} {'windows':>8} {'$ / 1,000':>10} {'of the first':>13} {'$ a month at 1,000 a day':>26}")
    for one in document["strategies"]:
        month = f"{one['dollars_a_month']:.2f}"
        print(
            f"{one['strategy']:32} {one['windows'] or '':>8} {one['dollars_per_1000']:10.4f} {one['of_the_first']:13.3f} "
            f"{month:>26}"
        )
    if options.json:
        options.json.write_text(json.dumps(document, indent=1), encoding="utf-8")
    sys.exit(document["strategies"][-1]["of_the_first"] > 1 / 8)


if __name__ == "__main__":
    main()
