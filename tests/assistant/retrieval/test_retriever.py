import pytest

from assistant.retrieval.retriever import UnitRetriever
from core.db.session import Database
from core.domain.access import AccessScope
from core.embeddings.bundled import BundledE5
from core.privacy.types import MaskedText
from tests.core.index.units import CHAT, embed, store, unit

EMBEDDER = BundledE5()


async def test_it_retrieves_within_its_scope(database: Database) -> None:
    for chat in (CHAT, -5):
        await store(database, unit(1, "Принтер не печатает чек", chat=chat), unit(10, "Как вернуть деньги?", chat=chat))
        await embed(database, EMBEDDER, chat)
    retriever = UnitRetriever(database, EMBEDDER, AccessScope.chats([-5]))
    found = await retriever.aretrieve("чек не выходит из принтера")
    assert [scored.node.node_id for scored in found] == ["-5:1", "-5:10"]
    assert found[0].score is not None
    assert found[0].score > (found[1].score or 0)
    assert found[0].node.metadata["message_ids"] == [1, 2]
    hits = await retriever.hits(MaskedText("чек не выходит из принтера"))
    assert [hit.unit_id for hit in hits] == ["-5:1", "-5:10"]


async def test_it_finds_no_more_than_asked(database: Database) -> None:
    await store(database, *(unit(number, f"Вопрос {number}") for number in range(1, 9)))
    retriever = UnitRetriever(database, EMBEDDER, AccessScope.operator(), limit=3)
    assert len(await retriever.hits(MaskedText("вопрос"))) == 3


def test_there_is_none_without_a_scope(database: Database) -> None:
    with pytest.raises(TypeError):
        UnitRetriever(database, EMBEDDER)  # type: ignore[call-arg]


def test_it_is_asynchronous_only(database: Database) -> None:
    with pytest.raises(NotImplementedError, match="aretrieve"):
        UnitRetriever(database, EMBEDDER, AccessScope.operator()).retrieve("касса")
