"""The turns before a question: a few, in their order, with what was really answered."""

from sqlalchemy import text

from assistant.questions.conversation import TURNS, before
from assistant.questions.records import Claim
from assistant.turns import Turn
from core.db.models import Handover
from core.db.session import Database
from core.privacy.types import MaskedText
from tests.assistant.questions.asking import asked, claimed, edit, finish, taken


async def turns(database: Database, held: Claim) -> list[tuple[str, str | None]]:
    """What was said before."""
    async with database.reading() as session:
        return [(turn.question, turn.answer) for turn in await before(session, held)]


async def test_a_first_question_stands_alone(database: Database) -> None:
    await taken(database, asked(1))
    assert await turns(database, await claimed(database, 2)) == []


async def test_the_last_turns_are_told_oldest_first_and_no_more(database: Database) -> None:
    for number in range(TURNS + 2):
        await taken(database, asked(number * 2, f"вопрос {number}", seconds=number * 20))
        await taken(database, asked(number * 2 + 1, "и ещё", seconds=number * 20 + 1))
        held = await claimed(database, number * 20 + 9)
        last = (await turns(database, held))[-TURNS:]
        assert last == [
            (f"вопрос {earlier}\nи ещё", f"ответ {earlier}") for earlier in range(max(0, number - TURNS), number)
        ]
        await finish(database, held, number * 20 + 10, f"ответ {number}")


async def test_what_was_not_answered_has_no_answer_and_staff_has_the_last_word(database: Database) -> None:
    first = await taken(database, asked(1, "один"))
    await finish(database, await claimed(database, 2), 3, "не знаю")
    async with database.transaction() as session:
        await session.execute(text("UPDATE questions SET state = 'refused'"))
    await taken(database, asked(2, "два", seconds=20))
    held = await claimed(database, 23)
    assert await turns(database, held) == [("один", None)]
    async with database.transaction() as session:
        session.add(
            Handover(
                question_id=first.question_id, why="asked", candidates=[], state="answered", reply="Нажмите «Сброс»"
            )
        )
    assert await turns(database, held) == [("один", "Нажмите «Сброс»")]


async def test_erased_questions_and_answers_to_former_words_are_not_told(database: Database) -> None:
    await taken(database, asked(1, "один"))
    await finish(database, await claimed(database, 2), 3, "ответ на один")
    await taken(database, asked(2, "два", seconds=20, replies_to=1001, who="user2"))
    held = await claimed(database, 23)
    await edit(database, asked(1, "один, но другой"), 24)
    assert await turns(database, held) == [("один, но другой", None)]
    async with database.transaction() as session:
        await session.execute(text("DELETE FROM question_messages WHERE message_id = 1"))
    assert await turns(database, held) == []


async def test_a_turn_is_masked_text(database: Database) -> None:
    await taken(database, asked(1, "один"))
    await finish(database, await claimed(database, 2), 3, "ответ")
    await taken(database, asked(2, "два", seconds=20))
    held = await claimed(database, 23)
    async with database.reading() as session:
        assert list(await before(session, held, limit=1)) == [Turn(MaskedText("один"), MaskedText("ответ"))]
