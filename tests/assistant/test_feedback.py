"""Votes: one a person, changeable, explained, corrected, and only by those who see the answer."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from assistant import feedback
from assistant.feedback import By, Corrected, Counted, Refusal
from assistant.shown import Actor, Spot
from core.contracts.messages import UnitsChanged
from core.db.session import Database
from core.domain.access import Role
from core.privacy.types import MaskedText
from tests.ingestion.bot_tables import seeding
from tests.ingestion.road import CHAT, NOON, PSEUDONYMS, rows

SPOT = Spot(CHAT, 100)
CLIENT = Actor(PSEUDONYMS.person("user7"), Role.CLIENT)
AGENT = Actor(PSEUDONYMS.person("staff1"), Role.AGENT)
RIGHT = MaskedText("Обновите кассу до 5.8.")


@pytest.fixture
async def answer_id(database: Database) -> UUID:
    """A question, answered in the chat by the bot's message 100."""
    async with database.transaction() as session:
        answer_id = await seeding.answer(session, 1)
        question_id = await seeding.question(session, 5, answer_id=answer_id)
        await seeding.shown(session, "answer", question_id, message_id=100)
    return answer_id


async def vote(database: Database, value: Any, actor: Actor = CLIENT, **fields: Any) -> Counted | Refusal:
    async with database.transaction() as session:
        return await feedback.vote(session, fields.pop("spot", SPOT), actor, value, NOON, **{"by": By.BUTTON, **fields})


async def correct(database: Database, actor: Actor, words: MaskedText = RIGHT) -> Corrected | Refusal:
    async with database.transaction() as session:
        return await feedback.correct(session, SPOT, actor, words, NOON)


async def votes(database: Database) -> list[tuple[Any, ...]]:
    found = await rows(database, "SELECT vote, reason, correction, by FROM feedback ORDER BY role, voter")
    return [tuple(row.values()) for row in found]


async def vetted(database: Database) -> list[tuple[Any, ...]]:
    found = await rows(
        database,
        """SELECT v.question, v.answer, v.origin, v.source, v.asker, v.vetted_by, u.text FROM vetted_answers AS v
           LEFT JOIN data_units AS u ON u.node_id = 'vetted:' || v.vetted_id""",
    )
    return [tuple(row.values()) for row in found]


async def test_one_vote_a_person_changeable(database: Database, answer_id: UUID) -> None:
    for value in (1, 1, -1):
        counted = await vote(database, value, answer_id=answer_id)
        assert isinstance(counted, Counted)
        assert counted.answer_id == answer_id
    await vote(database, 1, AGENT, by=By.REACTION)
    assert await votes(database) == [(1, None, None, "reaction"), (-1, None, None, "button")]


async def test_a_reason_belongs_to_a_no_and_goes_with_it(database: Database, answer_id: UUID) -> None:
    async with database.transaction() as session:
        await feedback.give_reason(session, SPOT, CLIENT, "outdated", answer_id, NOON)
    assert await votes(database) == [(-1, "outdated", None, "button")]
    await vote(database, 1)
    assert await votes(database) == [(1, None, None, "button")]


async def test_a_withdrawn_reaction_takes_back_what_came_by_one_and_was_not_explained(
    database: Database, answer_id: UUID
) -> None:
    async def withdraw() -> None:
        async with database.transaction() as session:
            assert isinstance(await feedback.withdraw_reaction(session, SPOT, CLIENT), Counted)

    await vote(database, -1, by=By.REACTION)
    await withdraw()
    assert await votes(database) == []
    await vote(database, -1, by=By.REACTION)
    async with database.transaction() as session:
        await feedback.give_reason(session, SPOT, CLIENT, "wrong", answer_id, NOON)
    await withdraw()
    assert await votes(database) == [(-1, "wrong", None, "button")]


async def test_staffs_correction_is_vetted_at_once_and_replaced_by_the_next(
    database: Database, answer_id: UUID
) -> None:
    for words in (MaskedText("Не знаю"), RIGHT):
        done = await correct(database, AGENT, words)
        assert isinstance(done, Corrected)
        assert done.units == UnitsChanged(chat_id=CHAT)
    asked = "Касса молчит"
    assert await vetted(database) == [
        (asked, RIGHT, "correction", answer_id, CLIENT.person, AGENT.person, f"{asked}\n{RIGHT}")
    ]
    assert await votes(database) == [(-1, None, RIGHT, "button")]


async def test_staff_who_votes_yes_after_all_takes_their_correction_back(database: Database, answer_id: UUID) -> None:
    await correct(database, AGENT)
    await vote(database, 1, CLIENT, answer_id=answer_id)
    assert len(await vetted(database)) == 1
    await vote(database, 1, AGENT)
    assert await vetted(database) == []


@pytest.mark.usefixtures("answer_id")
async def test_a_clients_correction_waits_for_staff(database: Database) -> None:
    done = await correct(database, CLIENT)
    assert isinstance(done, Corrected)
    assert done.units is None
    assert await votes(database) == [(-1, None, RIGHT, "button")]
    assert await vetted(database) == []


@pytest.mark.parametrize("spot", [Spot(PSEUDONYMS.private_chat(9), 100), Spot(CHAT, 101)])
async def test_nobody_votes_from_another_chat_or_on_what_is_no_answer(
    database: Database, answer_id: UUID, spot: Spot
) -> None:
    assert await vote(database, -1, spot=spot, answer_id=answer_id) is Refusal.GONE
    assert await votes(database) == []


@pytest.mark.usefixtures("answer_id")
async def test_a_button_of_a_former_answer_counts_for_nothing(database: Database) -> None:
    assert await vote(database, 1, answer_id=uuid4()) is Refusal.GONE
    assert await votes(database) == []


@pytest.mark.usefixtures("answer_id")
async def test_a_reply_corrects_only_soon_after_a_no_of_the_same_person(database: Database) -> None:
    async def awaited(actor: Actor, minutes: int = 1, words: str = RIGHT) -> bool:
        async with database.transaction() as session:
            now = NOON + timedelta(minutes=minutes)
            return await feedback.awaits_correction(session, SPOT, actor, MaskedText(words), now)

    assert not await awaited(CLIENT)
    await vote(database, -1)
    assert await awaited(CLIENT)
    assert not await awaited(AGENT)
    assert not await awaited(CLIENT, minutes=11)
    assert not await awaited(CLIENT, words="А если не поможет?")
    await vote(database, 1)
    assert not await awaited(CLIENT)
