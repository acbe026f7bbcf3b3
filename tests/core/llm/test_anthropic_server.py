"""The fake itself: it is as strict as the API, charges by its own arithmetic, and does not hide what it cannot do."""

import asyncio
import json
import sys
from typing import Any

import httpx
import pytest

from tests.fakes.anthropic_script import Says
from tests.fakes.anthropic_server import AnthropicServer

HEADERS = {"x-api-key": "key", "anthropic-version": "2023-06-01"}
RESULT = {
    "type": "search_result",
    "source": "u",
    "title": "t",
    "content": [{"type": "text", "text": "Text."}],
    "citations": {"enabled": True},
}
BODY: dict[str, Any] = {
    "model": "claude-haiku-4-5",
    "max_tokens": 10,
    "messages": [{"role": "user", "content": [RESULT, {"type": "text", "text": "Question?"}]}],
}


def with_content(*blocks: Any) -> dict[str, Any]:
    return BODY | {"messages": [{"role": "user", "content": list(blocks)}]}


async def post(server: AnthropicServer, body: Any, headers: dict[str, str] | None = None) -> httpx.Response:
    async with httpx.AsyncClient(base_url=server.url) as client:
        return await client.post("/v1/messages", json=body, headers=HEADERS if headers is None else headers)


async def test_a_plain_reply() -> None:
    async with AnthropicServer() as server:
        reply = (await post(server, BODY)).json()
    assert reply["content"][0]["text"] == "Text."
    assert reply["content"][0]["citations"][0]["search_result_index"] == 0
    assert reply["stop_reason"] == "end_turn"
    assert server.charged > 0


async def test_the_order_of_the_real_api() -> None:
    async with AnthropicServer(Says.text("One two")) as server:
        reply = await post(server, BODY | {"stream": True})
    assert [line.removeprefix("event: ") for line in reply.text.splitlines() if line.startswith("event")] == [
        "message_start",
        "content_block_start",
        "ping",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (BODY | {"temprature": 1}, "temprature: Extra inputs"),
        (BODY | {"max_tokens": 0}, "max_tokens"),
        ({key: BODY[key] for key in ("model", "messages")}, "max_tokens: Field required"),
        (BODY | {"messages": []}, "at least one message"),
        (BODY | {"messages": [{"role": "system", "content": "x"}]}, "role"),
        (BODY | {"messages": [{"role": "assistant", "content": "x"}]}, "first message"),
        (BODY | {"system": [{"type": "text", "text": " "}]}, "non-whitespace"),
        (BODY | {"system": [{"type": "text", "text": "x", "cache_control": {"type": "for ever"}}]}, "cache_control"),
        (
            BODY | {"system": [{"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}] * 5},
            "maximum of 4",
        ),
        (with_content(RESULT | {"content": []}), "must not be empty"),
        (with_content(RESULT | {"content": [{"type": "text", "text": ""}]}), "non-whitespace"),
        (with_content({key: value for key, value in RESULT.items() if key != "source"}), "source: Field required"),
        (with_content(RESULT | {"url": "x"}), "url: Extra inputs"),
        (with_content(RESULT, RESULT | {"citations": {"enabled": False}}), "on all search results or on none"),
        (with_content({"type": "searchresult"}), "does not match any of the expected tags"),
    ],
)
async def test_what_the_api_rejects(body: dict[str, Any], told: str) -> None:
    async with AnthropicServer() as server:
        reply = await post(server, body)
    assert reply.status_code == 400
    assert reply.json()["error"]["type"] == "invalid_request_error"
    assert told in reply.json()["error"]["message"]
    assert not server.received


async def test_headers_and_models() -> None:
    async with AnthropicServer() as server:
        assert (await post(server, BODY, {})).status_code == 401
        assert (await post(server, BODY, {"x-api-key": "key"})).status_code == 400
        assert (await post(server, BODY | {"model": "gpt-9"})).status_code == 404


@pytest.mark.parametrize("field", ["tools", "thinking", "service_tier"])
async def test_what_it_does_not_know_is_told_loudly(field: str) -> None:
    async def use() -> None:
        async with AnthropicServer() as server:
            assert (await post(server, BODY | {field: {}})).status_code == 500

    with pytest.raises(AssertionError, match=field):
        await use()


async def test_a_step_that_was_never_asked_for_is_told() -> None:
    async def use() -> None:
        async with AnthropicServer(Says.text("x")):
            pass

    with pytest.raises(AssertionError, match="never asked for"):
        await use()


async def test_it_runs_as_a_process() -> None:
    arguments = ("-m", "tests.fakes.anthropic_server", "--port", "0")
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout
        url = (await process.stdout.readline()).decode().strip()
        async with httpx.AsyncClient() as client:
            reply = await client.post(f"{url}/v1/messages", content=json.dumps(BODY), headers=HEADERS)
        assert reply.status_code == 400  # it wants application/json, like the API
    finally:
        process.terminate()
        await process.wait()
