"""In groups: only what is meant for the bot, in its topic, from this chat's history alone."""

import pytest
from sqlalchemy import text

from tests.assistant.bot.running import ANSWER, ASKED, Otklik, remember
from tests.core.index.units import CHAT
from tests.fakes.botapi import Chat, Message, Person

OTHER = -1_002_000_000_999


@pytest.fixture
def client(otklik: Otklik) -> Person:
    """Somebody of the group."""
    return otklik.world.add_person("Boris", language="ru")


@pytest.fixture
def group(otklik: Otklik, client: Person) -> Chat:
    """A client's group whose history is held."""
    otklik.rules(f'[staff]\nids = [7001]\n[chats."{CHAT}"]\n')
    return otklik.world.add_supergroup("Касса", [client], chat_id=CHAT, forum=True)


async def answered(otklik: Otklik, asked: Message, person: Person) -> Message:
    return await otklik.server.until(lambda: otklik.after(person, asked))


@pytest.mark.parametrize(
    "words", [f"/ask {ASKED}", f"/ask@otklik_bot {ASKED}", f"@otklik_bot {ASKED}", f"{ASKED}, @Otklik_Bot?"]
)
async def test_what_is_meant_for_the_bot_is_answered_as_a_reply(
    otklik: Otklik, group: Chat, client: Person, words: str
) -> None:
    async with otklik.answering():
        client.says(group, "Всем привет, чек не выходит")
        asked = client.says(group, words)
        answer = await answered(otklik, asked, client)
    assert ANSWER in answer.text
    assert answer.reply_to is asked
    assert [message for message in client.sees(group) if message.sender is otklik.world.bot] == [answer]


async def test_topics_stay_in_their_topic(otklik: Otklik, group: Chat, client: Person) -> None:
    topic = otklik.world.add_topic(group, "Печать")
    async with otklik.answering():
        asked = client.says(group, f"/ask {ASKED}", topic=topic)
        answer = await answered(otklik, asked, client)
    assert answer.topic is topic


async def test_ask_as_a_reply_asks_what_was_replied_to(otklik: Otklik, group: Chat, client: Person) -> None:
    agent = otklik.world.add_person("Anna", user_id=7001)
    group.members[agent.id] = group.members[client.id]
    async with otklik.answering():
        said = client.says(group, ASKED)
        asked = agent.says(group, "/ask", reply_to=said)
        answer = await answered(otklik, asked, agent)
    assert ANSWER in answer.text


@pytest.mark.parametrize(
    "words", [ASKED, f"/help@another_bot {ASKED}", f"/ask@another_bot {ASKED}", f"@otklik_bot_two {ASKED}"]
)
async def test_what_is_not_meant_for_the_bot_is_left_alone(
    otklik: Otklik, group: Chat, client: Person, words: str
) -> None:
    async with otklik.answering():
        client.says(group, words)
        client.says(group, f"/ask {ASKED}", forwarded_from=otklik.world.add_person("Eva"))
        asked = client.says(group, f"/ask {ASKED}")
        answer = await answered(otklik, asked, client)
    assert otklik.world.sent == [answer]


async def test_nothing_of_another_chat_is_found(otklik: Otklik, group: Chat, client: Person) -> None:
    await remember(otklik.database, OTHER)
    otklik.rules(f'[chats."{OTHER}"]\n')
    other = otklik.world.add_supergroup("Чужие", [client], chat_id=OTHER)
    async with otklik.answering():
        asked = client.says(other, f"/ask {ASKED}")
        answer = await answered(otklik, asked, client)
    assert answer.links == ["https://t.me/c/2000000999/1"]


async def test_a_group_that_nobody_knows_gets_a_polite_word(otklik: Otklik, client: Person) -> None:
    strange = otklik.world.add_supergroup("Strange", [client])
    async with otklik.answering():
        client.says(strange, "just talking")
        asked = client.says(strange, "/ask how do I get a refund?")
        word = await answered(otklik, asked, client)
        client.edits(asked, "/ask how?")
        await otklik.server.all_taken()
    assert str(strange.id) in word.text
    assert otklik.world.sent == [word]
    async with otklik.database.reading() as session:
        assert await session.scalar(text("SELECT count(*) FROM questions")) == 0


async def test_brought_into_a_group_the_bot_says_what_it_is(otklik: Otklik, client: Person) -> None:
    group = otklik.world.add_supergroup("Касса", [client], chat_id=CHAT)
    group.members.pop(otklik.world.bot.id)
    otklik.rules(f'[chats."{CHAT}"]\n')
    async with otklik.answering():
        client.adds_bot(group)
        await otklik.server.until(lambda: otklik.world.sent)
    assert otklik.world.sent[0].text.startswith("Здравствуйте!")
