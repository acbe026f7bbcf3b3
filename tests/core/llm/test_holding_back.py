"""A server in trouble is left alone for a while; calls of one purpose do not crowd out the others."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from itertools import count
from zoneinfo import ZoneInfo

import pytest

from core.llm.breaker import Admission, Breaker
from core.llm.budget import Budgets
from core.llm.calls import Call, Purpose
from core.llm.errors import BudgetExhausted, HeldBack, Overloaded, RateLimited, Rejected
from core.llm.gateway import AT_ONCE, TROUBLES
from core.llm.ledger import Purse
from core.llm.prompts import PromptRegistry
from core.llm.refusal import REFUSAL_MARKER
from tests.core.llm.kinds import Connect, Rows, ample
from tests.fakes.anthropic_script import Says, Silence, fails
from tests.fakes.anthropic_server import AnthropicServer


def test_a_late_failure_of_a_call_from_before_changes_nothing() -> None:
    breaker = Breaker(troubles=2, cool_seconds=30)
    before = [breaker.admit(0) for _ in range(4)]
    for admitted in before[:2]:
        breaker.failed(10, admitted)
    assert breaker.admit(39) is Admission.NO
    probe = breaker.admit(40)
    assert probe is Admission.TO_SEE
    breaker.failed(41, before[2])
    breaker.undecided(before[3])
    assert breaker.admit(100) is Admission.NO, "what the one brings is still waited for"
    breaker.failed(100, probe)
    assert breaker.admit(129) is Admission.NO
    assert breaker.admit(130) is Admission.TO_SEE
    breaker.succeeded()
    assert breaker.admit(130) is Admission.AS_USUAL


async def test_a_server_in_trouble_is_left_alone(connect: Connect, call: Call, rows: Rows) -> None:
    trouble = [fails(529, "overloaded_error") for _ in range(TROUBLES)]
    async with AnthropicServer(*trouble) as server:
        gateway = await connect(server, tries=1, cool_seconds=3600)
        for _ in range(TROUBLES):
            with pytest.raises(Overloaded):
                await gateway.complete(call)
        with pytest.raises(HeldBack, match="in trouble just now"):
            await gateway.complete(call)
        await gateway.complete(replace(call, model="claude-haiku-4-5"))
        assert [request.body["model"] for request in server.received][TROUBLES:] == ["claude-haiku-4-5"]
    assert len(await rows()) == TROUBLES + 1, "what is held back is not entered"


async def test_a_call_is_let_through_to_see(connect: Connect, call: Call) -> None:
    trouble = [fails(500, "api_error") for _ in range(TROUBLES)]
    async with AnthropicServer(*trouble) as server:
        gateway = await connect(server, tries=1, cool_seconds=0.01)
        for _ in range(TROUBLES):
            with pytest.raises(Overloaded):
                await gateway.complete(call)
        async with asyncio.timeout(60):
            for _ in count():
                try:
                    await gateway.complete(call)
                    break
                except HeldBack:
                    await asyncio.sleep(0.01)
        await gateway.complete(call)


async def test_one_call_alone_is_let_through_to_see(connect: Connect, call: Call) -> None:
    trouble = [fails(500, "api_error") for _ in range(TROUBLES)]
    async with AnthropicServer(*trouble, Silence()) as server:
        gateway = await connect(server, tries=1, cool_seconds=0)
        for _ in range(TROUBLES):
            with pytest.raises(Overloaded):
                await gateway.complete(call)
        first = asyncio.create_task(gateway.complete(call))
        await server.hangs.wait()
        others = await asyncio.gather(*(gateway.complete(call) for _ in range(5)), return_exceptions=True)
        assert [type(error) for error in others] == [HeldBack] * 5
        assert len(server.received) == TROUBLES + 1
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert (await gateway.complete(call)).text, "one that was given up says nothing: the next may look"


async def test_a_call_that_never_left_does_not_say_that_the_server_is_well(connect: Connect, call: Call) -> None:
    poor = Purse(Budgets(day=Decimal(0), month=Decimal(0)), ZoneInfo("UTC"))
    purse = ample()
    trouble = [fails(500, "api_error") for _ in range(TROUBLES)]
    async with AnthropicServer(*trouble) as server:
        gateway = await connect(server, purse=lambda: purse, tries=1, cool_seconds=3600)
        for turn in range(TROUBLES):
            with pytest.raises(Overloaded):
                await gateway.complete(call)
            if turn < TROUBLES - 1:
                purse = poor
                with pytest.raises(BudgetExhausted):
                    await gateway.complete(call)
                purse = ample()
        with pytest.raises(HeldBack):
            await gateway.complete(call)


async def test_a_pause_that_the_server_asks_for_is_everybodys(connect: Connect, call: Call, rows: Rows) -> None:
    async with AnthropicServer(fails(429, "rate_limit_error", retry_after=0.3)) as server:
        gateway = await connect(server, tries=1)
        with pytest.raises(RateLimited):
            await gateway.complete(call)
        await gateway.complete(call)
    first, second = await rows()
    assert first.settled_at
    assert (second.opened_at - first.settled_at).total_seconds() >= 0.29


async def test_a_pause_longer_than_a_call_may_take_is_told_at_once(connect: Connect, call: Call) -> None:
    async with AnthropicServer(fails(429, "rate_limit_error", retry_after=3600)) as server:
        gateway = await connect(server, tries=1)
        with pytest.raises(RateLimited):
            await gateway.complete(call)
        with pytest.raises(HeldBack, match="asked for a pause") as caught:
            await gateway.complete(call)
        assert caught.value.retry_after
        assert 0 < caught.value.retry_after <= 3600
        assert len(server.received) == 1
        await gateway.complete(replace(call, model="claude-haiku-4-5"))


async def test_wrong_requests_say_nothing_about_the_server(connect: Connect, call: Call) -> None:
    async with AnthropicServer(*[fails(400, "invalid_request_error") for _ in range(2 * TROUBLES)]) as server:
        gateway = await connect(server, tries=1, cool_seconds=3600)
        for _ in range(2 * TROUBLES):
            with pytest.raises(Rejected):
                await gateway.complete(call)
        await gateway.complete(call)


async def test_a_purpose_has_so_many_calls_at_once_and_no_other_waits_for_it(connect: Connect, call: Call) -> None:
    silent = [Silence() for _ in range(AT_ONCE[Purpose.ANSWER])]
    async with AnthropicServer(*silent, Says.text("да")) as server:
        gateway = await connect(server, total_seconds=120.0, silence_seconds=120.0)
        crowd = [asyncio.create_task(gateway.complete(call)) for _ in silent]
        async with asyncio.timeout(60):
            while len(server.received) < len(silent):  # noqa: ASYNC110 - another process's socket, no event of ours
                await asyncio.sleep(0.01)
        waiting = asyncio.create_task(gateway.complete(call))
        other = PromptRegistry().load("answer").fill(refusal_marker=REFUSAL_MARKER)
        reply = await gateway.complete(
            replace(call, purpose=Purpose.JUDGE, prompt=replace(other, purpose=Purpose.JUDGE), results=())
        )
        assert reply.text == "да"
        assert len(server.received) == len(silent) + 1, "the ninth answer waits for its turn"
        for task in (*crowd, waiting):
            task.cancel()
        await asyncio.gather(*crowd, waiting, return_exceptions=True)
