"""What the rows say comes to be shown, once, whatever Telegram or the network does meanwhile."""

import pytest
from sqlalchemy import text

from assistant import messages
from tests.assistant.bot.running import ANSWER, ASKED, PSEUDONYMS, SEALER, Otklik
from tests.core.index.units import CHAT
from tests.fakes.botapi import Break, Person


@pytest.fixture
def agent(otklik: Otklik) -> Person:
    return otklik.world.add_person("Anna", user_id=7001, language="ru")


async def failed(otklik: Otklik) -> list[str]:
    async with otklik.database.reading() as session:
        return list(await session.scalars(text("SELECT failed FROM bot_messages WHERE failed IS NOT NULL")))


@pytest.mark.parametrize("method", ["sendMessage", "editMessageText"])
async def test_a_flood_wait_is_obeyed_and_nothing_comes_twice(otklik: Otklik, agent: Person, method: str) -> None:
    otklik.server.faults.flood(method, 1)
    async with otklik.answering():
        answer = await otklik.answer(agent, ASKED)
    assert ANSWER in answer.text
    assert otklik.world.sent == [answer]


@pytest.mark.parametrize("fault", ["bad_gateway", "drop", "lost_answer", "server_error"])
async def test_an_outage_while_editing_is_invisible(otklik: Otklik, agent: Person, fault: str) -> None:
    faults = otklik.server.faults
    match fault:
        case "bad_gateway":
            faults.bad_gateway("editMessageText", 2)
        case "drop":
            faults.drop("editMessageText", 2)
        case "lost_answer":
            faults.drop("editMessageText", 1, cut=Break.AFTER)
        case "server_error":
            faults.error("editMessageText", 500, "Internal Server Error", 2)
    async with otklik.answering():
        answer = await otklik.answer(agent, ASKED)
    assert otklik.world.sent == [answer]


async def test_of_a_send_whose_reply_is_lost_only_the_placeholder_is_there_twice(otklik: Otklik, agent: Person) -> None:
    otklik.server.faults.drop("sendMessage", 1, cut=Break.AFTER)
    async with otklik.answering():
        await otklik.answer(agent, ASKED)
    assert [ANSWER in message.text for message in otklik.world.sent] == [False, True]
    assert otklik.world.sent[0].text == "⏳"


async def test_a_stop_learns_the_id_of_a_placeholder_on_its_way(otklik: Otklik, agent: Person) -> None:
    otklik.server.faults.slow("sendMessage", 0.2)
    async with otklik.answering():
        agent.says(agent.private, ASKED)
        await otklik.server.until(lambda: any(asked.method == "sendMessage" for asked in otklik.server.asked))
    (placeholder,) = otklik.world.sent
    async with otklik.database.reading() as session:
        assert list(await session.scalars(text("SELECT message_id FROM bot_messages"))) == [placeholder.id]


async def test_who_blocks_the_bot_is_left_alone(otklik: Otklik, agent: Person) -> None:
    otklik.server.faults.error("sendMessage", 403, "Forbidden: bot was blocked by the user")
    async with otklik.answering():
        agent.says(agent.private, ASKED)
        await otklik.until(lambda: failed(otklik))
    assert await failed(otklik) == ["Forbidden: bot was blocked by the user"]


async def test_a_group_that_became_a_supergroup_is_followed(otklik: Otklik) -> None:
    owner = otklik.world.add_person("Boris", language="ru")
    group = otklik.world.add_group("Касса", [owner])
    otklik.rules(f'[chats."{group.id}"]\n')
    async with otklik.answering():
        with otklik.server.faults.during(otklik.server.faults.error("sendMessage", 500, "Internal Server Error", None)):
            owner.says(group, f"/ask {ASKED}")
            await otklik.server.until(lambda: otklik.server.calls()["sendMessage"])
            new = owner.migrates(group)
        shown = await otklik.server.until(
            lambda: [m for m in new.messages if m.sender is otklik.world.bot and m.text != "⏳"]
        )
    assert len(shown) == 1


async def test_one_chat_that_must_wait_does_not_hold_up_another(otklik: Otklik, agent: Person) -> None:
    otklik.rules(f'[staff]\nids = [7001]\n[chats."{CHAT}"]\n')
    group = otklik.world.add_supergroup("Касса", [agent], chat_id=CHAT)
    otklik.server.faults.flood("sendMessage", 60)
    async with otklik.answering():
        agent.says(group, f"/ask {ASKED}")
        await otklik.server.until(lambda: otklik.server.refused)
        await otklik.answer(agent, ASKED)
    assert [message.chat for message in otklik.world.sent] == [agent.private]


async def test_rows_are_shown_in_the_order_of_their_chat(otklik: Otklik, agent: Person) -> None:
    agent.starts()
    chat_id, sealed = PSEUDONYMS.private_chat(agent.id), SEALER.seal(agent.id)
    async with otklik.database.reading() as session:
        subjects = list(await session.scalars(text("SELECT gen_random_uuid() FROM generate_series(1, 5)")))
    for number, subject in enumerate(subjects):
        async with otklik.database.transaction() as session:
            await messages.put(
                session, kind="reply", subject=subject, chat_id=chat_id, sealed_chat=sealed,
                topic_id=None, reply_to=None, html=f"<b>{number}</b>",
            )  # fmt: skip
    async with otklik.answering():
        await otklik.server.until(lambda: otklik.world.sent[-1].text == "4")
    assert [m.text for m in otklik.world.sent if m.text.isdigit()] == list("01234")


async def test_the_pace_keeps_within_telegrams_limits(otklik: Otklik, agent: Person) -> None:
    otklik.rules("per_minute = 100\n[staff]\nids = [7001]\n")
    otklik.server.rates.enabled = True
    async with otklik.answering():
        for _ in range(5):
            await otklik.answer(agent, ASKED)
    assert not [asked for asked in otklik.server.refused if "Too Many" in str(asked.error)]


async def test_updates_wait_while_the_database_is_away(otklik: Otklik, agent: Person) -> None:
    async with otklik.answering():
        async with otklik.database.engine.connect() as connection:
            await connection.execute(text("LOCK TABLE questions, messages IN ACCESS EXCLUSIVE MODE"))
            agent.says(agent.private, ASKED)
            await otklik.server.until(lambda: otklik.world.updates.pending)
            # What waits for us is ended from outside, as a restart of the server does.
            others = "pid <> pg_backend_pid() AND datname = current_database()"
            await connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))
            await connection.rollback()
        answer = await otklik.server.until(lambda: otklik.after(agent, agent.private.messages[0]))
    assert ANSWER in answer.text
    assert otklik.world.sent == [answer]
