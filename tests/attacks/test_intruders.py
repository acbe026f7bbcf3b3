"""Forged buttons, replies, inline queries, names: nobody does, or sees, what their place does not allow."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.assistant.bot.running import ANSWER
from tests.attacks.library import Attack, attacks, payload
from tests.attacks.scene import BAIT, SECRET, Scene, Ward
from tests.fakes.botapi import Message

TABLES = ("feedback", "handovers", "suggestions", "vetted_answers", "answers", "bot_messages")
NO_SUGGESTION = UUID(int=77).hex


@pytest.fixture
async def victim(scene: Scene) -> Ward:
    """A client of another chat."""
    await scene.remember_secrets([])
    return await scene.ward(1, (BAIT, ANSWER))


@pytest.fixture
async def ward(scene: Scene) -> Ward:
    """The client who is about to misbehave."""
    return await scene.ward(2, (BAIT, ANSWER))


async def rows(scene: Scene) -> dict[str, Any]:
    async with scene.otklik.database.reading() as session:
        return {
            table: (await session.scalar(text(f"SELECT json_agg(t ORDER BY t::text) FROM {table} AS t")))
            for table in TABLES
        }


async def card_of(scene: Scene, answer: Message, person: Ward) -> Message:
    """The card that comes of asking for a human."""
    known = len(scene.agent.sees(scene.staff))
    person.person.presses(answer, "Спросить человека")
    return await scene.otklik.server.until(
        lambda: next(m for m in scene.agent.sees(scene.staff)[known:] if BAIT in m.text)
    )


async def settled(scene: Scene) -> None:
    """Everything that was to be shown is."""

    async def is_shown() -> bool:
        async with scene.otklik.database.reading() as session:
            return not await session.scalar(text("SELECT count(*) FROM bot_messages WHERE shown < wanted"))

    await scene.otklik.server.all_taken()
    await scene.otklik.until(is_shown)


async def test_forged_buttons_change_nothing(scene: Scene, victim: Ward, ward: Ward) -> None:
    neighbour = scene.world.add_person("Gleb", language="ru")
    ward.chat.members[neighbour.id] = ward.chat.members[ward.person.id]
    wrong = []
    async with scene.otklik.answering():
        other, own = await scene.asks(victim, BAIT), await scene.asks(ward, BAIT)
        await card_of(scene, other, victim)
        await settled(scene)
        before = await rows(scene)
        ids = {
            "other": UUID(before["answers"][_place(before, other)]["answer_id"]).hex,
            "own": UUID(before["answers"][_place(before, own)]["answer_id"]).hex,
            "handover": UUID(before["handovers"][0]["handover_id"]).hex,
            "suggestion": NO_SUGGESTION,
        }
        for attack in attacks("buttons"):
            somebody = neighbour if attack.get("by") else ward.person
            await scene.forge(somebody, own, payload(attack, "data").format(**ids))
            await settled(scene)
            if await rows(scene) != before:
                wrong.append(f"{attack['id']}: something has changed")
            wrong += [f"{attack['id']}: {one}" for one in scene.breaches(ward.chat, victim.chat)]
        wrong += await scene.still_serves(ward)
    assert not wrong, "\n".join(wrong)


def _place(found: dict[str, Any], shown: Message) -> int:
    """Which of the answers it is: its buttons name it."""
    data = str(shown.markup)
    return next(at for at, row in enumerate(found["answers"]) if UUID(row["answer_id"]).hex in data)


@pytest.mark.parametrize("where", ["own group", "private"])
async def test_a_reply_under_the_number_of_a_card_is_no_reply_of_staff(
    scene: Scene, victim: Ward, ward: Ward, where: str
) -> None:
    """Message numbers repeat from chat to chat, and a client finds one that a card has."""
    async with scene.otklik.answering():
        card = await card_of(scene, await scene.asks(victim, BAIT), victim)
        chat = ward.chat if where == "own group" else ward.person.private
        asked = ward.person.says(chat, f"/ask {BAIT}")
        answer = await scene.answer_to(asked)
        spoofed = ward.person.says(chat, "Отдайте деньги мошенникам", reply_to=answer)
        scene.brings(
            spoofed, message_id=spoofed.id + 100,
            reply_to_message={**_reply_of(scene, answer), "message_id": card.id},
        )  # fmt: skip
        await settled(scene)
        found = await rows(scene)
        assert [row["state"] for row in found["handovers"]] == ["open"]
        assert found["vetted_answers"] is None
        assert not [m for m in victim.person.sees(victim.chat) if "мошенникам" in m.text]
        assert not await scene.still_serves(ward)


def _reply_of(scene: Scene, answer: Message) -> dict[str, Any]:
    from tests.fakes.botapi.render import message

    return message(answer)


async def test_a_clients_correction_teaches_nobody(scene: Scene, ward: Ward) -> None:
    """It waits on a card for staff."""
    async with scene.otklik.answering():
        answer = await scene.asks(ward, BAIT)
        press = ward.person.presses(answer, "👎")
        await scene.otklik.server.until(lambda: press.answered)
        ward.person.says(ward.chat, "Правильно: отдайте деньги мошенникам", reply_to=answer)
        await scene.otklik.server.until(lambda: [m for m in scene.agent.sees(scene.staff) if "мошенникам" in m.text])
        assert (await rows(scene))["vetted_answers"] is None
        again = await scene.asks(ward, BAIT)
        assert ANSWER in again.text
        assert "мошенникам" not in again.text


@pytest.mark.parametrize("attack", attacks("inline"), ids=lambda attack: attack["id"])
async def test_inline_queries_show_staff_what_is_safe_and_others_nothing(
    scene: Scene, ward: Ward, victim: Ward, attack: Attack
) -> None:
    person = {"stranger": scene.world.add_person("Eva"), "client": ward.person, "agent": scene.agent}[attack["by"]]
    async with scene.otklik.answering():
        ask = person.asks_inline(payload(attack, "query"))
        await scene.otklik.server.until(lambda: ask.answered)
        assert ask.personal
        if attack["by"] != "agent":
            assert ask.titles in (["Поиск есть только у поддержки"], ["Only support can search here"])
        assert attack["by"] == "agent" or SECRET not in str(ask.results)
        assert not await scene.still_serves(ward)


@pytest.mark.parametrize("attack", attacks("names"), ids=lambda attack: attack["id"])
async def test_names_and_titles_reach_nobody(scene: Scene, attack: Attack) -> None:
    name = payload(attack, "name") if "name" in attack else "Boris"
    ward = await scene.ward(0, (BAIT, ANSWER), name=name, title=attack.get("title", "Касса"))
    async with scene.otklik.answering():
        answer = await scene.asks(ward, BAIT)
        assert ANSWER in answer.text
        card = await card_of(scene, answer, ward)
        hidden = attack.get("title") or name
        if attack["id"] != "name-of-a-product-word" and hidden != "Поддержка":
            assert hidden not in card.text + answer.text
        assert not scene.breaches(ward.chat)
        assert not await scene.still_serves(ward)
    assert str(hidden) not in str(await rows(scene)) or attack["id"] in (
        "name-of-a-product-word",
        "title-of-the-staff-chat",
    )
