"""The embedding model that a setting names."""

from core.embeddings.base import UnitEmbedding

BUNDLED = "bundled"


def embedder_from(name: str) -> UnitEmbedding:
    """The model called `name`: `bundled`, or any sentence-transformers model (extra `[transformers]`).

    Raises:
        SettingsError: sentence-transformers is not installed; the text says what to install.
    """
    if name == BUNDLED:
        from core.embeddings.bundled import BundledE5

        return BundledE5()
    from core.embeddings.transformers import TransformersEmbedding

    return TransformersEmbedding(name)
