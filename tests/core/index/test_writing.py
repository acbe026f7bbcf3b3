from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import text

from core.db.session import Database
from core.embeddings.bundled import BundledE5
from core.index.vectors import UnitCounts, count_units, set_embeddings, unembedded
from core.index.writing import Changed, delete_vetted_unit, put_vetted_unit, replace_thread_units
from core.privacy.types import MaskedText
from tests.core.index.units import CHAT, embed, put, store, unit, vetted_unit

EMBEDDER = BundledE5()


async def counts(database: Database) -> UnitCounts:
    async with database.reading() as session:
        return await count_units(session)


async def vector_of(database: Database, unit_id: str) -> str | None:
    async with database.reading() as session:
        found = await session.execute(
            text("SELECT embedding::text FROM data_units WHERE node_id = :id"), {"id": unit_id}
        )
        vector: str | None = found.scalar_one()
        return vector


async def test_the_same_units_again_change_nothing(database: Database) -> None:
    units = [unit(1, "Касса не печатает"), unit(5, "Где отчёт?")]
    assert await store(database, *units) == Changed(inserted=2, updated=0, deleted=0, to_embed=2)
    assert await store(database, *units) == Changed(inserted=0, updated=0, deleted=0, to_embed=0)


async def test_a_vector_outlives_everything_but_its_text(database: Database) -> None:
    first = unit(1, "Касса не печатает")
    await store(database, first)
    assert await embed(database, EMBEDDER) == 1
    made = await vector_of(database, first.unit_id)

    grown = replace(first, message_ids=(1, 2, 3), staff_answered=False)
    assert await store(database, grown) == Changed(inserted=0, updated=1, deleted=0, to_embed=0)
    moved = replace(grown, thread_id=900)
    assert (await store(database, moved)).to_embed == 0
    assert await vector_of(database, first.unit_id) == made

    edited = replace(moved, text=MaskedText("Касса не печатает\nЗамените бумагу."))
    assert await store(database, edited) == Changed(inserted=0, updated=1, deleted=0, to_embed=1)
    assert await vector_of(database, first.unit_id) is None


async def test_units_that_are_not_given_any_more_vanish(database: Database) -> None:
    await store(database, unit(1, "Касса", thread=1), unit(5, "Отчёт", thread=1), unit(9, "Склад", thread=9))
    async with database.transaction() as session:
        changed = await replace_thread_units(session, CHAT, [1], [unit(5, "Отчёт", thread=1)])
    assert changed == Changed(inserted=0, updated=0, deleted=1, to_embed=0)
    async with database.transaction() as session:
        assert (await replace_thread_units(session, CHAT, [1], [])).deleted == 1
    assert (await counts(database)).units == 1


async def test_a_unit_of_another_chat_or_thread_is_refused(database: Database) -> None:
    for thread_ids, given in (([1], unit(1, "Касса", chat=-5)), ([2], unit(1, "Касса"))):
        async with database.transaction() as session:
            with pytest.raises(ValueError, match="does not belong"):
                await replace_thread_units(session, CHAT, thread_ids, [given])


async def test_other_chats_with_the_same_thread_numbers_are_left_alone(database: Database) -> None:
    await store(database, unit(1, "Касса", chat=-5))
    async with database.transaction() as session:
        assert (await replace_thread_units(session, CHAT, [1], [])).deleted == 0
    assert (await counts(database)).units == 1


async def test_vetted_units_outlive_whatever_becomes_of_the_threads(database: Database) -> None:
    await store(database, unit(1, "Касса", thread=0))
    vetted = vetted_unit(1, "Касса не включается")
    await put(database, vetted)
    async with database.transaction() as session:
        assert (await replace_thread_units(session, CHAT, [0, 1], [])).deleted == 1
    assert (await counts(database)).units == 1
    async with database.transaction() as session:
        await delete_vetted_unit(session, UUID(int=1))
    assert (await counts(database)).units == 0


async def test_a_vetted_unit_keeps_its_vector_when_it_becomes_public(database: Database) -> None:
    vetted = vetted_unit(1, "Касса не включается")
    await put(database, vetted)
    await embed(database, EMBEDDER)
    made = await vector_of(database, vetted.unit_id)
    await put(database, replace(vetted, vetted="public"))
    assert await vector_of(database, vetted.unit_id) == made is not None


async def test_vetted_units_and_those_of_threads_are_written_by_their_own_ways(database: Database) -> None:
    async with database.transaction() as session:
        with pytest.raises(ValueError, match="not vetted"):
            await put_vetted_unit(session, unit(1, "Касса"))
        with pytest.raises(ValueError, match="does not belong"):
            await replace_thread_units(session, CHAT, [0], [vetted_unit(1, "Касса")])


async def test_nothing_is_kept_of_a_transaction_that_fails(database: Database) -> None:
    async def write_and_fail() -> None:
        async with database.transaction() as session:
            await replace_thread_units(session, CHAT, [1], [unit(1, "Касса")])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await write_and_fail()
    assert await counts(database) == UnitCounts(units=0, unembedded=0)


async def test_a_vector_is_not_put_on_a_text_that_changed_meanwhile(database: Database) -> None:
    await store(database, unit(1, "Касса не печатает"), unit(5, "Где отчёт?"))
    async with database.reading() as session:
        pending = await unembedded(session, CHAT, 10)
    await store(database, unit(1, "Касса не печатает чеки"))
    made = [(waiting.node_id, waiting.text_hash, [0.5] * 384) for waiting in pending]
    async with database.transaction() as session:
        assert await set_embeddings(session, made) == 1
    assert await counts(database) == UnitCounts(units=2, unembedded=1)


async def test_a_moved_border_between_question_and_answer_asks_for_a_new_vector(database: Database) -> None:
    first = unit(1, "Касса не печатает")
    await store(database, first)
    await embed(database, EMBEDDER)
    assert (await store(database, replace(first, question=MaskedText("Касса")))).to_embed == 1


async def test_what_is_talked_about_now_is_embedded_first_and_history_in_its_order(database: Database) -> None:
    for number in (1, 5):
        await store(database, unit(number, f"Вопрос {number}"))
    await store(database, replace(unit(9, "Вопрос 9"), last_at=datetime.now(UTC)))
    async with database.reading() as session:
        waiting = [unit.node_id for unit in await unembedded(session, CHAT, 3)]
    assert waiting == [f"{CHAT}:9", f"{CHAT}:1", f"{CHAT}:5"]


async def test_a_thousand_units_are_written_at_once(database: Database) -> None:
    units = [unit(number, f"Вопрос {number}", thread=1) for number in range(1, 1_001)]
    assert (await store(database, *units)).inserted == 1_000


@pytest.mark.parametrize("odd", ["'; DROP TABLE data_units; --", ":chat_id", "%s {x} $1", '"\\', "😅" * 2_000])
async def test_odd_texts_are_stored_as_they_are(database: Database, odd: str) -> None:
    await store(database, unit(1, odd))
    async with database.reading() as session:
        assert [waiting.question for waiting in await unembedded(session, CHAT, 2)] == [odd]
