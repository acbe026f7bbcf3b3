"""Cards with a draft, as staff has them in Telegram: sent, put in other words, dismissed, put off."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert

from assistant.suggestions import Suggesting
from core.contracts.messages import ResponseNeeded
from core.db.models import BudgetAlarm
from core.privacy.types import MaskedText
from core.rules import RulesFile
from tests.assistant.answerers import answerer
from tests.assistant.bot.running import ANSWER, QUESTION, Otklik
from tests.core.index.units import CHAT
from tests.fakes.botapi import Chat, Message, Person
from tests.ingestion.road import observed, put

STAFF = -1_002_000_000_001
OTHER_WORDS = "Сначала замените термоленту."


@pytest.fixture
def client(otklik: Otklik) -> Person:
    return otklik.world.add_person("Boris", language="ru")


@pytest.fixture
def group(otklik: Otklik, client: Person) -> Chat:
    return otklik.world.add_supergroup("Касса", [client], chat_id=CHAT)


@pytest.fixture
def agents(otklik: Otklik) -> tuple[Person, Person]:
    return otklik.world.add_person("Anna", language="ru"), otklik.world.add_person("Gleb", language="ru")


@pytest.fixture
def staff_chat(otklik: Otklik, agents: tuple[Person, Person]) -> Chat:
    otklik.rules(f'[access]\nstaff_chat = {STAFF}\n[chats."{CHAT}"]\n')
    return otklik.world.add_supergroup("Поддержка", list(agents), chat_id=STAFF)


@pytest.fixture
async def waiting(otklik: Otklik, client: Person, group: Chat, staff_chat: Chat) -> Message:
    """A client's message to the team, with a draft for it."""
    said = client.says(group, QUESTION)
    await put(otklik.database, [observed(said.id, QUESTION)])
    suggesting = Suggesting(otklik.database, answerer(otklik.database), RulesFile(otklik.settings.config))
    words = MaskedText(QUESTION)
    await suggesting([ResponseNeeded(chat_id=CHAT, message_id=said.id, question=words, summary=words)])
    return said


async def card_of(otklik: Otklik, agent: Person, staff_chat: Chat) -> Message:
    return await otklik.server.until(lambda: next(m for m in agent.sees(staff_chat) if m.keyboard))


async def test_of_two_who_decide_at_once_one_does_and_the_other_is_told(
    otklik: Otklik, waiting: Message, client: Person, agents: tuple[Person, Person], staff_chat: Chat
) -> None:
    first, second = agents
    async with otklik.answering():
        card = await card_of(otklik, first, staff_chat)
        assert ANSWER in card.text
        assert card.keyboard == [["Отправить", "Изменить"], ["Не нужно", "Через час"]]
        presses = first.presses(card, "Отправить"), second.presses(card, "Отправить")
        await otklik.server.until(lambda: all(press.answered for press in presses))
        said = await otklik.server.until(lambda: next(m for m in client.sees(waiting.chat) if m.text == ANSWER))
        await otklik.server.until(lambda: not card.keyboard)
    assert sorted(press.text or "" for press in presses) == ["По этой карточке уже решили.", "✅ Отправлено клиенту:"]
    assert said.reply_to is waiting
    assert "✅ Отправлено клиенту:" in card.text
    assert otklik.world.sent == [card, said]


async def test_a_reply_to_the_card_is_sent_in_the_place_of_the_draft(
    otklik: Otklik, waiting: Message, client: Person, agents: tuple[Person, Person], staff_chat: Chat
) -> None:
    agent, other = agents
    async with otklik.answering():
        card = await card_of(otklik, agent, staff_chat)
        press = agent.presses(card, "Изменить")
        await otklik.server.until(lambda: press.answered)
        assert press.text is not None
        assert press.text.startswith("Ответьте на карточку")
        agent.says(staff_chat, OTHER_WORDS, reply_to=card)
        said = await otklik.server.until(lambda: next(m for m in client.sees(waiting.chat) if m.text == OTHER_WORDS))
        other.says(staff_chat, "Слишком поздно", reply_to=card)
        await otklik.server.until(lambda: next(m for m in other.sees(staff_chat) if "уже решили" in m.text))
        await otklik.server.until(lambda: OTHER_WORDS in card.text)
    assert said.reply_to is waiting
    assert [m for m in client.sees(waiting.chat) if m.sender is otklik.world.bot] == [said]


async def test_dismissed_or_put_off_it_reaches_no_client(
    otklik: Otklik, waiting: Message, client: Person, agents: tuple[Person, Person], staff_chat: Chat
) -> None:
    agent = agents[0]
    async with otklik.answering():
        card = await card_of(otklik, agent, staff_chat)
        agent.presses(card, "Через час")
        await otklik.server.until(lambda: card.keyboard == [["Отправить", "Изменить"], ["Не нужно"]])
        assert "Отложено на час" in card.text
        agent.presses(card, "Не нужно")
        await otklik.server.until(lambda: not card.keyboard)
    assert "Не нужно." in card.text
    assert client.sees(waiting.chat) == [waiting]


async def test_a_client_who_sees_a_card_decides_nothing(
    otklik: Otklik, waiting: Message, client: Person, agents: tuple[Person, Person], staff_chat: Chat
) -> None:
    async with otklik.answering():
        card = await card_of(otklik, agents[0], staff_chat)
        forged = next(m for m in client.sees(waiting.chat))
        agents[0].joins(waiting.chat)
        forged.markup = card.markup
        press = client.presses(forged, "Отправить")
        await otklik.server.until(lambda: press.answered)
        assert card.keyboard
    assert press.text is not None
    assert press.text.startswith("Это кнопки для поддержки")


async def test_staff_is_told_when_money_runs_short(
    otklik: Otklik, staff_chat: Chat, agents: tuple[Person, Person]
) -> None:
    today = datetime.now(ZoneInfo("Europe/Moscow")).date()
    async with otklik.database.transaction() as session:
        await session.execute(insert(BudgetAlarm).values(period="day", begins=today, budget="total", percent=80))
    async with otklik.answering():
        told = await otklik.server.until(
            lambda: next(m for m in agents[0].sees(staff_chat) if "of the Claude budget for today" in m.text)
        )
    assert otklik.world.sent == [told]
