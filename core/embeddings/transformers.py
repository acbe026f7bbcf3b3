"""Any sentence-transformers model. Needs the extra `[transformers]`, which brings torch (3 GB to download)."""

import asyncio
from typing import Any

from pydantic import PrivateAttr

from core.embeddings.base import UnitEmbedding
from core.embeddings.turns import Turns
from core.errors import SettingsError

try:
    from sentence_transformers import SentenceTransformer  # type: ignore[import-not-found, unused-ignore]
except ImportError:
    SentenceTransformer = None


class TransformersEmbedding(UnitEmbedding):
    """A sentence-transformers model by its name or folder; a model with `query` and `passage` prompts gets them."""

    _model: Any = PrivateAttr()
    _turns: Turns = PrivateAttr(default_factory=Turns)

    def __init__(self, model_name: str) -> None:
        if SentenceTransformer is None:
            raise SettingsError(
                f"The embedding model {model_name!r} needs sentence-transformers:"
                " install it with `pip install 'otklik[transformers]'`, or use the embedding model 'bundled'."
            )
        super().__init__(model_name=model_name)
        self._model = SentenceTransformer(model_name)

    @property
    def dimension(self) -> int:
        """As the model itself says."""
        return int(self._model.get_sentence_embedding_dimension())

    def _get_query_embedding(self, query: str) -> list[float]:
        with self._turns.question():
            vector: list[float] = self._model.encode_query(query, normalize_embeddings=True).tolist()
        return vector

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        with self._turns.passages():
            vectors: list[list[float]] = self._model.encode_document(texts, normalize_embeddings=True).tolist()
        return vectors

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return await asyncio.to_thread(self._get_query_embedding, query)

    async def _aget_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return await asyncio.to_thread(self._get_text_embeddings, texts)
