"""How the role begins, streams, takes updates, and ends."""

import asyncio
from dataclasses import replace

import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.testclient import TestClient

from assistant.bot.session import TRIES
from assistant.bot.token import TokenRefused, bot_from, introduced
from core.errors import SettingsError, Unavailable
from core.llm.gateway import Gateway, GatewaySettings
from core.llm.prices import load_prices
from core.settings import Settings
from tests.assistant.bot.running import ANSWER, ASKED, QUESTION, Otklik
from tests.core.index.units import CHAT
from tests.core.llm.kinds import ample
from tests.fakes.anthropic_script import Says, location
from tests.fakes.anthropic_server import AnthropicServer
from tests.fakes.botapi import Person

UPDATE = {
    "update_id": 1,
    "message": {
        "message_id": 1, "date": 1_780_000_000, "text": ASKED,
        "chat": {"id": 7001, "type": "private"}, "from": {"id": 7001, "is_bot": False, "first_name": "Anna"},
    },
}  # fmt: skip
CITED = location(0, source=f"{CHAT}:1", text=QUESTION)
SAID = Says([("Откройте Настройки. ", CITED), ("Перезапустите принтер. ", CITED), ("Затем напечатайте чек.", None)])
SECRET = {"X-Telegram-Bot-Api-Secret-Token": "s" * 32}


@pytest.fixture
def agent(otklik: Otklik) -> Person:
    return otklik.world.add_person("Anna", user_id=7001, language="ru")


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (Settings(), "OTKLIK_BOT_TOKEN is not set"),
        (Settings(bot_token=SecretStr("no token")), "copy it whole"),
        (
            Settings(bot_token=SecretStr("42:X"), bot_webhook_url="https://bot.example"),
            "needs OTKLIK_BOT_WEBHOOK_SECRET",
        ),
    ],
)
def test_a_setting_that_is_missing_or_wrong_is_told(settings: Settings, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        bot_from(settings)


async def test_a_token_that_telegram_does_not_know_ends_the_role(otklik: Otklik) -> None:
    otklik.settings = otklik.settings.model_copy(update={"bot_token": SecretStr("42:WRONG")})
    with pytest.raises(TokenRefused, match="OTKLIK_BOT_TOKEN"):
        await otklik.role().run()
    with pytest.raises(TokenRefused):
        await introduced(otklik.settings)


async def test_a_token_that_is_revoked_ends_the_role(otklik: Otklik) -> None:
    running = asyncio.create_task(otklik.role().run())
    await otklik.server.until(lambda: otklik.server.calls()["getUpdates"])
    otklik.server.faults.error("getUpdates", 401, "Unauthorized", None)
    otklik.world.add_person("Boris").starts()  # ends the long poll
    with pytest.raises(TokenRefused):
        await running


async def test_the_doctor_learns_who_the_bot_is_or_that_telegram_is_away(otklik: Otklik) -> None:
    assert await introduced(otklik.settings) == "otklik_bot"
    with otklik.server.faults.during(otklik.server.faults.bad_gateway("getMe", None)), pytest.raises(Unavailable):
        await introduced(otklik.settings)


async def test_the_role_waits_for_a_telegram_that_is_away_at_the_start(otklik: Otklik, agent: Person) -> None:
    otklik.server.faults.drop("getMe", 1)
    async with otklik.answering():
        assert ANSWER in (await otklik.answer(agent, ASKED)).text


async def test_an_outage_right_after_the_start_is_waited_out(otklik: Otklik, agent: Person) -> None:
    for method in ("deleteWebhook", "setMyCommands"):
        otklik.server.faults.bad_gateway(method, TRIES + 1)
    async with otklik.answering():
        assert ANSWER in (await otklik.answer(agent, ASKED)).text


async def test_an_address_that_telegram_does_not_take_is_told(otklik: Otklik) -> None:
    webhook = {"bot_webhook_url": "https://bot.example", "bot_webhook_secret": SecretStr("s" * 32)}
    otklik.settings = otklik.settings.model_copy(update=webhook)
    otklik.server.faults.error("setWebhook", 400, "Bad Request: bad webhook: Failed to resolve host")
    with pytest.raises(SettingsError, match=r"OTKLIK_BOT_WEBHOOK_URL: .*Failed to resolve host"):
        await otklik.role().run()


def test_a_secret_that_can_be_guessed_is_none() -> None:
    short = {"bot_webhook_url": "https://bot.example", "bot_webhook_secret": SecretStr("short")}
    with pytest.raises(SettingsError, match="openssl rand"):
        bot_from(Settings(bot_token=SecretStr("42:X")).model_copy(update=short))


async def test_an_outage_of_polling_is_a_problem_while_it_lasts(otklik: Otklik, agent: Person) -> None:
    async with otklik.answering() as role:
        with otklik.server.faults.during(otklik.server.faults.bad_gateway("getUpdates", None)):
            agent.says(agent.private, ASKED)
            await otklik.server.until(lambda: role.problems() == ["telegram does not answer"])
        await otklik.server.until(lambda: not role.problems())
        await otklik.server.until(lambda: otklik.after(agent, agent.private.messages[0]))
    assert len(otklik.world.sent) == 1


async def test_an_answer_that_is_being_written_is_shown_as_a_draft(otklik: Otklik, agent: Person) -> None:
    async with AnthropicServer(SAID) as claude:
        settings = GatewaySettings(api_key=SecretStr("key"), base_url=claude.url)
        otklik.gateway = Gateway(settings, otklik.database, load_prices(), ample)
        async with otklik.answering():
            answer = await otklik.answer(agent, ASKED)
        await otklik.gateway.close()
    assert "Затем напечатайте чек." in answer.text
    assert otklik.world.drafts
    assert otklik.world.drafts[0].finished


async def test_where_drafts_are_refused_the_answer_comes_all_the_same(otklik: Otklik, agent: Person) -> None:
    otklik.server.faults.error("sendMessageDraft", 400, "Bad Request: TEXTDRAFT_PEER_INVALID", None)
    async with AnthropicServer(SAID) as claude:
        otklik.gateway = Gateway(
            GatewaySettings(api_key=SecretStr("key"), base_url=claude.url), otklik.database, load_prices(), ample
        )
        async with otklik.answering():
            await otklik.answer(agent, ASKED)
        await otklik.gateway.close()


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({}, UPDATE, 403),
        ({"X-Telegram-Bot-Api-Secret-Token": "t" * 32}, UPDATE, 403),
        (SECRET, {"update_id": 1, "message": {"text": "x" * 1_000_001}}, 413),
        (SECRET, {"no": "update"}, 200),
    ],
)
async def test_the_webhook_lets_in_only_telegram(
    otklik: Otklik, headers: dict[str, str], body: dict[str, object], status: int
) -> None:
    webhook = {"bot_webhook_url": "https://bot.example", "bot_webhook_secret": SecretStr("s" * 32)}
    otklik.settings = otklik.settings.model_copy(update=webhook)
    async with otklik.serving() as role:
        client = TestClient(Starlette(routes=role.routes()))
        answered = await asyncio.to_thread(client.post, "/telegram", headers=headers, json=body)
    assert answered.status_code == status


async def test_what_the_webhook_takes_is_answered_once(otklik: Otklik, agent: Person) -> None:
    webhook = {"bot_webhook_url": "https://bot.example", "bot_webhook_secret": SecretStr("s" * 32)}
    otklik.settings = otklik.settings.model_copy(update=webhook)
    asked = agent.says(agent.private, ASKED)
    (update,) = otklik.world.updates.pending
    async with otklik.serving() as role:
        telegram = httpx.ASGITransport(Starlette(routes=role.routes()))
        async with httpx.AsyncClient(transport=telegram, base_url="http://bot") as client:
            statuses = [(await client.post("/telegram", headers=SECRET, json=update)).status_code for _ in range(2)]
        answer = await otklik.server.until(lambda: otklik.after(agent, asked))
    assert statuses == [200, 200]
    assert ANSWER in answer.text
    assert otklik.world.sent == [answer]


async def test_in_a_group_the_words_grow_in_the_answers_place(otklik: Otklik, agent: Person) -> None:
    otklik.rules(f'[chats."{CHAT}"]\n')
    group = otklik.world.add_supergroup("Касса", [agent], chat_id=CHAT)
    async with AnthropicServer(replace(SAID, then="hang")) as claude:
        settings = GatewaySettings(api_key=SecretStr("key"), base_url=claude.url)
        otklik.gateway = Gateway(settings, otklik.database, load_prices(), ample)
        async with otklik.answering():
            asked = agent.says(group, f"/ask {ASKED}")
            growing = await otklik.server.until(lambda: otklik.after(agent, asked))
            await otklik.server.until(lambda: growing.text.endswith("✍️"))
            await claude.stop()  # now the reply is whole
            await otklik.server.until(lambda: growing.keyboard)
        await otklik.gateway.close()
    assert growing.text.startswith("Откройте Настройки. Перезапустите принтер. Затем напечатайте чек.")
    assert [words.endswith("✍️") for words in growing.earlier] == [False, True]
    assert otklik.world.sent == [growing]


async def test_polling_has_no_webhook(otklik: Otklik) -> None:
    assert otklik.role().routes() == []
