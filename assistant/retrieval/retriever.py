"""A LlamaIndex retriever over the unit store, bound to one asker."""

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from core.db.session import Database
from core.domain.access import AccessScope
from core.embeddings.base import UnitEmbedding
from core.index.records import Hit
from core.index.search import search
from core.index.vectors import Vector
from core.privacy.types import MaskedText

LIMIT = 10


class UnitRetriever(BaseRetriever):
    """Made for one request: what the asker may see is part of it, and there is no retriever without a scope.

    hits = await UnitRetriever(database, embedder, AccessScope.chats([chat_id])).hits(question)
    """

    def __init__(self, database: Database, embedder: UnitEmbedding, scope: AccessScope, limit: int = LIMIT) -> None:
        super().__init__()
        self._database = database
        self._embedder = embedder
        self._scope = scope
        self._limit = limit

    async def hits(self, question: MaskedText) -> list[Hit]:
        """The units that fit the question best, best first."""
        _, hits = await self.look(question)
        return hits

    async def look(self, question: MaskedText) -> tuple[Vector, list[Hit]]:
        """The same, and the question's vector."""
        # The vector first: a connection is not held while the model computes.
        vector = await self._embedder.aget_query_embedding(question)
        async with self._database.reading() as session:
            return vector, await search(session, self._scope, question, vector, self._limit)

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        # LlamaIndex's own types know no masked text; whoever calls `aretrieve` has masked the question, as for `hits`.
        found = await self.hits(MaskedText(query_bundle.query_str))
        return [NodeWithScore(node=node_of(hit), score=hit.score) for hit in found]

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        raise NotImplementedError("The unit store is asynchronous: use `aretrieve`, or `hits`.")


def node_of(hit: Hit) -> TextNode:
    """A found unit as LlamaIndex knows it."""
    facts = {
        "chat_id": hit.chat_id,
        "thread_id": hit.thread_id,
        "message_ids": list(hit.message_ids),
        "asked_at": hit.asked_at.timestamp(),
        "last_at": hit.last_at.timestamp(),
        "staff_answered": hit.staff_answered,
        "vetted": hit.vetted,
        "question": hit.question,
        "answer": hit.answer,
    }
    return TextNode(
        id_=hit.unit_id,
        text=hit.text,
        metadata=facts,
        excluded_embed_metadata_keys=list(facts),
        excluded_llm_metadata_keys=list(facts),
    )
