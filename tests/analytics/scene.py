"""What the tests of the analysis share: live messages, replies of a model that reads what it is given, and lanes."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from analytics.analysis.windows import WindowAnalyst
from analytics.batch import BatchLane
from core.contracts.messages import MessageObserved
from core.db.session import Database
from core.llm.budget import Budgets
from core.llm.gateway import Gateway, GatewaySettings
from core.llm.ledger import Purse
from core.llm.prices import load_prices
from core.llm.prompts import PromptRegistry
from core.privacy.types import MaskedText, RawText
from core.rules import BatchRules, Rules
from tests.fakes.anthropic_script import Answering, Says, Step
from tests.fakes.anthropic_server import AnthropicServer
from tests.ingestion.road import MASKER, QuickEmbedding, observed, place_all, put

MODEL = "claude-haiku-4-5"
AT_ONCE = Rules(batch=BatchRules(messages=5, minutes=5))


def said(message_id: int, words: str, *, days: float = 0, **fields: Any) -> MessageObserved:
    """A message of today, or of so many days ago; messages are a minute apart."""
    minute = timedelta(minutes=message_id - 500)
    return observed(message_id, words, sent_at=datetime.now(UTC) - timedelta(days=days) + minute, **fields)


async def stored(database: Database, *messages: MessageObserved) -> None:
    """Messages with their places in the threads."""
    await put(database, messages)
    for chat_id in {message.chat.chat_id for message in messages}:
        await place_all(database, chat_id)


def mask(words: str) -> MaskedText:
    return MASKER.mask(RawText(words)).text


def asked(body: Mapping[str, Any]) -> dict[str, Any]:
    """The document in a request."""
    document: dict[str, Any] = json.JSONDecoder().raw_decode(body["messages"][-1]["content"][-1]["text"])[0]
    return document


def says(**reply: Any) -> Says:
    return Says.text(json.dumps(reply, ensure_ascii=False))


def reads(body: Mapping[str, Any]) -> Says:
    """A model that reads: one topic of all that clients wrote, and the last of them waits."""
    document = asked(body)
    if "urgent" in document:
        urgent = {"category": "outage", "urgent": True, "sentiment": -0.8, "requires_response": True}
        return says(**urgent, summary="Касса стоит", suggestion="Перезагрузите кассу" if document["history"] else None)
    clients = [one["n"] for one in document["messages"] if one["from"].startswith("client")]
    topic = {"name": "работа кассы", "messages": clients, "problem": None, "sentiment": -0.5, "resolved": None}
    waits = {"message": clients[-1], "category": "problem", "sentiment": -0.5, "summary": "ждёт", "suggestion": None}
    return says(summary="Клиенты спрашивают про кассу.", sentiment=-0.5, topics=[topic], waiting=[waits])


@asynccontextmanager
async def model(
    database: Database, *script: Step, otherwise: Answering = reads, budgets: Budgets | None = None
) -> AsyncIterator[tuple[AnthropicServer, Gateway]]:
    """A loopback model with its script, and the door to it, with ample money unless told otherwise."""
    async with AnthropicServer(*script, otherwise=otherwise) as server:
        settings = GatewaySettings(api_key=SecretStr("key"), base_url=server.url, first_wait_seconds=0.001)
        purse = Purse(budgets or Budgets(day=Decimal(1_000), month=Decimal(10_000)), ZoneInfo("UTC"))
        door = Gateway(settings, database, load_prices(), lambda: purse)
        yield server, door
        await door.close()


def batch_lane(database: Database, door: Gateway | None, rules: Callable[[], Rules] = lambda: AT_ONCE) -> BatchLane:
    analyst = WindowAnalyst(door, PromptRegistry(), MODEL, mask) if door else None
    return BatchLane(database, QuickEmbedding(), analyst, rules)


async def run_dry(lane: BatchLane) -> int:
    """Cut and read until nothing is due; returns how many windows were taken up."""
    await lane.cut()
    taken = 0
    while await lane.step():
        taken += 1
    return taken
