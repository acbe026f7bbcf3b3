"""A model that was won over: nothing that it makes up is shown as sourced, nothing that it writes acts."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr

from core.llm.gateway import Gateway, GatewaySettings
from core.llm.prices import load_prices
from tests.attacks.library import Attack, each
from tests.attacks.scene import BAIT, Scene, fits, kind_of
from tests.core.llm.kinds import ample
from tests.fakes.anthropic_script import Event, Says, location
from tests.fakes.anthropic_server import AnthropicServer

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("attacks: model")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def claude() -> AsyncIterator[AnthropicServer]:
    """The model."""
    async with AnthropicServer() as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def playing(stage: Scene, claude: AnthropicServer) -> AsyncIterator[Scene]:
    """A bot with this model. It has all the time it needs: on a slow machine, too, a long reply is one that ends."""
    await stage.remember_secrets()
    patience = {"total_seconds": 600, "silence_seconds": 600}
    settings = GatewaySettings(api_key=SecretStr("key"), base_url=claude.url, tries=1, **patience)
    stage.otklik.gateway = Gateway(settings, stage.otklik.database, load_prices(), ample)
    async with stage.otklik.answering():
        yield stage
    await stage.otklik.gateway.close()


@each("model")
async def test_a_model_that_was_won_over_can_do_nothing(scene: Scene, claude: AnthropicServer, attack: Attack) -> None:
    ward = await scene.ward()
    claude.received.clear()
    claude.script.clear()
    claude.script.append(said(attack))
    answer = await scene.asks(ward, BAIT)
    assert fits(answer, attack["expect"]), f"{kind_of(answer)}: {answer.text}"
    assert [part for part in attack.get("shows", ()) if part not in answer.text] == []
    assert not scene.breaches(ward.chat, never=attack.get("never", ()))
    assert len(claude.received) == 1


async def test_after_all_of_it_people_are_served(scene: Scene) -> None:
    assert not await scene.still_serves(await scene.ward())


def said(attack: Attack) -> Says:
    """The reply as the server plays it."""
    blocks = [(part["text"] * part.get("repeat", 1), _cited(part)) for part in attack["says"]]
    if attack.get("endless"):
        return Says(blocks, alter=_without_its_end, then="hang")
    return Says(blocks, attack.get("stop_reason", "end_turn"), alter=_surrogate if attack.get("surrogate") else list)


def _cited(part: dict[str, Any]) -> dict[str, Any] | None:
    if "location" in part:
        return dict(part["location"])
    if "cites" not in part:
        return None
    return location(part["cites"], part.get("block", 0), part.get("until"), source=part.get("source", "x"), text="x")


def _surrogate(events: list[Event]) -> list[Event]:
    """Half of a character, which JSON can say and UTF-8 cannot."""
    return [(name, data.replace("⟪", "\\ud83d")) for name, data in events]


def _without_its_end(events: list[Event]) -> list[Event]:
    return [
        (name, data) for name, data in events if name not in ("content_block_stop", "message_delta", "message_stop")
    ]
