"""What goes wrong between us and the model, over a real socket: the error, the retries, and what the ledger says."""

import asyncio
from collections.abc import Callable
from decimal import Decimal

import httpx2
import pytest
from anthropic import RateLimitError
from pydantic import SecretStr

from core.llm.calls import Call
from core.llm.errors import (
    BrokenReply,
    CallFailed,
    ModelUnavailable,
    NotAuthorised,
    Overloaded,
    RateLimited,
    Refused,
    Rejected,
    TimedOut,
    Truncated,
    Unknown,
)
from core.llm.vendor_errors import status_error
from tests.core.llm.kinds import Connect, Rows, spent
from tests.fakes.anthropic_script import Event, Garbage, Reset, Says, Silence, Step, fails
from tests.fakes.anthropic_server import AnthropicServer

GOOD = Says.text("All is well")
START, FIRST_WORDS = 1, 4
"""How many events there are up to the counters of what was read, and up to the first words."""


def cut(count: int) -> Callable[[list[Event]], list[Event]]:
    """Only the first events."""
    return lambda events: events[:count]


def broken_json(events: list[Event]) -> list[Event]:
    return [*events[:4], ("content_block_delta", '{"type": "content_block_de'), *events[4:]]


def no_object(events: list[Event]) -> list[Event]:
    return [*events[:4], ("content_block_delta", "[1, 2]"), *events[4:]]


def wrong_order(events: list[Event]) -> list[Event]:
    return [events[0], events[3], *events[1:3], *events[4:]]


def second_start(events: list[Event]) -> list[Event]:
    return [*events[:4], events[0], *events[4:]]


def malformed(events: list[Event]) -> list[Event]:
    return [*events[:4], ("content_block_delta", '{"type": "content_block_delta", "index": "x"}'), *events[4:]]


def no_words(events: list[Event]) -> list[Event]:
    return [event for event in events if "text_delta" not in event[1]]


def uncounted(events: list[Event]) -> list[Event]:
    delta = '{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}}'
    return [*events[1:-2], ("message_delta", delta), events[-1]]


def uncounted_and_cut_off(events: list[Event]) -> list[Event]:
    return [(name, data.replace("end_turn", "max_tokens")) for name, data in uncounted(events)]


def overloaded(after: int) -> Callable[[list[Event]], list[Event]]:
    error = '{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}'
    return lambda events: [*events[:after], ("error", error)]


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (fails(429, "rate_limit_error"), "rate_limited"),
        (fails(500, "api_error"), "overloaded"),
        (fails(503, "api_error"), "overloaded"),
        (fails(529, "overloaded_error"), "overloaded"),
        (fails(408, "timeout_error"), "overloaded"),
        (fails(409, "conflict_error"), "overloaded"),
        (Reset(), "unavailable"),
        (Says.text("x", alter=overloaded(START)), "overloaded"),
    ],
)
async def test_what_passes_by_itself_is_tried_again(
    connect: Connect, call: Call, rows: Rows, fault: Step, outcome: str
) -> None:
    async with AnthropicServer(fault, GOOD) as server:
        reply = await (await connect(server)).complete(call)

    assert reply.text == "All is well"
    failed, good = await rows()
    assert (failed.outcome, failed.retry_of) == (outcome, None)
    assert (good.outcome, good.retry_of, good.call_id) == ("ok", failed.call_id, reply.call_id)
    assert spent([failed, good]) == server.charged
    assert failed.error


@pytest.mark.parametrize(
    ("fault", "error", "outcome", "advice"),
    [
        (fails(400, "invalid_request_error"), Rejected, "rejected", "bug report"),
        (fails(401, "authentication_error"), NotAuthorised, "not_authorised", "ANTHROPIC_API_KEY"),
        (fails(402, "billing_error"), NotAuthorised, "not_authorised", "account"),
        (fails(403, "permission_error"), NotAuthorised, "not_authorised", "ANTHROPIC_API_KEY"),
        (fails(404, "not_found_error"), Unknown, "rejected", "OTKLIK_ANSWER_MODEL"),
        (fails(413, "request_too_large"), Rejected, "rejected", "scripted 413"),
        (Garbage(), BrokenReply, "broken", "ask again"),
        (Says.text("x", alter=cut(0)), BrokenReply, "broken", "ask again"),
        (Says.text("x y z", alter=cut(START)), BrokenReply, "broken", "ask again"),
        (Says.text("x y z", alter=broken_json), BrokenReply, "broken", "ask again"),
        (Says.text("x y z", alter=no_object), BrokenReply, "broken", "ask again"),
        (Says.text("x y z", alter=wrong_order), BrokenReply, "broken", "ANTHROPIC_BASE_URL"),
        (Says.text("x y z", alter=second_start), BrokenReply, "broken", "ANTHROPIC_BASE_URL"),
        (Says.text("x y z", alter=malformed), BrokenReply, "broken", "ANTHROPIC_BASE_URL"),
        (Says.text("x y z", alter=no_words), BrokenReply, "broken", "ANTHROPIC_BASE_URL"),
        (Says.text("x", stop_reason="tool_use"), BrokenReply, "broken", "ANTHROPIC_BASE_URL"),
        (Says.text("x", stop_reason="max_tokens"), Truncated, "truncated", "max_tokens"),
        (Says.text("x", stop_reason="refusal"), Refused, "refused", "in other words"),
    ],
)
async def test_what_does_not_pass_is_told_and_accounted_for(
    connect: Connect, call: Call, rows: Rows, fault: Step, error: type[CallFailed], outcome: str, advice: str
) -> None:
    async with AnthropicServer(fault) as server:
        with pytest.raises(error, match=advice):
            await (await connect(server)).complete(call)

    assert len(server.received) == 1
    [row] = await rows()
    assert (row.outcome, row.price or 0) == (outcome, server.charged)
    assert row.settled_at
    assert row.error


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Says.text("x y z", alter=cut(FIRST_WORDS)), "broken"),
        (Says.text("x y z", alter=cut(FIRST_WORDS), then="reset"), "broken"),
        (Says.text("x y z", alter=overloaded(FIRST_WORDS)), "overloaded"),
        (Says.text("x y z", alter=cut(FIRST_WORDS), then="hang"), "timed_out"),
    ],
)
async def test_what_broke_off_in_its_words_is_charged_for_words_that_nobody_has_counted(
    connect: Connect, call: Call, rows: Rows, fault: Step, outcome: str
) -> None:
    async with AnthropicServer(fault) as server:
        with pytest.raises(CallFailed):
            await (await connect(server, silence_seconds=0.5)).complete(call)
    [row] = await rows()
    assert (row.outcome, row.price) == (outcome, None)
    assert row.reserved > server.charged > 0, "what nobody knows stays reserved"


@pytest.mark.parametrize("alter", [uncounted, uncounted_and_cut_off, cut(0)])
async def test_an_unknown_cost_is_not_a_cost_of_nothing(
    connect: Connect, call: Call, rows: Rows, alter: Callable[[list[Event]], list[Event]]
) -> None:
    async with AnthropicServer(Says.text("x", alter=alter)) as server:
        with pytest.raises(BrokenReply):
            await (await connect(server)).complete(call)
    assert [(row.outcome, row.price) for row in await rows()] == [("broken", None)]


async def test_nothing_is_said_twice(connect: Connect, call: Call, rows: Rows) -> None:
    """After the first words a break is an error at once: a retry would begin the answer anew in front of the person."""
    says = Says.text("One two three", alter=cut(FIRST_WORDS + 1), then="reset")
    async with AnthropicServer(says) as server:
        gateway = await connect(server)
        heard: list[str] = []
        with pytest.raises(BrokenReply):
            async with gateway.stream(call) as stream:
                heard.extend([words async for words in stream])
    assert len(server.received) == 1
    assert [row.outcome for row in await rows()] == ["broken"]


async def test_the_tries_are_bounded(connect: Connect, call: Call, rows: Rows) -> None:
    async with AnthropicServer(*[fails(529, "overloaded_error")] * 3) as server:
        with pytest.raises(Overloaded, match="in a minute"):
            await (await connect(server)).complete(call)
    assert [row.outcome for row in await rows()] == ["overloaded"] * 3
    assert server.charged == 0


async def test_the_wait_that_the_server_asks_for_is_obeyed(connect: Connect, call: Call, rows: Rows) -> None:
    async with AnthropicServer(fails(429, "rate_limit_error", retry_after=0.2), GOOD) as server:
        await (await connect(server)).complete(call)
    first, second = await rows()
    assert first.settled_at
    assert (second.opened_at - first.settled_at).total_seconds() >= 0.19


async def test_a_wait_that_leaves_no_time_is_not_begun(connect: Connect, call: Call) -> None:
    async with AnthropicServer(fails(429, "rate_limit_error", retry_after=3600)) as server:
        with pytest.raises(RateLimited, match="in 3600 s") as caught:
            await asyncio.wait_for((await connect(server)).complete(call), 60)
    assert caught.value.retry_after == 3600


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("20", 20), ("0.5", 0.5), ("-3", 0), ("", None), ("soon", None), ("nan", None), ("1e9", 86_400),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 86_400),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
    ],
)  # fmt: skip
def test_the_wait_that_the_server_asks_for_is_read_in_both_its_forms(header: str, seconds: float | None) -> None:
    request = httpx2.Request("POST", "http://127.0.0.1/v1/messages")
    reply = httpx2.Response(429, headers={"retry-after": header}, request=request)
    error = status_error(RateLimitError("slow down", response=reply, body=None))
    assert error.retry_after == seconds


async def test_nobody_listens(connect: Connect, call: Call, rows: Rows) -> None:
    async with AnthropicServer() as server:
        pass
    with pytest.raises(ModelUnavailable, match="cannot be reached"):
        await (await connect(server)).complete(call)
    assert [(row.outcome, row.price) for row in await rows()] == [("unavailable", Decimal(0))] * 3


async def test_a_server_that_never_answers(connect: Connect, call: Call, rows: Rows) -> None:
    async with AnthropicServer(Silence()) as server:
        with pytest.raises(TimedOut, match="try again"):
            await (await connect(server, total_seconds=2)).complete(call)
    [row] = await rows()
    assert (row.outcome, row.price) == ("timed_out", None)


async def test_a_server_that_falls_silent(connect: Connect, call: Call, rows: Rows) -> None:
    says = Says.text("One two three", alter=cut(FIRST_WORDS), then="hang")
    async with AnthropicServer(says, says) as server:
        gateway = await connect(server, total_seconds=2)
        with pytest.raises(TimedOut, match="did not reply in time"):
            await gateway.complete(call)
        gateway = await connect(server, silence_seconds=1)
        with pytest.raises(TimedOut, match="fell silent"):
            await gateway.complete(call)
    assert [(row.outcome, row.price) for row in await rows()] == [("timed_out", None), ("timed_out", None)]


async def test_a_key_that_is_wrong(connect: Connect, call: Call) -> None:
    async with AnthropicServer() as server:
        with pytest.raises(NotAuthorised, match="invalid x-api-key"):
            await (await connect(server, api_key=SecretStr("wrong"))).complete(call)
