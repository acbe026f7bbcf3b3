"""What an embedding model must say of itself, beside LlamaIndex's interface."""

from abc import abstractmethod

from llama_index.core.base.embeddings.base import BaseEmbedding


class UnitEmbedding(BaseEmbedding):
    """A LlamaIndex embedding that knows its dimension; `model_name` and `dimension` are stored with the index.

    Questions go through `aget_query_embedding`, units through `aget_text_embedding_batch`. Both leave the event loop
    free.
    """

    @property
    @abstractmethod
    def dimension(self) -> int:
        """How many numbers a vector has."""
