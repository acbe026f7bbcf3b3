"""A model that was won over: nothing that it makes up is shown as sourced, nothing that it writes acts."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from pydantic import SecretStr

from core.llm.gateway import Gateway, GatewaySettings
from core.llm.prices import load_prices
from tests.attacks.library import Attack, chunks
from tests.attacks.scene import BAIT, Scene, Ward, fits, kind_of
from tests.core.llm.kinds import ample
from tests.fakes.anthropic_script import Event, Says, location
from tests.fakes.anthropic_server import AnthropicServer

KNOWN = (BAIT, "Откройте Настройки → Оборудование и перезапустите принтер.")


@pytest.mark.parametrize("portion", chunks("model"))
async def test_a_model_that_was_won_over_can_do_nothing(scene: Scene, portion: Sequence[Attack]) -> None:
    await scene.remember_secrets([])
    places = [await scene.ward(number, KNOWN) for number in range(len(portion))]
    wrong = []
    async with AnthropicServer() as claude:
        settings = GatewaySettings(
            api_key=SecretStr("key"), base_url=claude.url, tries=1, first_wait_seconds=0, longest_wait_seconds=0
        )
        scene.otklik.gateway = Gateway(settings, scene.otklik.database, load_prices(), ample)
        async with scene.otklik.answering():
            for attack, ward in zip(portion, places, strict=True):
                before = len(claude.received)
                claude.script.append(said(attack))
                wrong += [f"{attack['id']}: {one}" for one in await played(scene, attack, ward)]
                if len(claude.received) != before + 2:  # the attack, and the honest question after it
                    wrong.append(f"{attack['id']}: asked the model {len(claude.received) - before} times")
        await scene.otklik.gateway.close()
    assert not wrong, "\n".join(wrong)


async def played(scene: Scene, attack: Attack, ward: Ward) -> list[str]:
    """Ask while the model is about to say it; what is wrong with what was shown."""
    answer = await scene.asks(ward, BAIT)
    wrong = [] if fits(answer, attack["expect"]) else [f"was shown as {kind_of(answer)}: {answer.text[:200]!r}"]
    wrong += [
        f"{part!r} is missing: {answer.text[:200]!r}" for part in attack.get("shows", ()) if part not in answer.text
    ]
    wrong += scene.breaches(ward.chat, never=attack.get("never", ()))
    return [*wrong, *await scene.still_serves(ward)]


def said(attack: Attack) -> Says:
    """The reply as the server plays it."""
    blocks = [(part["text"] * part.get("repeat", 1), _cited(part)) for part in attack["says"]]
    stop = attack.get("stop_reason", "end_turn")
    if attack.get("endless"):
        return Says(blocks, stop, alter=_endless)
    return Says(blocks, stop, alter=_surrogate if attack.get("surrogate") else list)


def _cited(part: dict[str, Any]) -> dict[str, Any] | None:
    if "location" in part:
        return dict(part["location"])
    if "cites" not in part:
        return None
    return location(part["cites"], part.get("block", 0), part.get("until"), source=part.get("source", "x"), text="x")


def _surrogate(events: list[Event]) -> list[Event]:
    """Half of a character, which JSON can say and UTF-8 cannot."""
    return [(name, data.replace("⟪", "\\ud83d")) for name, data in events]


def _endless(events: list[Event]) -> Iterator[Event]:
    """The first block goes on for ever."""
    for name, data in events:
        while json.loads(data)["type"] == "content_block_stop":
            yield from (one for one in events if '"text_delta"' in one[1])
        yield name, data
