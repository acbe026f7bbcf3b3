"""Third station: every unit gets the vector of the text that it has."""

import asyncio
import json

import pytest
from pydantic import PrivateAttr

from core.contracts.messages import UnitsChanged
from core.db.session import Database
from core.embeddings.base import UnitEmbedding
from core.embeddings.bundled import BundledE5
from ingestion.embedding import BATCH, Embedding, unembedded_chats
from tests.ingestion.road import CHAT, QuickEmbedding, observed, place_all, put, rows, value

MISSING = "SELECT count(*) FROM data_units WHERE embedding IS NULL"


async def some_units(database: Database, count: int, chat_id: int = CHAT) -> None:
    await put(
        database,
        [observed(n, f"Как настроить кассу {n}?", chat_id=chat_id, minutes=n * 20_000) for n in range(1, count + 1)],
    )
    await place_all(database, chat_id)


class Recording(QuickEmbedding):
    """Remembers what it was given."""

    _seen: list[str] = PrivateAttr(default_factory=list)

    async def _aget_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        self._seen += texts
        await asyncio.sleep(0)  # another worker may run now
        return [self.vector(text) for text in texts]


class Interrupted(QuickEmbedding):
    """While the first batch is embedded, somebody edits a message."""

    _database: Database = PrivateAttr()
    _edited: bool = PrivateAttr(default=False)

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    async def _aget_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        if not self._edited:
            self._edited = True
            await put(self._database, [observed(1, "Вопрос после правки?", edit_version=3)])
            await place_all(self._database)
        return [self.vector(text) for text in texts]


@pytest.mark.parametrize("embedder", [QuickEmbedding(), BundledE5()], ids=["quick", "bundled"])
async def test_all_units_of_the_named_chats_get_vectors(database: Database, embedder: UnitEmbedding) -> None:
    await some_units(database, 3)
    await some_units(database, 2, CHAT - 1)
    await some_units(database, 1, CHAT - 2)
    signals = [UnitsChanged(chat_id=chat_id) for chat_id in (CHAT, CHAT - 1, CHAT)]
    await Embedding(database, embedder)(signals)
    assert await value(database, MISSING) == 1
    async with database.transaction() as session:
        assert await unembedded_chats(session) == [CHAT - 2]


async def test_more_units_than_one_batch_are_all_embedded_once(database: Database) -> None:
    await some_units(database, BATCH * 2 + 5)
    embedder = Recording()
    await Embedding(database, embedder)([UnitsChanged(chat_id=CHAT)])
    assert await value(database, MISSING) == 0
    assert len(embedder._seen) == len(set(embedder._seen)) == BATCH * 2 + 5


async def test_two_workers_share_the_work_and_embed_nothing_twice(database: Database) -> None:
    await some_units(database, BATCH * 3)
    one, other = Recording(), Recording()
    signal = [UnitsChanged(chat_id=CHAT)]
    await asyncio.gather(Embedding(database, one)(signal), Embedding(database, other)(signal))
    assert await value(database, MISSING) == 0
    assert len(one._seen) + len(other._seen) == BATCH * 3


async def test_a_unit_that_changed_meanwhile_is_not_given_the_old_vector(database: Database) -> None:
    await some_units(database, 2)
    embedder = Interrupted(database)
    await Embedding(database, embedder)([UnitsChanged(chat_id=CHAT)])
    found = await rows(database, "SELECT text, embedding::text AS vector FROM data_units")
    assert {row["text"] for row in found} == {"Вопрос после правки?", "Как настроить кассу 2?"}
    for row in found:
        assert json.loads(row["vector"]) == pytest.approx(embedder.vector(row["text"]), rel=0.01)


async def test_nothing_to_do_costs_no_embedding(database: Database) -> None:
    embedder = Recording()
    await Embedding(database, embedder)([UnitsChanged(chat_id=CHAT)])
    assert embedder._seen == []
