"""A server in trouble is left alone for a while; calls of one purpose do not crowd out the others."""

import asyncio
from dataclasses import replace
from itertools import count

import pytest

from core.llm.calls import Call, Purpose
from core.llm.errors import HeldBack, Overloaded, Rejected
from core.llm.gateway import AT_ONCE, TROUBLES
from core.llm.prompts import PromptRegistry
from core.llm.refusal import REFUSAL_MARKER
from tests.core.llm.kinds import Connect, Rows
from tests.fakes.anthropic_script import Says, Silence, fails
from tests.fakes.anthropic_server import AnthropicServer


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
