"""The bot as its own process among people: without a key, with the history of the samples."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from core.embedded.servers import Servers
from tests.e2e.bot.samples import GALINA, OLGA, RU, STAFF
from tests.e2e.bot.town import Town, town
from tests.fakes.botapi import Chat, Person

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("bot")]

SCALES = "Весы печатают этикетку с кодом на 22, а касса пишет «товар не найден»"
WIFI = "Сколько часов касса может работать, если пропал интернет?"
RETURN = "Где в новой версии оформить возврат покупателю? Раньше был раздел с чеками, сейчас не вижу"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(samples: Servers) -> AsyncIterator[Town]:
    """One bot for all the tests of this module."""
    async with town(samples) as made:
        olga = made.world.add_person("Ольга", user_id=OLGA, language="ru")
        made.world.add_supergroup("Поддержка", [olga], chat_id=STAFF)
        made.world.add_supergroup("Полка", [olga], chat_id=RU, forum=True)
        await made.start()
        yield made


@pytest.fixture
def group(place: Town) -> Chat:
    """Of clients and the team."""
    return place.world.chats[RU]


@pytest.fixture
def agent(place: Town) -> Person:
    """Somebody new in the support team for each test: the bot remembers what it was asked."""
    return joined(place, STAFF)


@pytest.fixture
def client(place: Town, group: Chat) -> Person:
    """Somebody new in the group for each test."""
    return joined(place, group.id)


def joined(place: Town, chat_id: int) -> Person:
    person = place.world.add_person("Мария", language="ru")
    person.joins(place.world.chats[chat_id])
    return person


@pytest.fixture(autouse=True)
def calm(place: Town) -> None:
    """No test's rules hold for the next."""
    place.rules("burst_seconds = 0.0\nper_minute = 1000")


async def test_an_agent_finds_everything_in_private(place: Town, agent: Person) -> None:
    answer = await place.asks(agent, SCALES)
    assert "префикс 22" in answer.text
    assert "цитата из переписки" in answer.text
    assert answer.links == ["https://t.me/c/1987340625/40493"]
    assert answer.keyboard == [["👍", "👎"], ["Источники", "Спросить человека"]]


async def test_in_english_too(place: Town, agent: Person) -> None:
    answer = await place.asks(agent, "Want the payouts to go to another bank account")
    assert "Bank account → Change" in answer.text
    assert answer.text.startswith("In a similar case")
    assert answer.links[0].startswith("https://t.me/c/2251906348/")


async def test_a_client_in_private_finds_their_own_conversation_only(place: Town) -> None:
    galina = place.world.add_person("Галина", user_id=GALINA, language="ru")
    own = await place.asks(galina, "Как дать продавщице доступ только на продажу, без склада?")
    assert "Сотрудники → Роли" in own.text
    assert own.links == []  # a private chat has no links
    others = await place.asks(galina, WIFI)
    assert others.text.startswith("Не знаю")
    assert others.keyboard == [["Спросить человека"]]


async def test_in_a_group_whoever_asks_finds_the_group_only(place: Town, agent: Person, group: Chat) -> None:
    agent.joins(group)
    known = await place.asks(agent, f"/ask {SCALES}", group)
    assert known.links == ["https://t.me/c/1987340625/40493"]
    other = await place.asks(agent, "/ask Want the payouts to go to another bank account", group)
    assert all(link.startswith("https://t.me/c/1987340625/") for link in other.links)
    assert "Bank account → Change" not in other.text


async def test_a_mention_a_reply_and_a_topic(place: Town, client: Person, group: Chat) -> None:
    topic = place.world.add_topic(group, "Связь")
    asked = client.says(group, f"@otklik_bot {WIFI}", topic=topic)
    answer = await place.answered(client, asked)
    assert "72 часа" in answer.text
    assert answer.reply_to is asked
    assert answer.topic is topic
    follow_up = client.says(group, "а СБП в это время работает?", reply_to=answer)
    again = await place.answered(client, follow_up)
    assert again.topic is topic
    assert again.reply_to is follow_up


async def test_a_stranger_is_refused_politely(place: Town) -> None:
    stranger = place.world.add_person("Виктор", language="ru")
    word = await place.asks(stranger, SCALES)
    assert word.text.startswith("Я отвечаю сотрудникам и клиентам")
    assert word.links == []


async def test_an_edited_question_is_answered_anew_in_place(place: Town, agent: Person) -> None:
    asked = agent.says(agent.private, SCALES)
    answer = await place.answered(agent, asked)
    agent.edits(asked, WIFI)
    await place.server.until(lambda: "72 часа" in answer.text)
    assert [message for message in place.said(agent.private) if message.id > asked.id] == [answer]


async def test_a_burst_is_one_question(place: Town, agent: Person) -> None:
    place.rules("burst_seconds = 2.0\nper_minute = 1000")
    now = place.world.now()
    first, *_, last = (agent.says(agent.private, part, date=now) for part in ("Добрый день!", "Скажите,", RETURN))
    answer = await place.answered(agent, last)
    assert "Журнал чеков" in answer.text
    place.rules("burst_seconds = 0.0\nper_minute = 1000")
    await place.asks(agent, WIFI)
    assert len([message for message in place.said(agent.private) if message.id > first.id]) == 2


async def test_who_asks_too_often_gets_a_polite_word(place: Town, client: Person, group: Chat) -> None:
    place.rules("burst_seconds = 0.0\nper_minute = 1")
    asked = client.says(group, f"/ask {SCALES}", date=place.world.now() - timedelta(hours=1))
    await place.answered(client, asked)
    second = client.says(group, f"/ask {WIFI}", date=asked.date + timedelta(seconds=10))
    assert (await place.answered(client, second)).text.startswith("Слишком много вопросов")


async def test_a_full_queue_is_told_and_the_next_question_is_taken(place: Town, agent: Person) -> None:
    other = joined(place, STAFF)
    place.rules("burst_seconds = 60.0\nper_minute = 1000\nqueue = 1")  # what is asked waits for more to come
    waits = agent.says(agent.private, SCALES)
    await place.server.all_taken()
    refused = other.says(other.private, WIFI)
    assert (await place.answered(other, refused)).text.startswith("Сейчас очень много вопросов")
    place.rules("burst_seconds = 0.0\nper_minute = 1000")
    agent.edits(waits, WIFI)  # now it is due at once
    assert "72 часа" in (await place.answered(agent, waits)).text


async def test_the_flood_wait_of_one_chat_holds_up_no_other(
    place: Town, agent: Person, client: Person, group: Chat
) -> None:
    first, before = agent.says(agent.private, SCALES), len(place.server.asked)
    await place.server.until(lambda: any(asked.method == "sendChatAction" for asked in place.server.asked[before:]))
    held = place.server.faults.flood("sendMessage", 5)
    await place.server.until(lambda: held.times == 0)
    answer = await place.asks(client, f"/ask {WIFI}", group)
    assert "72 часа" in answer.text
    assert place.said(agent.private) == []
    assert "префикс 22" in (await place.answered(agent, first)).text
