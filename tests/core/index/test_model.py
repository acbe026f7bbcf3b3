import pytest

from core.db.session import Database
from core.embeddings.bundled import BundledE5
from core.errors import IndexMismatch, SettingsError
from core.index.model import check_index, reindex
from core.index.vectors import count_units, set_embeddings, unembedded
from tests.core.index.units import CHAT, embed, put, store, unit, vetted_unit


async def test_the_first_model_is_remembered_and_another_is_refused(database: Database) -> None:
    async with database.transaction() as session:
        await check_index(session, "e5-small", 384)
        await check_index(session, "e5-small", 384)
    for other in (("e5-base", 384), ("e5-small", 768)):
        async with database.transaction() as session:
            with pytest.raises(IndexMismatch, match="otklik reindex"):
                await check_index(session, *other)


async def test_reindex_makes_room_for_vectors_of_another_size(database: Database) -> None:
    await store(database, unit(1, "Касса не печатает"))
    await embed(database, BundledE5())
    async with database.transaction() as session:
        await check_index(session, "e5-small", 384)
    async with database.transaction() as session:
        assert await reindex(session, "e5-base", 768) == 1
        await check_index(session, "e5-base", 768)
    async with database.reading() as session:
        assert (await count_units(session)).unembedded == 1
        [pending] = await unembedded(session, CHAT, 5)
    async with database.transaction() as session:
        assert await set_embeddings(session, [(pending.node_id, pending.text_hash, [0.1] * 768)]) == 1


async def test_reindex_keeps_what_staff_vetted(database: Database) -> None:
    vetted = vetted_unit(1, "Касса не включается")
    await put(database, vetted)
    await embed(database, BundledE5())
    async with database.transaction() as session:
        assert await reindex(session, "e5-small", 384) == 1
    assert await embed(database, BundledE5()) == 1


async def test_a_first_model_of_another_size_needs_no_reindex(database: Database) -> None:
    await store(database, unit(1, "Касса не печатает"))
    async with database.transaction() as session:
        await check_index(session, "e5-base", 768)
    async with database.reading() as session:
        [pending] = await unembedded(session, CHAT, 5)
    async with database.transaction() as session:
        assert await set_embeddings(session, [(pending.node_id, pending.text_hash, [0.1] * 768)]) == 1


async def test_a_model_that_the_index_cannot_hold_is_refused(database: Database) -> None:
    async with database.transaction() as session:
        with pytest.raises(SettingsError, match="4000"):
            await reindex(session, "huge", 8_192)
