"""Votes, reasons, corrections, sources, and the way to a human and back."""

from typing import Any

import pytest
from sqlalchemy import text

from assistant.questions.queue import MAX_TRIES
from assistant.texts.card_phrases import HIDE, PUBLISH
from tests.assistant.bot.running import ANSWER, ASKED, PSEUDONYMS, Otklik
from tests.core.index.units import CHAT
from tests.fakes.botapi import Chat, Message, Person, Press
from tests.ingestion.bot_tables import seeding

STAFF = -1_002_000_000_001
RIGHT = "Сначала замените термоленту, потом перезапустите кассу."


@pytest.fixture
def agent(otklik: Otklik) -> Person:
    return otklik.world.add_person("Anna", user_id=7001, language="ru")


@pytest.fixture
def client(otklik: Otklik) -> Person:
    return otklik.world.add_person("Boris", language="ru")


@pytest.fixture
def staff_chat(otklik: Otklik, agent: Person) -> Chat:
    otklik.rules(f'[access]\nstaff_chat = {STAFF}\n[chats."{CHAT}"]\n')
    return otklik.world.add_supergroup("Поддержка", [agent], chat_id=STAFF)


@pytest.fixture
def group(otklik: Otklik, client: Person, staff_chat: Chat) -> Chat:
    return otklik.world.add_supergroup("Касса", [client], chat_id=CHAT)


async def ask(otklik: Otklik, client: Person, group: Chat) -> Message:
    asked = client.says(group, f"/ask {ASKED}")
    return await otklik.server.until(lambda: otklik.after(client, asked))


async def pressed(otklik: Otklik, press: Press) -> None:
    await otklik.server.until(lambda: press.answered)


async def votes(otklik: Otklik) -> list[Any]:
    async with otklik.database.reading() as session:
        return list(await session.execute(text("SELECT vote, reason, correction, by FROM feedback")))


async def until_votes(otklik: Otklik, *expected: tuple[Any, ...]) -> None:
    await otklik.server.all_taken()
    assert [tuple(vote) for vote in await votes(otklik)] == list(expected)


async def test_a_vote_is_counted_once_and_can_be_changed(otklik: Otklik, client: Person, group: Chat) -> None:
    async with otklik.answering():
        answer = await ask(otklik, client, group)
        for button in ("👍", "👍", "👎"):
            await pressed(otklik, client.presses(answer, button))
        await otklik.server.until(lambda: "Неверно" in str(answer.keyboard))
        client.presses(answer, "Устарело")
        await otklik.server.until(lambda: answer.keyboard[0] == ["👍", "👎"])
        await until_votes(otklik, (-1, "outdated", None, "button"))


async def test_reactions_are_votes(otklik: Otklik, client: Person, group: Chat) -> None:
    async with otklik.answering():
        answer = await ask(otklik, client, group)
        client.reacts(answer, "👎")
        await until_votes(otklik, (-1, None, None, "reaction"))
        client.reacts(answer)
        await until_votes(otklik)
        client.reacts(answer, "🔥")
        await until_votes(otklik)


async def test_the_sources_are_shown_in_place_and_left_again(otklik: Otklik, client: Person, group: Chat) -> None:
    async with otklik.answering():
        answer = await ask(otklik, client, group)
        whole = answer.text
        client.presses(answer, "Источники")
        await otklik.server.until(lambda: "мигает красным" in answer.text)
        assert answer.links == ["https://t.me/c/1234567890/1"]
        client.presses(answer, "Назад")
        await otklik.server.until(lambda: answer.text == whole)
    assert answer.keyboard == [["👍", "👎"], ["Источники", "Спросить человека"]]


async def test_asked_for_a_human_staff_answers_by_a_reply_which_is_then_known(
    otklik: Otklik, client: Person, group: Chat, agent: Person, staff_chat: Chat
) -> None:
    async with otklik.answering():
        answer = await ask(otklik, client, group)
        press = client.presses(answer, "Спросить человека")
        await otklik.server.until(lambda: press.answered)
        card = await otklik.server.until(lambda: next(m for m in agent.sees(staff_chat) if "Ближайшее" in m.text))
        assert ASKED in card.text
        agent.says(staff_chat, RIGHT, reply_to=card)
        said = await otklik.server.until(lambda: next(m for m in client.sees(group) if RIGHT in m.text))
        assert said.reply_to is not None
        again = await ask(otklik, client, group)
    assert RIGHT in again.text
    assert "ответ, проверенный поддержкой" in again.text


async def test_made_public_it_is_found_by_a_client_of_another_chat(
    otklik: Otklik, client: Person, group: Chat, agent: Person, staff_chat: Chat
) -> None:
    neighbour = otklik.world.add_person("Eva", language="ru")
    other = otklik.world.add_supergroup("Соседи", [neighbour], chat_id=CHAT - 1)
    otklik.rules(f'[access]\nstaff_chat = {STAFF}\n[chats."{CHAT}"]\n[chats."{CHAT - 1}"]\n')
    async with otklik.answering():
        answer = await ask(otklik, client, group)
        client.presses(answer, "Спросить человека")
        card = await otklik.server.until(lambda: next(m for m in agent.sees(staff_chat) if ASKED in m.text))
        agent.says(staff_chat, RIGHT, reply_to=card)
        await otklik.server.until(lambda: card.keyboard == [[PUBLISH["ru"]]])
        assert RIGHT not in (await ask(otklik, neighbour, other)).text
        agent.presses(card, PUBLISH["ru"])
        await otklik.server.until(lambda: card.keyboard == [[HIDE["ru"]]])
        found = await ask(otklik, neighbour, other)
        assert RIGHT in found.text
        assert found.links == []  # it leads into no chat of others
        agent.presses(card, HIDE["ru"])
        await otklik.server.until(lambda: card.keyboard == [[PUBLISH["ru"]]])
        assert RIGHT not in (await ask(otklik, neighbour, other)).text


async def test_who_was_apologized_to_may_ask_a_human(
    otklik: Otklik, client: Person, group: Chat, agent: Person, staff_chat: Chat
) -> None:
    said = client.says(group, ASKED)
    asker = PSEUDONYMS.person(f"user{client.id}")
    async with otklik.database.transaction() as session:
        await seeding.question(session, said.id, state="waiting", tries=MAX_TRIES, asker=asker, words=ASKED)
    async with otklik.answering():
        apology = await otklik.server.until(lambda: otklik.after(client, said))
        assert apology.text.startswith("Не получилось ответить")
        assert apology.keyboard == [["Спросить человека"]]
        client.presses(apology, "Спросить человека")
        card = await otklik.server.until(lambda: next(m for m in agent.sees(staff_chat) if ASKED in m.text))
        agent.says(staff_chat, RIGHT, reply_to=card)
        await otklik.server.until(lambda: next(m for m in client.sees(group) if RIGHT in m.text))


async def test_in_private_the_reply_finds_its_way_back(otklik: Otklik, agent: Person, staff_chat: Chat) -> None:
    otklik.rules(f"[access]\nstaff_chat = {STAFF}\nstrangers = true\n")
    stranger = otklik.world.add_person("Eva", language="ru")
    async with otklik.answering():
        answer = await otklik.answer(stranger, ASKED)
        assert answer.keyboard == [["Спросить человека"]]  # a stranger finds nothing of others
        stranger.presses(answer, "Спросить человека")
        card = await otklik.server.until(lambda: next(m for m in agent.sees(staff_chat) if ASKED in m.text))
        agent.says(staff_chat, RIGHT, reply_to=card)
        await otklik.server.until(lambda: next(m for m in stranger.sees(stranger.private) if RIGHT in m.text))


async def test_only_who_asked_or_staff_may_hand_over(
    otklik: Otklik, client: Person, group: Chat, agent: Person, staff_chat: Chat
) -> None:
    other = otklik.world.add_person("Gleb", language="ru")
    other.joins(group)
    async with otklik.answering():
        answer = await ask(otklik, client, group)
        press = other.presses(answer, "Спросить человека")
        await otklik.server.until(lambda: press.answered)
    assert press.text is not None
    assert "только тот" in press.text
    assert not agent.sees(staff_chat)


async def test_staffs_correction_changes_the_next_answer(
    otklik: Otklik, group: Chat, agent: Person, client: Person
) -> None:
    agent.joins(group)
    async with otklik.answering():
        answer = await ask(otklik, client, group)
        agent.presses(answer, "👎")
        await otklik.server.until(lambda: "Неверно" in str(answer.keyboard))
        agent.says(group, RIGHT, reply_to=answer)
        await otklik.server.until(lambda: next(m for m in client.sees(group) if "исправление записано" in m.text))
        await otklik.server.until(lambda: answer.keyboard == [["👍", "👎"], ["Источники", "Спросить человека"]])
        again = await ask(otklik, client, group)
    assert RIGHT in again.text
    assert ANSWER not in again.text


async def test_a_button_that_was_made_up_does_nothing(otklik: Otklik, client: Person, group: Chat) -> None:
    async with otklik.answering():
        answer = await ask(otklik, client, group)
        assert answer.markup is not None
        answer.markup.inline_keyboard[0][0].callback_data = f"a:up:{'0' * 32}"  # type: ignore[union-attr]
        answer.markup.inline_keyboard[0][1].callback_data = "a:delete_all"  # type: ignore[union-attr]
        presses = [client.presses(answer, button) for button in ("👍", "👎")]
        await otklik.server.until(lambda: all(press.answered for press in presses))
        await until_votes(otklik)
    assert {press.text for press in presses} == {"Этого ответа больше нет."}


async def test_staff_looks_things_up_inline_and_nobody_else(
    otklik: Otklik, client: Person, group: Chat, agent: Person
) -> None:
    async with otklik.answering():
        found, refused = agent.asks_inline(ASKED), client.asks_inline(ASKED)
        await otklik.server.until(lambda: found.answered and refused.answered)
    assert found.personal
    assert refused.titles == ["Поиск есть только у поддержки"]
    sent = agent.picks(found, 0, group)
    assert ANSWER in sent.text
    assert sent.links == ["https://t.me/c/1234567890/1"]
