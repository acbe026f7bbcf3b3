"""What somebody once wrote gives no orders: it is quoted as plain text, and reaches the model as data alone."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from pydantic import SecretStr

from core.llm.gateway import Gateway, GatewaySettings
from core.llm.prices import load_prices
from core.llm.prompts import PromptRegistry
from core.llm.refusal import REFUSAL_MARKER
from tests.attacks.library import Attack, chunks, payload
from tests.attacks.scene import SECRET, SECRET_CHAT, Scene, Ward
from tests.core.llm.kinds import ample
from tests.fakes.anthropic_script import Says, location
from tests.fakes.anthropic_server import AnthropicServer, Received

in_portions = pytest.mark.parametrize("portion", chunks("history"))


async def played(scene: Scene, attack: Attack, ward: Ward) -> list[str]:
    """Ask for what was planted; what is wrong with the answer, or with what came after."""
    answer = await scene.asks(ward, attack["asked"])
    wrong = [] if len(answer.keyboard) == 2 or REFUSAL_MARKER in attack["answer"] else [f"not answered: {answer.text}"]
    wrong += scene.breaches(ward.chat, never=attack.get("never", ()))
    return [f"{attack['id']}: {one}" for one in [*wrong, *await scene.still_serves(ward)]]


async def wards(scene: Scene, portion: Sequence[Attack]) -> list[Ward]:
    await scene.remember_secrets(attack["asked"] for attack in portion)
    return [
        await scene.ward(number, (attack["asked"], payload(attack, "answer"))) for number, attack in enumerate(portion)
    ]


@in_portions
async def test_what_was_planted_is_quoted_and_nothing_in_it_acts(scene: Scene, portion: Sequence[Attack]) -> None:
    places = await wards(scene, portion)
    wrong = []
    async with scene.otklik.answering():
        for attack, ward in zip(portion, places, strict=True):
            wrong += await played(scene, attack, ward)
    assert not wrong, "\n".join(wrong)


@in_portions
async def test_the_model_gets_what_was_planted_as_data_and_nothing_of_other_chats(
    scene: Scene, portion: Sequence[Attack]
) -> None:
    places = await wards(scene, portion)
    wrong = []
    async with AnthropicServer() as claude:
        settings = GatewaySettings(api_key=SecretStr("key"), base_url=claude.url)
        scene.otklik.gateway = Gateway(settings, scene.otklik.database, load_prices(), ample)
        async with scene.otklik.answering():
            for attack, ward in zip(portion, places, strict=True):
                before = len(claude.received)
                claude.script.append(Says([(payload(attack, "answer"), location(0, block=1, text="x"))]))  # it obeys
                wrong += await played(scene, attack, ward)
                wrong += [f"{attack['id']}: {one}" for one in not_data(claude.received[before], attack)]
        await scene.otklik.gateway.close()
    assert not wrong, "\n".join(wrong)


def not_data(received: Received, attack: Attack) -> list[str]:
    """Where in a request something stands that only a search result may hold."""
    body: dict[str, Any] = received.body
    rules = PromptRegistry().load("answer").fill(refusal_marker=REFUSAL_MARKER).system
    *results, question = body["messages"][-1]["content"]
    wrong = []
    if "".join(block["text"] for block in body["system"]) != rules:
        wrong.append("the rules are not the ones of the file")
    if [message["role"] for message in body["messages"]] != ["user"]:
        wrong.append("the history speaks in turns")
    if {block["type"] for block in results} != {"search_result"} or question != {
        "type": "text",
        "text": attack["asked"],
    }:
        wrong.append("something beside the question stands outside of the search results")
    if SECRET in json.dumps(body, ensure_ascii=False) or str(SECRET_CHAT) in str(
        [block["source"] for block in results]
    ):
        wrong.append("another chat's history was sent")
    return wrong
