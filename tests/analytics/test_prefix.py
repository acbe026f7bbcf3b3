"""What is sent before the user's turn never changes: it is what the vendor keeps in its cache, and finds by its bytes."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from analytics.analysis.messages import MessageAnalyst
from analytics.analysis.windows import WindowAnalyst
from analytics.reading import Reading, Said
from core.db.session import Database
from core.index.records import Hit
from core.llm.prompts import PromptRegistry
from core.privacy.types import MaskedText
from tests.analytics.scene import MODEL, mask, model, reads
from tests.fakes.anthropic_script import Says


def reading(day: int, *words: str) -> Reading:
    sent_at = datetime(2026, 11, day, 12, tzinfo=UTC)
    return Reading(
        [
            Said(day * 100 + at, f"p_{day}", False, sent_at, None, None, MaskedText(said), False)
            for at, said in enumerate(words)
        ]
    )


CHAT = -1001
ONE, OTHER = reading(3, "Не печатается чек", "Срочно!"), reading(20, "Where is my refund?", "Hello", "Anyone?")
ASKED_ON = datetime(2026, 3, 2, tzinfo=UTC)
HIT = Hit(
    unit_id="u1", chat_id=-1, thread_id=1, message_ids=(1, 2), text=MaskedText("t"), question=MaskedText("Где чек?"),
    answer=MaskedText("В журнале"), asked_at=ASKED_ON, last_at=ASKED_ON, staff_answered=True, vetted=False, score=1.0,
    dense=1.0, lexical=1.0,
)  # fmt: skip


def prefixes(bodies: Sequence[Mapping[str, Any]]) -> set[str]:
    """All that stands before the user's turn, as it is written."""
    assert all([turn["role"] for turn in body["messages"]] == ["user"] for body in bodies)
    return {json.dumps({name: one for name, one in body.items() if name != "messages"}) for body in bodies}


async def test_windows_share_their_prefix_whatever_is_in_them_repaired_or_not(database: Database) -> None:
    async with model(database, Says.text("{}")) as (server, door):
        analyst = WindowAnalyst(door, PromptRegistry(), MODEL, mask)
        await analyst.analyse(CHAT, ONE, [])
        await analyst.analyse(CHAT, OTHER, [MaskedText("возврат"), MaskedText("чек")])
    assert len(server.received) == 3, "one was asked for again"
    [prefix] = prefixes([request.body for request in server.received])
    assert "cache_control" in prefix


async def test_windows_in_a_batch_share_theirs(database: Database) -> None:
    async with model(database) as (server, door):
        analyst = WindowAnalyst(door, PromptRegistry(), MODEL, mask)
        await door.batches.submit([analyst.call(CHAT, ONE, []), analyst.call(CHAT, OTHER, [MaskedText("чек")])])
    [batch] = server.desk.batches.values()
    [prefix] = prefixes(list(batch.requests.values()))
    assert "cache_control" in prefix


async def test_urgent_messages_share_theirs(database: Database) -> None:
    async with model(database, otherwise=reads) as (server, door):
        analyst = MessageAnalyst(door, PromptRegistry(), MODEL, mask)
        await analyst.analyse(CHAT, ONE, 301, [])
        await analyst.analyse(CHAT, OTHER, 2002, [HIT])
    assert len(server.received) == 2
    [prefix] = prefixes([request.body for request in server.received])
    assert "cache_control" in prefix
