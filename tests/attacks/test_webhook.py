"""Whatever is brought to the webhook: it is refused, or taken and left out, and the next honest update is answered."""

import json
import time
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from pydantic import SecretStr
from starlette.applications import Starlette

from tests.assistant.bot.running import ANSWER
from tests.attacks.library import Attack, each
from tests.attacks.scene import AGENT, BAIT, Scene, Ward
from tests.fakes.botapi import Message

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("attacks: webhook")]

TOKEN = "aB3_" * 8
HEADER = "X-Telegram-Bot-Api-Secret-Token"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def telegram(stage: Scene) -> AsyncIterator[httpx.AsyncClient]:
    """Whoever brings updates to the bot, which waits for them."""
    await stage.remember_secrets()
    webhook = {"bot_webhook_url": "https://bot.example", "bot_webhook_secret": SecretStr(TOKEN)}
    stage.otklik.settings = stage.otklik.settings.model_copy(update=webhook)
    async with stage.otklik.serving() as role:
        transport = httpx.ASGITransport(Starlette(routes=role.routes()))
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
            yield client


@pytest.fixture(scope="module")
def playing(stage: Scene, telegram: httpx.AsyncClient) -> Scene:
    """The bot that waits for its webhook."""
    return stage


@each("updates")
async def test_what_is_brought_does_no_harm(scene: Scene, telegram: httpx.AsyncClient, attack: Attack) -> None:
    ward = await scene.ward()
    before = await scene.tables()
    secret = {HEADER: attack.get("secret", "{token}").format(token=TOKEN, lower=TOKEN.lower())}
    brought = await telegram.post(attack.get("path", "/telegram"), content=body_of(attack, ward), headers=secret)
    assert brought.status_code == attack["status"]
    if attack.get("says") == "word":
        await scene.until(lambda: of_the_bot(scene, ward))
    await scene.settled()
    assert await scene.tables() == before
    known = len(of_the_bot(scene, ward))
    assert known == (1 if attack.get("says") else 0)
    assert (await telegram.post("/telegram", content=honest(ward), headers={HEADER: TOKEN})).is_success
    await scene.until(lambda: next(m for m in of_the_bot(scene, ward) if ANSWER in m.text))
    # A press that was made up has an id that Telegram does not know.
    assert not [one for one in scene.breaches(ward.chat) if "answerCallbackQuery" not in one]


def of_the_bot(scene: Scene, ward: Ward) -> list[Message]:
    return [message for message in ward.person.sees(ward.chat) if message.sender is scene.world.bot]


def body_of(attack: Attack, ward: Ward) -> bytes:
    """As it is sent."""
    text = str(attack["body"])
    for name, number in {"{agent}": AGENT, "{chat}": ward.chat.id, "{client}": ward.person.id}.items():
        text = text.replace(name, str(number))
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
    """A question that deserves an answer."""
    message = {
        "message_id": 5000, "date": int(time.time()), "text": f"/ask {BAIT}",
        "entities": [{"type": "bot_command", "offset": 0, "length": 4}],
        "chat": {"id": ward.chat.id, "type": "supergroup", "title": ward.chat.title},
        "from": {"id": ward.person.id, "is_bot": False, "first_name": "B"},
    }  # fmt: skip
    return json.dumps({"update_id": 5000, "message": message}).encode()
