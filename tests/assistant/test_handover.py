"""From "ask a human" to the reply of one, and what is kept of it."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from assistant import feedback, handover
from assistant.handover import Answered, Opened, Refusal
from assistant.shown import Actor, Spot
from core.contracts.messages import UnitsChanged
from core.db.session import Database
from core.domain.access import Role
from core.privacy.types import MaskedText
from tests.core.index.units import store, unit
from tests.ingestion.bot_tables import seeding
from tests.ingestion.bot_tables.seeding import STAFF_CHAT
from tests.ingestion.road import CHAT, NOON, PSEUDONYMS, rows, value

ASKER = Actor(PSEUDONYMS.person("user7"), Role.CLIENT)
OTHER = Actor(PSEUDONYMS.person("user8"), Role.CLIENT)
STAFF = Actor(PSEUDONYMS.person("staff1"), Role.AGENT)
PRIVATE = PSEUDONYMS.private_chat(7)
CARD = Spot(STAFF_CHAT, 500)
ANSWER = MaskedText("Смените <блок> питания")


async def asked(database: Database, chat_id: int = CHAT) -> Spot:
    """A question, answered by the bot's message 100."""
    await store(database, unit(1, "Касса не включается"), unit(20, "Касса молчит после обновления"))
    async with database.transaction() as session:
        answer_id = await seeding.answer(session, 1)
        question_id = await seeding.question(session, 5, 6, chat_id=chat_id, answer_id=answer_id, topic_id=3)
        await seeding.shown(session, "answer", question_id, message_id=100, chat_id=chat_id)
    return Spot(chat_id, 100)


async def hand_over(database: Database, spot: Spot, actor: Actor = ASKER, **fields: Any) -> Opened | Refusal:
    values = {"why": "asked", "candidates": [f"{CHAT}:20", f"{CHAT}:1"], "sealed_chat": None, "staff_chat": STAFF_CHAT}
    async with database.transaction() as session:
        return await handover.hand_over(session, spot, actor, **{**values, **fields})


async def shown(database: Database, kind: str) -> dict[str, Any]:
    (row,) = await rows(database, "SELECT * FROM bot_messages WHERE kind = :kind", kind=kind)
    return row


async def deliver(database: Database) -> None:
    """The messenger shows everything, the card as message 500."""
    async with database.transaction() as session:
        await session.execute(text("UPDATE bot_messages SET shown = wanted, sealed_chat = NULL"))
        await session.execute(text("UPDATE bot_messages SET message_id = 500 WHERE kind = 'card'"))


async def staff_says(database: Database, words: MaskedText = ANSWER) -> Answered | Refusal:
    async with database.transaction() as session:
        return await handover.reply(session, CARD, STAFF, words, NOON)


async def vetted(database: Database) -> list[dict[str, Any]]:
    return await rows(database, "SELECT answer, public, origin, asker, chat_id FROM vetted_answers")


async def test_the_card_tells_all_that_staff_needs_and_names_nobody(database: Database) -> None:
    opened = await hand_over(database, await asked(database))
    assert isinstance(opened, Opened)
    assert opened.anew
    card = await shown(database, "card")
    assert (card["chat_id"], card["subject"], card["buttons"]) == (STAFF_CHAT, opened.handover_id, [])
    html = card["html"]
    assert 'клиент, <a href="https://t.me/c/1234567890/6">в группе</a>' in html
    assert "Касса молчит\nКасса молчит" in html
    assert "Перезапустите кассу" in html
    first, second = html.index("https://t.me/c/1234567890/20"), html.index('https://t.me/c/1234567890/1"')
    assert first < second
    assert ASKER.person not in html


async def test_twice_is_once_and_a_later_correction_joins_the_card(database: Database) -> None:
    spot = await asked(database)
    first = await hand_over(database, spot)
    async with database.transaction() as session:
        await feedback.correct(session, spot, ASKER, MaskedText("Там другой блок"), NOON)
    again = await hand_over(database, spot, why="downvoted")
    assert isinstance(first, Opened)
    assert again == Opened(first.handover_id, anew=False)
    assert "Там другой блок" in (await shown(database, "card"))["html"]
    assert await value(database, "SELECT why FROM handovers") == "asked"


async def test_who_may_hand_over(database: Database) -> None:
    spot = await asked(database)
    assert await hand_over(database, spot, OTHER) is Refusal.NOT_YOURS
    assert await hand_over(database, spot, staff_chat=0) is Refusal.NO_STAFF_CHAT
    assert await hand_over(database, Spot(PRIVATE, 100)) is Refusal.GONE
    assert await value(database, "SELECT count(*) FROM handovers") == 0
    assert isinstance(await hand_over(database, spot, STAFF), Opened)


async def test_staffs_reply_goes_back_below_the_question_and_is_vetted(database: Database) -> None:
    await hand_over(database, await asked(database))
    await deliver(database)
    assert await staff_says(database) == Answered(delivered=True, units=UnitsChanged(chat_id=CHAT))
    reply = await shown(database, "reply")
    assert (reply["chat_id"], reply["topic_id"], reply["reply_to"]) == (CHAT, 3, 6)
    assert reply["html"] == "<b>Ответ поддержки:\n\n</b>Смените &lt;блок&gt; питания"
    card = await shown(database, "card")
    assert "✅ Поддержка ответила:" in card["html"]
    assert card["buttons"][0][0][0] == "Показывать во всех чатах"
    vetted_row = {"answer": ANSWER, "public": False, "origin": "handover", "asker": ASKER.person, "chat_id": CHAT}
    assert await vetted(database) == [vetted_row]


async def test_a_second_reply_takes_the_place_of_the_first(database: Database) -> None:
    await hand_over(database, await asked(database))
    await deliver(database)
    await staff_says(database)
    await deliver(database)
    assert await staff_says(database, MaskedText("Смените кабель")) == Answered(True, UnitsChanged(chat_id=CHAT))
    reply = await shown(database, "reply")
    assert (reply["html"].endswith("Смените кабель"), reply["wanted"]) == (True, 2)
    assert [row["answer"] for row in await vetted(database)] == ["Смените кабель"]


async def test_in_a_private_chat_the_seal_lasts_until_the_reply_is_delivered(database: Database) -> None:
    await hand_over(database, await asked(database, PRIVATE), sealed_chat=b"seal")
    await deliver(database)
    card = (await shown(database, "card"))["html"]
    assert "в личном чате" in card
    assert str(PRIVATE) not in card
    assert await value(database, "SELECT sealed_chat FROM questions") == b"seal"
    assert (await staff_says(database)) == Answered(True, UnitsChanged(chat_id=PRIVATE))
    assert (await shown(database, "reply"))["sealed_chat"] == b"seal"
    assert await value(database, "SELECT sealed_chat FROM questions") is None
    await staff_says(database, MaskedText("Смените кабель"))  # before it was shown
    assert (await shown(database, "reply"))["html"].endswith("Смените кабель")
    await deliver(database)
    assert await staff_says(database, MaskedText("Ждите")) == Answered(False, UnitsChanged(chat_id=PRIVATE))
    assert (await shown(database, "reply"))["html"].endswith("Смените кабель")
    assert [row["answer"] for row in await vetted(database)] == ["Ждите"]


async def test_the_button_makes_the_answer_public_and_private_again(database: Database) -> None:
    await hand_over(database, await asked(database))
    await deliver(database)
    async with database.transaction() as session:
        assert await handover.set_public(session, CARD, public=True) is Refusal.GONE  # nothing to publish yet
    await staff_says(database)
    for public, label in ((True, "Только в этом чате"), (False, "Показывать во всех чатах")):
        async with database.transaction() as session:
            assert await handover.set_public(session, CARD, public=public) == UnitsChanged(chat_id=CHAT)
        assert [row["public"] for row in await vetted(database)] == [public]
        assert await value(database, "SELECT public FROM data_units WHERE vetted") == public
        assert (await shown(database, "card"))["buttons"][0][0][0] == label


@pytest.mark.parametrize("spot", [Spot(STAFF_CHAT, 501), Spot(CHAT, 100)])
async def test_a_reply_to_what_is_no_card_answers_nobody(database: Database, spot: Spot) -> None:
    await hand_over(database, await asked(database))
    await deliver(database)
    async with database.transaction() as session:
        assert await handover.reply(session, spot, STAFF, ANSWER, NOON) is Refusal.GONE


async def test_the_candidates_are_searched_with_what_was_asked(database: Database) -> None:
    spot = await asked(database)
    async with database.transaction() as session:
        assert await handover.question_words(session, spot) == "Касса молчит\nКасса молчит"
        assert await handover.question_words(session, Spot(CHAT, 7)) is None


def test_ids_fit_in_a_button() -> None:
    from assistant.texts.buttons import data
    from assistant.texts.cards import HANDOVER, SUGGESTION, HandoverVerb, SuggestionVerb

    longest = [*(data(HANDOVER, verb, UUID(int=1)) for verb in HandoverVerb)]
    longest += [data(SUGGESTION, verb, UUID(int=1)) for verb in SuggestionVerb]
    assert all(len(one.encode()) <= 64 for one in longest)
