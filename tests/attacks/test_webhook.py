"""Whatever is brought to the webhook: it is refused, or taken and left out, and the next honest update is answered."""

import json
import time

import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette

from tests.assistant.bot.running import ANSWER
from tests.attacks.library import Attack, attacks
from tests.attacks.scene import AGENT, BAIT, SECRET, Scene, Ward

SECRET_TOKEN = "s" * 32
HEADER = "X-Telegram-Bot-Api-Secret-Token"


def body_of(attack: Attack) -> bytes:
    text = str(attack["body"]).replace("{agent}", str(AGENT))
    if "nest" in attack:
        text = text.replace("~", "[" * attack["nest"] + "]" * attack["nest"])
    if "fill" in attack:
        text = text.replace("~", "x" * attack["fill"])
    if "replies" in attack:
        text = text.replace("~", _replies(attack["replies"]))
    return text.encode()


def _replies(depth: int) -> str:
    about = '"date": 1780000000, "text": "чек", "chat": {"id": -5, "type": "group", "title": "x"}'
    head = "".join(f'{{"message_id": {number}, {about}, "reply_to_message": ' for number in range(1, depth))
    return head + f'{{"message_id": 9999, {about}}}' + "}" * (depth - 1)


def honest(ward: Ward) -> bytes:
    message = {
        "message_id": 5000, "date": int(time.time()), "text": f"/ask {BAIT}",
        "entities": [{"type": "bot_command", "offset": 0, "length": 4}],
        "chat": {"id": ward.chat.id, "type": "supergroup", "title": ward.chat.title},
        "from": {"id": ward.person.id, "is_bot": False, "first_name": "B"},
    }  # fmt: skip
    return json.dumps({"update_id": 5000, "message": message}).encode()


@pytest.mark.parametrize("attack", attacks("updates"), ids=lambda attack: attack["id"])
async def test_what_is_brought_does_no_harm(scene: Scene, attack: Attack) -> None:
    await scene.remember_secrets([])
    ward = await scene.ward(0, (BAIT, ANSWER))
    webhook = {"bot_webhook_url": "https://bot.example", "bot_webhook_secret": SecretStr(SECRET_TOKEN)}
    scene.otklik.settings = scene.otklik.settings.model_copy(update=webhook)
    async with scene.otklik.serving() as role:
        transport = httpx.ASGITransport(Starlette(routes=role.routes()))
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
            secret = SECRET_TOKEN if attack.get("secret", True) else "t" * 32
            brought = await client.post("/telegram", content=body_of(attack), headers={HEADER: secret})
            assert brought.status_code == attack["status"]
            before = len(scene.world.sent)
            assert (await client.post("/telegram", content=honest(ward), headers={HEADER: SECRET_TOKEN})).is_success
        answer = await scene.otklik.server.until(
            lambda: next(m for m in scene.world.sent if m.chat is ward.chat and ANSWER in m.text)
        )
    assert before == 0
    assert SECRET not in answer.text
    # A press that was made up has an id that Telegram does not know.
    assert not [one for one in scene.breaches(ward.chat) if "answerCallbackQuery" not in one]
