"""The table is LlamaIndex's own: an unmodified PGVectorStore reads what we write."""

from llama_index.core.schema import MetadataMode
from llama_index.core.vector_stores.types import VectorStoreQuery
from llama_index.vector_stores.postgres import PGVectorStore
from sqlalchemy import create_engine, make_url

from core.db.session import Database
from core.embeddings.bundled import BundledE5
from tests.core.index.units import CHAT, embed, store, unit


async def test_pgvectorstore_reads_the_table(database: Database, database_url: str) -> None:
    embedder = BundledE5()
    await store(database, unit(1, "Принтер не печатает чек"), unit(10, "Как вернуть деньги?"))
    await embed(database, embedder)
    sync = create_engine(make_url(database_url).set(drivername="postgresql+psycopg"))
    reader = PGVectorStore(
        table_name="units", embed_dim=384, use_halfvec=True, use_jsonb=True, hybrid_search=True,
        text_search_config="russian", perform_setup=False, engine=sync, async_engine=database.engine,
    )  # fmt: skip
    found = await reader.aquery(
        VectorStoreQuery(query_embedding=embedder.get_query_embedding("чек не выходит"), similarity_top_k=1)
    )
    sync.dispose()
    assert found.ids == [f"{CHAT}:1"]
    assert found.nodes is not None
    node = found.nodes[0]
    assert node.get_content(MetadataMode.EMBED) == "Принтер не печатает чек\nПерезапустите кассу."
    assert (node.metadata["chat_id"], node.metadata["message_ids"]) == (CHAT, [1, 2])
