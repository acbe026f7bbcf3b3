"""In a private chat: every text is a question, and gets one answer with its sources, or a polite word."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.assistant.bot.running import ANSWER, ASKED, Otklik
from tests.fakes.botapi import File, Person


@pytest.fixture
def agent(otklik: Otklik) -> Person:
    """Somebody of the support team."""
    return otklik.world.add_person("Anna", user_id=7001, language="ru")


async def test_a_question_is_answered_with_its_source_and_buttons(otklik: Otklik, agent: Person) -> None:
    async with otklik.answering():
        answer = await otklik.answer(agent, ASKED)
    assert ANSWER in answer.text
    assert "1. переписка поддержки," in answer.text
    assert answer.links == ["https://t.me/c/1234567890/1"]
    assert answer.keyboard == [["👍", "👎"], ["Источники", "Спросить человека"]]
    assert "typing" in agent.private.actions


async def test_what_is_not_known_is_said_and_a_human_offered(otklik: Otklik, agent: Person) -> None:
    async with otklik.answering():
        answer = await otklik.answer(agent, "What is the capital of Australia?")
    assert answer.text.startswith("I don't know")
    assert answer.keyboard == [["Ask a human"]]
    assert answer.links == []


async def test_an_edited_question_is_answered_anew_in_place(otklik: Otklik, agent: Person) -> None:
    async with otklik.answering():
        asked = agent.says(agent.private, ASKED)
        answer = await otklik.server.until(lambda: otklik.after(agent, asked))
        agent.edits(asked, "не грузится каталог из экселя")
        await otklik.server.until(lambda: "xlsx" in answer.text)
    assert otklik.world.sent == [answer]


async def test_a_late_answer_says_so_and_points_at_its_question(otklik: Otklik, agent: Person) -> None:
    asked = agent.says(agent.private, ASKED, date=otklik.world.now() - timedelta(hours=3))
    async with otklik.answering():
        answer = await otklik.server.until(lambda: otklik.after(agent, asked))
    assert answer.text.startswith("Простите, что так поздно: вопрос был задан 3 часа назад.")
    assert ANSWER in answer.text
    assert answer.reply_to is asked


async def test_strangers_get_a_polite_word_and_nothing_is_stored(otklik: Otklik) -> None:
    stranger = otklik.world.add_person("Boris", language="ru")
    otklik.server.faults.bad_gateway("sendMessage", 1)  # which a moment later passes
    async with otklik.answering():
        word = await otklik.answer(stranger, ASKED)
    assert word.text.startswith("Я отвечаю сотрудникам и клиентам")
    async with otklik.database.reading() as session:
        assert await session.scalar(text("SELECT count(*) FROM questions")) == 0


async def test_what_has_no_text_gets_one_word_however_many_come(otklik: Otklik, agent: Person) -> None:
    async with otklik.answering():
        for number in range(3):
            agent.says(agent.private, "", document=File(f"voice{number}", "voice.ogg", "audio/ogg", b"OggS"))
        await otklik.server.until(lambda: otklik.world.sent)
        await otklik.answer(agent, ASKED)
    words = [message.text for message in otklik.world.sent]
    assert words[0].startswith("Я понимаю только текст")
    assert len(words) == 2


async def test_a_caption_is_a_question(otklik: Otklik, agent: Person) -> None:
    async with otklik.answering():
        asked = agent.says(agent.private, ASKED, document=File("picture", "a.txt", "text/plain", b"a"))
        answer = await otklik.server.until(lambda: otklik.after(agent, asked))
    assert ANSWER in answer.text


async def test_commands_greet_and_tell_staff_more(otklik: Otklik, agent: Person) -> None:
    stranger = otklik.world.add_person("Boris", language="en")
    async with otklik.answering():
        agent.starts()
        stranger.starts()
        await otklik.server.until(lambda: len(otklik.world.sent) == 2)
    to_agent, to_stranger = (person.sees(person.private)[-1].text for person in (agent, stranger))
    assert "карточку" in to_agent
    assert "card" not in to_stranger
    assert to_stranger.startswith("Hello!")


async def test_a_forwarded_command_does_nothing(otklik: Otklik, agent: Person) -> None:
    stranger = otklik.world.add_person("Boris")
    async with otklik.answering():
        agent.says(agent.private, "/status", forwarded_from=stranger)
        await otklik.answer(agent, ASKED)
    assert len(otklik.world.sent) == 1


async def test_the_menus_differ_by_scope_and_language(otklik: Otklik) -> None:
    admin = otklik.world.add_person("Eva", user_id=7002)
    admin.starts()
    async with otklik.answering():
        menus = otklik.server.profile.commands
        await otklik.server.until(lambda: ("chat:7002", "ru") in menus)
    assert [command.command for command in menus["default", ""]] == ["start", "help"]
    assert [command.command for command in menus["chat:7002", "ru"]] == ["start", "help", "status"]
    assert menus["all_group_chats", "ru"][0].description == "Задать вопрос"


async def test_admins_see_what_waits(otklik: Otklik, agent: Person) -> None:
    admin = otklik.world.add_person("Eva", user_id=7002, language="en")
    async with otklik.answering():
        status = await otklik.answer(admin, "/status")
    assert status.text.startswith("Waiting for the bot: 0")


async def test_too_many_questions_get_a_polite_word(otklik: Otklik, agent: Person) -> None:
    otklik.rules("per_minute = 1\n[staff]\nids = [7001]\n")
    async with otklik.answering():
        await otklik.answer(agent, ASKED)
        word = await otklik.answer(agent, "как вернуть деньги?")
    assert word.text.startswith("Слишком много вопросов")


async def test_nobodys_name_or_id_is_stored(otklik: Otklik, agent: Person) -> None:
    async with otklik.answering():
        await otklik.answer(agent, f"Меня зовут Анна Петрова, +7 916 123-45-67. {ASKED}")
    async with otklik.database.reading() as session:
        rows = [
            str(await session.scalar(text(f"SELECT json_agg(t) FROM {table} AS t")))
            for table in ("questions", "question_messages", "bot_messages", "answers")
        ]
    assert not any(secret in row for row in rows for secret in ("7001", "Петрова", "123-45-67"))
    assert "[PERSON]" in rows[1]


async def test_the_real_id_of_a_chat_goes_when_all_is_shown(otklik: Otklik, agent: Person) -> None:
    async with otklik.answering():
        await otklik.answer(agent, ASKED)
        await otklik.server.all_taken()
    async with otklik.database.reading() as session:
        sealed = await session.scalar(
            text("SELECT count(*) FROM bot_messages WHERE sealed_chat IS NOT NULL AND shown = wanted")
        )
        assert sealed == 0
