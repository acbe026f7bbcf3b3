"""Over a run with faults of every kind, the ledger's sum is what the server charged, to the last digit."""

import asyncio
import random
from dataclasses import replace

from core.errors import ModelCallError
from core.llm.calls import Call, Purpose
from core.privacy.types import MaskedText
from tests.core.llm.kinds import Connect, Rows, spent
from tests.fakes.anthropic_script import Event, Garbage, Played, Reset, Says, Step, fails
from tests.fakes.anthropic_server import AnthropicServer

CALLS = 200
SEED = 20261124


def script(rng: random.Random) -> Played:
    """One of everything that a server does, in some proportion."""
    text = " ".join(["слово"] * rng.randrange(1, 60))
    cut = rng.randrange(1, 8)

    def broken_off(events: list[Event]) -> list[Event]:
        return events[:cut]

    steps: list[Played] = [
        Says.text(text),
        Says.text(text),
        Says.text(text, stop_reason="max_tokens"),
        Says.text(text, stop_reason="refusal"),
        Says.text(text, alter=broken_off, then="reset"),
        Says.text(text, alter=broken_off),
        fails(429, "rate_limit_error", retry_after=0.001),
        fails(500, "api_error"),
        fails(529, "overloaded_error"),
        fails(400, "invalid_request_error"),
        fails(401, "authentication_error"),
        Reset(),
        Garbage(),
    ]
    return rng.choice(steps)


async def test_the_ledger_tells_the_truth(connect: Connect, call: Call, rows: Rows) -> None:
    rng = random.Random(SEED)
    server = AnthropicServer(otherwise=lambda _: script(rng), cache_minimum=1)
    failures = 0
    async with server:
        gateway = await connect(server, tries=2, cool_seconds=0.001)

        async def ask(number: int) -> None:
            nonlocal failures
            try:
                if number % 5:
                    await gateway.complete(replace(call, question=MaskedText(f"Вопрос {number}?")))
                else:
                    async with gateway.stream(call) as stream:  # somebody who goes away in the middle
                        await anext(aiter(stream))
            except ModelCallError:
                failures += 1

        for begin in range(0, CALLS, 8):
            await asyncio.gather(*(ask(number) for number in range(begin, begin + 8)))
        batch = replace(
            call,
            purpose=Purpose.ANALYSIS_BATCH,
            prompt=replace(call.prompt, purpose=Purpose.ANALYSIS_BATCH),
            results=(),
        )
        whole: list[Step] = [
            Says.text("да"),
            Says.text("нет", stop_reason="max_tokens"),
            fails(400, "invalid_request_error"),
        ] * 5
        server.script.extend(whole)
        submitted = await gateway.batches.submit([batch] * len(whole))
        await gateway.batches.collect(submitted.batch_id)

    ledger = await rows()
    assert failures > CALLS / 4, "the faults did happen"
    assert len(ledger) > CALLS, "and were retried"
    assert all(row.settled_at for row in ledger)
    bills = {request.request_id: request.charged for request in server.received}
    unknown = [row for row in ledger if row.price is None]
    assert {row.outcome for row in unknown} <= {"unavailable", "broken", "cancelled"}
    assert len(unknown) < len(ledger) / 2
    assert all(row.reserved > bills.get(row.request_id or "", 0) for row in unknown), "what nobody knows stays reserved"
    assert spent(ledger) + sum(bills.get(row.request_id or "", 0) for row in unknown) == server.charged > 0
