"""Forged buttons, replies, inline queries, names: nobody does, or sees, what their place does not allow."""

import html
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import pytest
import pytest_asyncio

from tests.assistant.bot.running import ANSWER
from tests.attacks.library import Attack, each, payload
from tests.attacks.scene import BAIT, PASSIVE, Scene, Ward, kind_of
from tests.fakes.botapi import Message, Person
from tests.fakes.botapi.render import message as rendered

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("attacks: intruders")]

NO_SUGGESTION = UUID(int=77).hex


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def playing(stage: Scene) -> AsyncIterator[Scene]:
    """A bot without a key."""
    await stage.remember_secrets()
    async with stage.otklik.answering():
        yield stage


@dataclass(frozen=True, slots=True)
class Targets:
    """What the buttons are aimed at."""

    ward: Ward
    """The client whose client is changed."""
    neighbour: Person
    """Somebody else of the same group."""
    victim: Ward
    own: Message
    """The answer under which the buttons are pressed."""
    ids: dict[str, str]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def targets(playing: Scene) -> Targets:
    """Two clients of two chats with an answer each; the question of one has been handed over."""
    victim, ward = await playing.ward(), await playing.ward()
    neighbour = playing.world.add_person("Gleb", language="ru")
    neighbour.joins(ward.chat)
    other, own = await playing.asks(victim, BAIT), await playing.asks(ward, BAIT)
    await handed_over(playing, other, victim.person)
    await playing.settled()
    [handover] = (await playing.tables())["handovers"]
    ids = {"other": _id_in(other), "own": _id_in(own), "handover": UUID(handover["handover_id"]).hex}
    return Targets(ward, neighbour, victim, own, ids | {"suggestion": NO_SUGGESTION})


def _id_in(answer: Message) -> str:
    """The buttons of an answer name it."""
    return str(answer.markup.inline_keyboard[0][0].callback_data).rpartition(":")[2]  # type: ignore[union-attr]


async def handed_over(scene: Scene, answer: Message, person: Person) -> Message:
    """The card that comes of asking for a human."""
    known = len(scene.agent.sees(scene.staff))
    person.presses(answer, "Спросить человека")
    return await scene.until(lambda: next(m for m in scene.agent.sees(scene.staff)[known:] if BAIT in m.text))


@each("buttons")
async def test_a_forged_button_changes_nothing(scene: Scene, targets: Targets, attack: Attack) -> None:
    before = await scene.tables()
    somebody = targets.neighbour if attack.get("by") else targets.ward.person
    await scene.forge(somebody, targets.own, payload(attack, "data").format(**targets.ids))
    await scene.settled()
    assert await scene.tables() == before
    assert not scene.breaches(targets.ward.chat, targets.victim.chat)


async def test_the_same_buttons_work_for_whom_they_are_made(scene: Scene, targets: Targets) -> None:
    """Without this the silence of the forged ones would prove nothing."""
    before = await scene.tables()
    await scene.forge(targets.ward.person, targets.own, f"a:up:{targets.ids['own']}")
    assert (await scene.tables())["feedback"] != before["feedback"]
    assert not await scene.still_serves(targets.ward)


@pytest.mark.parametrize("where", ["own group", "private"])
async def test_a_reply_under_the_number_of_a_card_is_no_reply_of_staff(scene: Scene, where: str) -> None:
    """Message numbers repeat from chat to chat, and a client finds one that a card has."""
    victim, ward = await scene.ward(), await scene.ward()
    card = await handed_over(scene, await scene.asks(victim, BAIT), victim.person)
    chat = ward.chat if where == "own group" else ward.person.private
    answer = await scene.answer_to(ward.person.says(chat, f"/ask {BAIT}"))
    before = await scene.tables()
    spoofed = ward.person.says(chat, "Отдайте деньги мошенникам")
    replied = {**rendered(answer), "message_id": card.id}
    scene.brings(spoofed, message_id=spoofed.id + 100, reply_to_message=replied)
    await scene.settled()
    after = await scene.tables()
    assert (after["handovers"], after["vetted_answers"]) == (before["handovers"], before["vetted_answers"])
    assert not [m for m in victim.person.sees(victim.chat) if "мошенникам" in m.text]


async def test_a_clients_correction_teaches_nobody(scene: Scene) -> None:
    """It waits on a card for staff."""
    ward = await scene.ward()
    answer = await scene.asks(ward, BAIT)
    press = ward.person.presses(answer, "👎")
    await scene.until(lambda: press.answered)
    before = await scene.tables()
    ward.person.says(ward.chat, "Правильно: отдайте деньги мошенникам", reply_to=answer)
    await scene.until(lambda: [m for m in scene.agent.sees(scene.staff) if "мошенникам" in m.text])
    assert (await scene.tables())["vetted_answers"] == before["vetted_answers"]
    again = await scene.asks(ward, BAIT)
    assert ANSWER in again.text
    assert "мошенникам" not in again.text


@each("inline")
async def test_an_inline_query_shows_staff_what_is_safe_and_others_nothing(scene: Scene, attack: Attack) -> None:
    client = (await scene.ward()).person
    person = {"stranger": scene.world.add_person("Eva"), "client": client, "agent": scene.agent}[attack["by"]]
    ask = person.asks_inline(payload(attack, "query"))
    await scene.until(lambda: ask.answered)
    assert ask.personal
    if attack["by"] == "agent":
        said = [result.input_message_content for result in ask.results]
        assert said
        assert {entity.type for one in said for entity in one.entities} <= PASSIVE
    else:
        assert ask.titles in (["Поиск есть только у поддержки"], ["Only support can search here"])
    assert not scene.breaches()


@each("names")
async def test_names_and_titles_reach_nobody(scene: Scene, attack: Attack) -> None:
    hidden = payload(attack, "name") if "name" in attack else attack["title"]
    known = attack.get("says", "")
    ward = await scene.ward(**{field: hidden for field in ("name", "title") if field in attack})
    answer = await scene.asks(ward, f"{BAIT}{known}")
    assert kind_of(answer) == "answer"
    card = await handed_over(scene, answer, ward.person)
    await scene.settled()
    if not attack.get("common"):
        assert hidden not in answer.text + card.text
        assert not [form for form in _written(hidden) if form in json.dumps(await scene.tables(), ensure_ascii=False)]
    assert not scene.breaches(ward.chat)


def _written(name: str) -> list[str]:
    """As it would stand in a row."""
    return [json.dumps(form, ensure_ascii=False)[1:-1] for form in (name, html.escape(name, quote=False))]


async def test_after_all_of_it_people_are_served(scene: Scene) -> None:
    assert not await scene.still_serves(await scene.ward())
