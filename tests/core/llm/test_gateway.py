"""The call path when nothing goes wrong: what is sent, what comes back, what is entered in the ledger."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from core.db.models.model_call import ModelCall
from core.db.models.prompt_version import PromptVersion
from core.db.session import Database
from core.llm.calls import Call, Citation, SearchResult
from core.llm.errors import UnpricedModel
from core.llm.gateway import Gateway, GatewaySettings
from core.llm.prices import load_prices
from core.llm.refusal import is_refusal
from core.privacy.types import MaskedText
from tests.core.llm.kinds import Connect, Rows, ample, spent
from tests.fakes.anthropic_script import Says, location
from tests.fakes.anthropic_server import AnthropicServer


async def test_the_reply_is_quoted_cited_and_paid_for(connect: Connect, call: Call, rows: Rows) -> None:
    async with AnthropicServer() as server:
        gateway = await connect(server)
        reply = await gateway.complete(call)

    assert reply.text == "Настройки → Сброс пароля."
    assert reply.citations == (Citation(0, "unit-1", MaskedText(reply.text), 0, len(reply.text)),)
    assert reply.dropped_citations == 0
    assert reply.stop_reason == "end_turn"
    assert reply.prompt == call.prompt.reference
    assert reply.cost_usd == server.charged > 0
    [row] = await rows()
    assert (row.call_id, row.outcome, row.purpose, row.model) == (reply.call_id, "ok", "answer", "claude-sonnet-4-6")
    assert (row.price, row.prompt, row.request_id) == (server.charged, reply.prompt, "req_0001")
    assert (row.input_tokens, row.output_tokens) == (reply.usage.input_tokens, reply.usage.output_tokens)
    assert row.settled_at
    assert row.settled_at >= row.opened_at
    assert (row.retry_of, row.error) == (None, None)


async def test_what_is_sent(connect: Connect, call: Call) -> None:
    async with AnthropicServer() as server:
        await (await connect(server)).complete(call)

    [request] = server.received
    assert request.body["system"] == [
        {"type": "text", "text": call.prompt.system, "cache_control": {"type": "ephemeral"}}
    ]
    [message] = request.body["messages"]
    *results, question = message["content"]
    assert question == {"type": "text", "text": call.question}
    assert [result["source"] for result in results] == ["unit-1", "unit-2"]
    assert results[1] == {
        "type": "search_result",
        "source": "unit-2",
        "title": "Support",
        "content": [{"type": "text", "text": "Ask the owner. "}, {"type": "text", "text": "Then wait."}],
        "citations": {"enabled": True},
    }
    assert request.body.keys() == {"model", "max_tokens", "system", "messages", "stream"}
    assert request.body["max_tokens"] == call.prompt.max_tokens


async def test_words_are_given_out_before_the_reply_is_complete(connect: Connect, call: Call, rows: Rows) -> None:
    says = Says.text("Open the settings first", alter=lambda events: events[:5], then="hang")
    async with AnthropicServer(says) as server:
        gateway = await connect(server)
        async with gateway.stream(call) as stream:
            words = aiter(stream)
            assert [await anext(words), await anext(words)] == ["Open", " the"]
            with pytest.raises(RuntimeError, match="read the stream to its end"):
                _ = stream.reply

    [row] = await rows()
    assert (row.outcome, row.price) == ("cancelled", None)


async def test_the_cached_prefix_does_not_move(connect: Connect, call: Call, rows: Rows) -> None:
    async with AnthropicServer(cache_minimum=1) as server:
        gateway = await connect(server)
        first = await gateway.complete(call)
        other = SearchResult("unit-3", MaskedText("Other"), (MaskedText("Something else entirely."),))
        second = await gateway.complete(replace(call, question=MaskedText("And this?"), results=(other,)))

    assert first.usage.cache_write_5m_tokens == second.usage.cache_read_tokens > 0
    assert second.usage.cache_write_5m_tokens == 0
    assert spent(await rows()) == first.cost_usd + second.cost_usd == server.charged


async def test_citations_keep_their_place_and_foreign_ones_are_dropped(
    connect: Connect, call: Call, caplog: pytest.LogCaptureFixture
) -> None:
    says = Says(
        [
            ("First this. ", location(1, 0, 2, text="not what was given")),
            ("Then that. ", location(7)),
            ("And more.", location(0, 3)),
        ]
    )
    async with AnthropicServer(says) as server:
        reply = await (await connect(server)).complete(call)

    assert reply.text == "First this. Then that. And more."
    assert reply.citations == (Citation(1, "unit-2", MaskedText("Ask the owner. Then wait."), 0, 12),)
    assert reply.dropped_citations == 2
    assert "was not given" in caplog.text


async def test_no_sources_bring_a_refusal_that_code_can_see(connect: Connect, call: Call) -> None:
    async with AnthropicServer() as server:
        reply = await (await connect(server)).complete(replace(call, results=()))
    assert is_refusal(reply.text)
    assert not reply.citations


async def test_the_row_stands_in_the_ledger_while_the_call_runs(connect: Connect, call: Call, rows: Rows) -> None:
    says = Says.text("One two", alter=lambda events: events[:4], then="hang")
    async with AnthropicServer(says) as server, (await connect(server)).stream(call):
        [row] = await rows()
        assert (row.outcome, row.settled_at, row.price) == ("open", None, None)


async def test_a_prompt_is_kept_once_under_its_version(connect: Connect, call: Call, database: Database) -> None:
    async with AnthropicServer() as server:
        gateway = await connect(server)
        await gateway.complete(call)
        await gateway.complete(call)
    async with database.reading() as session:
        [kept] = await session.scalars(select(PromptVersion))
    assert (kept.version, kept.name, kept.text) == (call.prompt.version, "answer", call.prompt.source)


async def test_an_unpriced_model_is_never_called(connect: Connect, call: Call, rows: Rows) -> None:
    async with AnthropicServer() as server:
        gateway = await connect(server)
        with pytest.raises(UnpricedModel, match=r"'my-own'.*OTKLIK_ANSWER_MODEL"):
            await gateway.complete(replace(call, model="my-own"))
    assert not server.received
    assert not await rows()


async def test_an_assumed_price_is_told_once(connect: Connect, call: Call, caplog: pytest.LogCaptureFixture) -> None:
    async with AnthropicServer() as server:
        gateway = await connect(server)
        for _ in range(2):
            await gateway.complete(replace(call, model="claude-sonnet-5"))
    assert caplog.text.count("is assumed from its tier") == 1


async def test_a_model_of_ones_own_may_leave_its_counters_out(call: Call, database: Database, tmp_path: Path) -> None:
    """A server for local models was seen to leave `message_start` out; with a price of 0 nothing is lost by it."""
    free = tmp_path / "otklik.toml"
    free.write_text(
        '[[price]]\nmodel = "claude-sonnet-4-6"\nvalid_from = 2020-01-01\n'
        "input = 0\noutput = 0\ncache_write_5m = 0\ncache_write_1h = 0\ncache_read = 0\n"
    )

    def nameless(events: list[tuple[str, str]]) -> list[tuple[str, str]]:
        delta = '{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}}'
        return [*events[1:-2], ("message_delta", delta), events[-1]]

    async with AnthropicServer(Says.text("Готово", alter=nameless)) as server:
        settings = GatewaySettings(api_key=SecretStr("key"), base_url=server.url)
        gateway = Gateway(settings, database, load_prices(free), ample)
        reply = await gateway.complete(call)
        await gateway.close()
    assert (reply.text, reply.cost_usd, reply.usage.output_tokens) == ("Готово", Decimal(0), 9)


async def test_a_hundred_calls_at_once(connect: Connect, call: Call, rows: Rows) -> None:
    async with AnthropicServer() as server:
        gateway = await connect(server)
        replies = await asyncio.gather(*(gateway.complete(call) for _ in range(100)))
    ledger: list[ModelCall] = await rows()
    assert {row.call_id for row in ledger} == {reply.call_id for reply in replies}
    assert spent(ledger) == server.charged


async def test_a_connection_serves_one_call_after_the_other(connect: Connect, call: Call) -> None:
    async with AnthropicServer() as server:
        gateway = await connect(server)
        for _ in range(3):
            await gateway.complete(call)
    assert server.connections == 1
