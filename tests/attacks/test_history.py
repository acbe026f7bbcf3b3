"""What somebody once wrote gives no orders: it is quoted as plain text, and reaches the model as data alone."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr

from core.llm.gateway import Gateway, GatewaySettings
from core.llm.prices import load_prices
from core.llm.prompts import PromptRegistry
from core.llm.refusal import REFUSAL_MARKER
from tests.attacks.library import Attack, attacks, each, payload
from tests.attacks.scene import SECRET, SECRET_CHAT, Scene
from tests.core.llm.kinds import ample
from tests.fakes.anthropic_script import Says, location
from tests.fakes.anthropic_server import AnthropicServer, Received

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("attacks: history")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def claude() -> AsyncIterator[AnthropicServer]:
    """A model that obeys: it says what the history tells it to."""
    async with AnthropicServer() as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["quoted", "written"])
async def playing(stage: Scene, claude: AnthropicServer, request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    """A bot without a key, and one with a model."""
    await stage.remember_secrets(attack["asked"] for attack in attacks("history"))
    settings = GatewaySettings(api_key=SecretStr("key"), base_url=claude.url, total_seconds=600)
    gateway = Gateway(settings, stage.otklik.database, load_prices(), ample)
    stage.otklik.gateway = gateway if request.param == "written" else None
    async with stage.otklik.answering():
        yield stage
    await gateway.close()


@each("history")
async def test_what_was_planted_is_said_as_plain_text_and_nothing_in_it_acts(
    scene: Scene, claude: AnthropicServer, attack: Attack
) -> None:
    ward = await scene.ward(attack["asked"], payload(attack, "answer"))
    claude.received.clear()
    claude.script.clear()
    if scene.otklik.gateway:
        claude.script.append(Says([(payload(attack, "answer"), location(0, block=1, text="x"))]))
    answer = await scene.asks(ward, attack["asked"])
    assert len(answer.keyboard) == 2 or REFUSAL_MARKER in attack["answer"], answer.text
    assert not scene.breaches(ward.chat, never=attack.get("never", ()))
    assert len(claude.received) == (1 if scene.otklik.gateway else 0)
    for request in claude.received:
        assert_is_data(request, attack)


async def test_after_all_of_it_people_are_served(scene: Scene) -> None:
    assert not await scene.still_serves(await scene.ward())


def assert_is_data(received: Received, attack: Attack) -> None:
    """What was planted stands in a search result and nowhere else, and so does nothing of another chat."""
    body: dict[str, Any] = received.body
    rules = PromptRegistry().load("answer").fill(refusal_marker=REFUSAL_MARKER).system
    *results, question = body["messages"][-1]["content"]
    assert "".join(block["text"] for block in body["system"]) == rules
    assert [message["role"] for message in body["messages"]] == ["user"]
    assert question == {"type": "text", "text": attack["asked"]}
    assert {block["type"] for block in results} == {"search_result"}
    assert not any(str(SECRET_CHAT) in block["source"] for block in results)
    assert SECRET not in json.dumps(body, ensure_ascii=False)
    assert "tools" not in body
