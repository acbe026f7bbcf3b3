"""`otklik lanes simulate`: what a change of the rules would have done to the messages that are held, and cost."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import text

from analytics.pricing import LanePrice, lane_prices
from analytics.simulating import Held, Replayed, replay
from core.db.session import ReadSession
from core.domain.lanes import Lane
from core.llm.prices import Prices, load_prices
from core.privacy.pseudonyms import Pseudonyms
from core.privacy.types import MaskedText
from core.rules import Rules, load_rules
from core.settings import Settings
from otklik.wiring import runtime

EXAMPLES = 10
PAID_SINCE = timedelta(days=30)

_HELD = text("""
    SELECT chat_id, message_id, sender, is_staff, sent_at, reply_to, text, lane FROM messages
    WHERE sent_at >= :since ORDER BY chat_id, message_id
""")


async def run_simulation(settings: Settings, rules: Path, since: datetime) -> dict[str, Any]:
    """Simulate on this installation's messages. Nothing is changed and no model is called.

    Raises:
        OtklikError: a server cannot be reached, or the rules are wrong.
    """
    other = load_rules(rules)
    async with runtime(settings) as parts:
        await parts.check_key()
        prices = load_prices(*([settings.config] if settings.config.exists() else []))
        async with parts.database.reading() as session:
            return await simulated(session, other, since, parts.pseudonyms, prices, settings.analysis_model)


async def simulated(
    session: ReadSession, rules: Rules, since: datetime, pseudonyms: Pseudonyms, prices: Prices, model: str
) -> dict[str, Any]:
    """The JSON of `otklik lanes simulate`.

    Raises:
        UnpricedModel: nobody knows what the model costs.
    """
    held = [message async for message in _held(session, since)]
    before, after, changed = Counter[Lane](), Counter[Lane](), list[Replayed]()
    for one in replay(held, rules, pseudonyms):
        before[one.held.lane] += 1
        after[one.decision.lane] += 1
        if one.changes:
            changed.append(one)
    length = sum(len(message.text) for message in held) / max(len(held), 1)
    each = await lane_prices(session, datetime.now(UTC) - PAID_SINCE, prices, model, rules.batch, length)
    return {
        "since": since.isoformat(timespec="seconds"),
        "messages": len(held),
        "lanes": {lane.value: {"before": before[lane], "after": after[lane]} for lane in Lane},
        "changed": len(changed),
        "examples": [_example(one) for one in changed[:EXAMPLES]],
        "model": model,
        "cost_usd": {
            "before": _cost(before[Lane.HIGH], len(held), each),
            "after": _cost(after[Lane.HIGH], len(held), each),
            "per_message": {lane: float(price.dollars) for lane, price in each.items()},
            "source": {lane: price.source for lane, price in each.items()},
        },
    }


def simulation_text(document: dict[str, Any]) -> str:
    """The same for a person."""
    changed, examples, cost = document["changed"], document["examples"], document["cost_usd"]
    lines = [
        f"{document['messages']} messages since {document['since']}: {changed} would have come in another lane",
        f"{'':18} {'now':>9}   {'then':>9}",
    ]
    lines += [f"  {lane:16} {one['before']:9} → {one['after']:9}" for lane, one in document["lanes"].items()]
    lines.append(f"What it costs to have {document['model']} read them:")
    lines += [
        f"  {named:16} {_dollars(cost['before'][lane])} → {_dollars(cost['after'][lane])}{_source(cost['source'].get(lane))}"
        for lane, named in (("fast", "urgent ones"), ("batch", "all, in windows"), ("total", "together"))
    ]
    if examples:
        lines.append("Such as:" if changed > len(examples) else "These:")
    lines += [
        f"  {one['before']} → {one['after']}  {one['text'][:100]}  ({'; '.join(one['reasons']) or 'nothing urgent'})"
        for one in examples
    ]
    return "\n".join(lines)


def _dollars(amount: float) -> str:
    return f"{f'${amount:.4f}':>9}"


def _source(of: str | None) -> str:
    told = {
        "ledger": "by what was paid in the last 30 days",
        "estimate": "estimated: the ledger has nothing of the kind yet",
    }
    return f"   {told[of]}" if of else ""


async def _held(session: ReadSession, since: datetime) -> AsyncIterator[Held]:
    async for row in await session.stream(_HELD, {"since": since}):
        yield Held(
            row.chat_id, row.message_id, row.sender, row.is_staff, row.sent_at, row.reply_to,
            MaskedText(row.text), Lane(row.lane),
        )  # fmt: skip


def _cost(high: int, messages: int, each: Mapping[str, LanePrice]) -> dict[str, float]:
    """Every message is read in a window, whatever its lane; an urgent one alone before."""
    fast, batch = high * each["fast"].dollars, messages * each["batch"].dollars
    return {"fast": float(fast), "batch": float(batch), "total": float(Decimal(fast) + batch)}


def _example(one: Replayed) -> dict[str, Any]:
    return {
        "chat_id": one.held.chat_id,
        "message_id": one.held.message_id,
        "text": one.held.text,
        "before": one.held.lane.value,
        "after": one.decision.lane.value,
        "reasons": list(one.decision.reasons),
    }
