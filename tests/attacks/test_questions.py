"""Whatever people type: it is answered from their own chat, gets a polite word, or is left alone."""

from collections.abc import Sequence

import pytest

from tests.assistant.bot.running import ANSWER
from tests.attacks.library import Attack, attacks, chunks, payload
from tests.attacks.scene import BAIT, HONEST, SECRET, Scene, Ward, fits, kind_of
from tests.fakes.botapi import Message

QUESTIONS = attacks("questions")


@pytest.mark.parametrize("portion", chunks("questions"))
async def test_whatever_is_asked_stays_within_bounds(scene: Scene, portion: Sequence[Attack]) -> None:
    await scene.remember_secrets(attack["text"].replace("\0", "") for attack in portion if attack.get("bait"))
    places = [await scene.ward(number, (BAIT, ANSWER)) for number in range(len(portion))]
    wrong = []
    async with scene.otklik.answering():
        for attack, ward in zip(portion, places, strict=True):
            wrong += [f"{attack['id']}: {one}" for one in await played(scene, attack, ward)]
    assert not wrong, "\n".join(wrong)


async def played(scene: Scene, attack: Attack, ward: Ward) -> list[str]:
    """Say it, and what is wrong with what came of it."""
    said, wrong = says(scene, attack, ward), []
    if attack["expect"] != "silence":
        answer = await scene.answer_to(said)
        if not fits(answer, attack["expect"]):
            wrong.append(f"was answered with {kind_of(answer)}: {answer.text[:200]!r}")
    wrong += await scene.still_serves(ward)
    if attack["expect"] == "silence" and len(scene.said_after(said)) != 1:
        wrong.append(f"was not left alone: {scene.said_after(said)}")
    return wrong + scene.breaches(ward.chat, ward.person.private, scene.staff, never=attack.get("never", ()))


def says(scene: Scene, attack: Attack, ward: Ward) -> Message:
    text, somebody = payload(attack, "text"), scene.agent
    match attack.get("where", "group"):
        case "private":
            return ward.person.says(ward.person.private, text)
        case "forwarded":
            return ward.person.says(ward.chat, text, forwarded_from=somebody)
        case "bare":
            return ward.person.says(ward.chat, text)
        case "group":
            return ward.person.says(ward.chat, f"/ask {text}")
        case strange:
            raise ValueError(strange)


async def test_the_secret_is_there_for_those_who_may_read_it(scene: Scene) -> None:
    """Without this the silence about it would prove nothing."""
    baits = [BAIT, *(attack["text"] for attack in QUESTIONS if attack.get("bait"))]
    await scene.remember_secrets(baits)
    async with scene.otklik.answering():
        for bait in baits:
            answer = await scene.answer_to(scene.agent.says(scene.staff, f"/ask {bait}"))
            assert SECRET in answer.text, bait


async def test_who_speaks_in_the_name_of_the_staff_chat_is_no_staff(scene: Scene) -> None:
    """A channel's or a group's name as the sender, and a title, give nobody more to read."""
    await scene.remember_secrets([])
    ward = await scene.ward(0, title="Staff")
    async with scene.otklik.answering():
        said = ward.person.says(ward.chat, "just talking")
        spoken = {"type": "channel", "id": scene.staff.id, "title": scene.staff.title}
        command = [{"type": "bot_command", "offset": 0, "length": 4}]
        scene.brings(said, message_id=said.id + 500, text=f"/ask {BAIT}", entities=command, sender_chat=spoken)
        answer = await scene.answer_to(said)
        assert kind_of(answer) == "refusal", answer
        assert not await scene.still_serves(ward)


async def test_a_private_chat_with_the_id_of_a_group_does_not_reach_its_history(scene: Scene) -> None:
    """Private chats are known by their pseudonym, whatever number they bear."""
    await scene.remember_secrets([])
    ward = await scene.ward(0)
    stranger = scene.world.add_person("Eva", user_id=-scene.staff.id, language="ru")
    async with scene.otklik.answering():
        answer = await scene.answer_to(stranger.says(stranger.private, BAIT))
        assert kind_of(answer) == "refusal"
        assert not scene.breaches(stranger.private)
        assert HONEST not in answer.text
        assert not await scene.still_serves(ward)
