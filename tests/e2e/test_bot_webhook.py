"""A bot to which Telegram brings the updates: only with the secret, and again until they are stored."""

import socket
from typing import Any, Final

import aiohttp
import pytest

from core.embedded.servers import Servers
from tests.e2e.bot.samples import RU, STAFF
from tests.e2e.bot.town import town
from tests.fakes.botapi import Message, Person
from tests.fakes.botapi.webhook import SECRET

ADDRESS: Final = "https://bot.example"
WORD: Final = "s" * 32
WIFI: Final = "Сколько часов касса может работать, если пропал интернет?"


def free_port() -> int:
    """One that nobody has now: the web server in front of the bot has to know it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def update(asked: Message, number: int) -> dict[str, Any]:
    """The update of a private message, as Telegram brings it."""
    person = {"id": asked.sender.id, "is_bot": False, "first_name": asked.sender.first_name}
    chat = {"id": asked.chat.id, "type": "private", "first_name": asked.sender.first_name}
    said = {"message_id": asked.id, "date": int(asked.date.timestamp()), "text": asked.text}
    return {"update_id": number, "message": {**said, "from": person, "chat": chat}}


@pytest.mark.xdist_group("bot")
async def test_what_is_brought_is_taken_with_the_secret_and_answered_once_though_the_bot_was_killed(
    samples: Servers,
) -> None:
    port = free_port()
    settings = {
        "OTKLIK_BOT_WEBHOOK_URL": ADDRESS,
        "OTKLIK_BOT_WEBHOOK_SECRET": WORD,
        "OTKLIK_BOT_PORT": str(port),
    }
    local = f"http://127.0.0.1:{port}/telegram"
    async with town(samples, settings) as place, aiohttp.ClientSession() as nobody:
        place.rules("burst_seconds = 0.0")
        place.server.forwards[f"{ADDRESS}/telegram"] = local
        maria: Person = place.world.add_person("Мария", language="ru")
        place.world.add_supergroup("Поддержка", [maria], chat_id=STAFF)
        place.world.add_supergroup("Полка", chat_id=RU)
        await place.start()
        first = maria.says(maria.private, WIFI)
        assert "72 часа" in (await place.answered(maria, first)).text

        for headers in ({}, {SECRET: "t" * 32}):
            async with nobody.post(local, json=update(first, 900), headers=headers) as refused:
                assert refused.status == 403
        async with nobody.post(local, json=update(first, 901), headers={SECRET: WORD}) as taken:
            assert taken.status == 200

        await place.kill()
        second = maria.says(maria.private, WIFI)
        await place.server.until(lambda: place.server.webhook.last_error)
        await place.start()
        assert "72 часа" in (await place.answered(maria, second)).text
        await place.server.all_taken()
        await place.shown()
        assert len(place.said(maria.private)) == 2
    assert place.server.calls()["getUpdates"] == 0
