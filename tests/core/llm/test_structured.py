"""Replies that keep to a schema: what is sent, what is accepted, what is repaired, what is set aside."""

import json
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from core.llm.calls import Call
from core.llm.errors import SchemaBroken, Truncated
from core.llm.structured import parse
from tests.core.llm.kinds import Connect, Rows, spent
from tests.fakes.anthropic_script import Says
from tests.fakes.anthropic_server import AnthropicServer


class Mood(BaseModel):
    """A schema with everything that the API cannot enforce."""

    model_config = ConfigDict(extra="forbid")

    mood: Literal["good", "bad"]
    sure: Annotated[float, Field(ge=0, le=1)]
    why: Annotated[str, Field(max_length=20)]


GOOD = json.dumps({"mood": "good", "sure": 0.9, "why": "спасибо"}, ensure_ascii=False)


async def test_a_reply_becomes_an_object(connect: Connect, call: Call, rows: Rows) -> None:
    async with AnthropicServer(Says.text(GOOD)) as server:
        parsed = await parse(await connect(server), call, Mood)
    assert parsed.value == Mood(mood="good", sure=0.9, why="спасибо")
    assert parsed.cost_usd == parsed.reply.cost_usd == server.charged == spent(await rows())
    [request] = server.received
    sent = request.body["output_config"]["format"]
    assert sent["type"] == "json_schema"
    assert sent["schema"]["required"] == ["mood", "sure", "why"]


@pytest.mark.parametrize("wrapped", [f"```json\n{GOOD}\n```", f"Вот ответ: {GOOD}"])
async def test_a_model_that_knows_no_schemas_may_chat_around_it(connect: Connect, call: Call, wrapped: str) -> None:
    async with AnthropicServer(Says.text(wrapped)) as server:
        assert (await parse(await connect(server), call, Mood)).value.mood == "good"


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ('{"mood": "fine", "sure": 0.9, "why": "x"}', "mood: Input should be 'good' or 'bad'"),
        ('{"mood": "bad", "sure": 7, "why": "x"}', "sure: Input should be less than or equal to 1"),
        ('{"mood": "bad", "sure": 0.1, "why": "' + "x" * 21 + '"}', "why: String should have at most 20 characters"),
        ("no JSON at all", "the whole: Invalid JSON"),
        ("[]", "the whole: Input should be an object"),
    ],
)
async def test_a_breach_is_told_once_and_repaired(
    connect: Connect, call: Call, rows: Rows, broken: str, told: str
) -> None:
    async with AnthropicServer(Says.text(broken), Says.text(GOOD)) as server:
        parsed = await parse(await connect(server), call, Mood)
    assert parsed.value.mood == "good"
    assert parsed.cost_usd == server.charged == spent(await rows())
    first, second = (request.body["messages"][0]["content"][-1]["text"] for request in server.received)
    assert second.startswith(first)
    assert told in second
    assert server.received[0].body["system"] == server.received[1].body["system"], "the cached prefix does not move"


async def test_what_breaks_it_twice_is_set_aside_and_paid_for(connect: Connect, call: Call, rows: Rows) -> None:
    async with AnthropicServer(Says.text("{}"), Says.text("{}")) as server:
        with pytest.raises(SchemaBroken, match="mood: Field required"):
            await parse(await connect(server), call, Mood)
    assert [row.outcome for row in await rows()] == ["ok", "ok"]
    assert spent(await rows()) == server.charged


async def test_what_is_told_of_a_breach_has_none_of_the_models_words(
    connect: Connect, call: Call, caplog: pytest.LogCaptureFixture
) -> None:
    leaking = json.dumps({"mood": "bad +7 916 123-45-67", "sure": 0.1, "why": "x", "+7 916 123-45-67": "ivan@mail.ru"})
    async with AnthropicServer(Says.text(leaking), Says.text(leaking)) as server:
        with pytest.raises(SchemaBroken) as caught:
            await parse(await connect(server), call, Mood)
    asked_again = server.received[1].body["messages"][0]["content"][-1]["text"]
    for told in (str(caught.value), asked_again, caplog.text):
        assert "916" not in told
        assert "ivan" not in told
    assert "the whole: Extra inputs are not permitted" in str(caught.value)


async def test_a_reply_that_was_cut_off_is_not_repaired(connect: Connect, call: Call) -> None:
    async with AnthropicServer(Says.text(GOOD, stop_reason="max_tokens")) as server:
        with pytest.raises(Truncated):
            await parse(await connect(server), call, Mood)
