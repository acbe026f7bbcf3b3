"""Whatever people type: it is answered from their own chat, gets a polite word, or is left alone."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.attacks.library import Attack, attacks, each, payload
from tests.attacks.scene import BAIT, HONEST, SECRET, SECRET_CHAT, Scene, Ward, fits, kind_of
from tests.fakes.botapi import Message

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("attacks: questions")]

BAITS = [payload(attack, "text").replace("\0", "") for attack in attacks("questions") if attack.get("bait")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def playing(stage: Scene) -> AsyncIterator[Scene]:
    """A bot without a key."""
    await stage.remember_secrets(BAITS)
    async with stage.otklik.answering():
        yield stage


@each("questions")
async def test_whatever_is_asked_stays_within_bounds(scene: Scene, attack: Attack) -> None:
    ward = await scene.ward()
    said = await says(scene, attack, ward)
    if attack["expect"] == "silence":
        assert not await scene.still_serves(ward)
        assert len(scene.said_after(said)) == 1, scene.said_after(said)
    else:
        answer = await scene.answer_to(said)
        assert fits(answer, attack["expect"]), f"{kind_of(answer)}: {answer.text}"
    assert not scene.breaches(ward.chat, ward.person.private, never=attack.get("never", ()))


async def says(scene: Scene, attack: Attack, ward: Ward) -> Message:
    """Say it; the message behind which the bot's words are expected."""
    text, person = payload(attack, "text"), ward.person
    match attack.get("where", "group"):
        case "group":
            return person.says(ward.chat, f"/ask {text}")
        case "bare":
            return person.says(ward.chat, text)
        case "private":
            return person.says(person.private, text)
        case "forwarded":
            return person.says(ward.chat, text, forwarded_from=scene.agent)
        case "forwarded in private":
            forwarded = person.says(person.private, text, forwarded_from=scene.agent)
            person.says(person.private, HONEST)
            return forwarded
        case "replied to":
            return person.says(ward.chat, "/ask", reply_to=person.says(ward.chat, text))
        case "edited":
            return await edited_into(scene, ward, text)
        case strange:
            raise ValueError(strange)


async def edited_into(scene: Scene, ward: Ward, text: str) -> Message:
    """An honest question, answered, that becomes this one."""
    asked = ward.person.says(ward.chat, f"/ask {HONEST}")
    answer = await scene.answer_to(asked)
    before = answer.text
    ward.person.edits(asked, f"/ask {text}")
    await scene.until(lambda: answer.text != before)
    return asked


async def test_the_secret_is_there_for_those_who_may_read_it(scene: Scene) -> None:
    """Without this the silence about it would prove nothing."""
    insider = scene.world.add_person("Ilya", language="ru")
    chat = scene.world.add_supergroup("Партнёры", [insider], chat_id=SECRET_CHAT)
    for bait in (BAIT, *BAITS):
        answer = await scene.answer_to(insider.says(chat, f"/ask {bait}"))
        assert SECRET in answer.text, bait


async def test_who_speaks_in_the_name_of_the_staff_chat_is_no_staff(scene: Scene) -> None:
    """A channel's or a group's name as the sender, and a title, give nobody more to read."""
    ward = await scene.ward("Как сменить язык кассы?", title="Staff")
    said = ward.person.says(ward.chat, "just talking")
    spoken = {"type": "channel", "id": scene.staff.id, "title": scene.staff.title}
    command = [{"type": "bot_command", "offset": 0, "length": 4}]
    scene.brings(said, message_id=said.id + 500, text=f"/ask {BAIT}", entities=command, sender_chat=spoken)
    assert kind_of(await scene.answer_to(said)) == "refusal"
    assert not await scene.still_serves(ward)


async def test_a_private_chat_with_the_id_of_a_group_does_not_reach_its_history(scene: Scene) -> None:
    """Private chats are known by their pseudonym, whatever number they bear."""
    ward = await scene.ward()
    stranger = scene.world.add_person("Eva", user_id=-ward.chat.id, language="ru")
    assert kind_of(await scene.answer_to(stranger.says(stranger.private, BAIT))) == "refusal"
    assert not scene.breaches(stranger.private)
