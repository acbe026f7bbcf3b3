import asyncio
import threading
from importlib.util import find_spec

import numpy as np
import pytest

from core.embeddings.bundled import BundledE5
from core.embeddings.choice import embedder_from
from core.embeddings.turns import Turns
from core.errors import SettingsError


@pytest.fixture(scope="module")
def embedder() -> BundledE5:
    return BundledE5()


def test_it_says_what_it_is(embedder: BundledE5) -> None:
    assert embedder.dimension == len(embedder.get_query_embedding("касса")) == 384
    assert "e5" in embedder.model_name
    assert isinstance(embedder_from("bundled"), BundledE5)


async def test_a_question_finds_the_passage_in_the_other_language(embedder: BundledE5) -> None:
    question = np.array(await embedder.aget_query_embedding("Как вернуть деньги за один товар из чека?"))
    passages = ["How do I refund a single item of a sale?", "The printer prints blank receipts."]
    refund, printer = np.array(await embedder.aget_text_embedding_batch(passages)) @ question
    assert refund > printer


def test_questions_and_passages_get_different_prefixes(embedder: BundledE5) -> None:
    assert embedder.get_query_embedding("касса") != embedder.get_text_embedding("касса")


async def test_batches_come_back_in_order(embedder: BundledE5) -> None:
    texts = [f"ошибка номер {number}" for number in range(40)]
    together = np.array(await embedder.aget_text_embedding_batch(texts))
    for number in (0, 17, 39):
        np.testing.assert_allclose(together[number], embedder.get_text_embedding(texts[number]), atol=1e-4)
    assert await embedder.aget_text_embedding_batch([]) == []


@pytest.mark.parametrize("text", ["", "\0", "a\0b", "\ud800", "😅" * 300, "x" * 1_000_000, "слово " * 20_000])
def test_any_text_has_a_vector_of_length_one(embedder: BundledE5, text: str) -> None:
    assert np.linalg.norm(embedder.get_text_embedding(text)) == pytest.approx(1, abs=1e-3)


def test_what_stands_behind_the_window_changes_nothing(embedder: BundledE5) -> None:
    head = "как отключить двухфакторную аутентификацию " * 120
    assert embedder.get_text_embedding(head) == embedder.get_text_embedding(head + "рецепт борща " * 100)


async def test_the_event_loop_stays_free(embedder: BundledE5) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    await embedder.aget_text_embedding_batch(["слово " * 200] * 4)
    ticking.cancel()
    assert ticks > 10


def test_a_question_goes_before_the_passages_that_wait() -> None:
    turns, order = Turns(), list[str]()
    running, waiting = threading.Event(), threading.Event()

    def first_batch() -> None:
        with turns.passages():
            running.set()
            waiting.wait(100)

    def take(name: str) -> None:
        with turns.question() if name == "question" else turns.passages():
            order.append(name)

    threads = [threading.Thread(target=first_batch)]
    threads[0].start()
    assert running.wait(100)
    for name in ("passages", "question"):
        threads.append(threading.Thread(target=take, args=(name,)))
        threads[-1].start()
    while not turns._questions:  # the passages may come late: the question goes first either way
        pass
    waiting.set()
    for thread in threads:
        thread.join(10)
    assert order == ["question", "passages"]


@pytest.mark.skipif(find_spec("sentence_transformers") is not None, reason="sentence-transformers is installed")
def test_another_model_says_what_to_install() -> None:
    with pytest.raises(SettingsError, match=r"otklik\[transformers\]"):
        embedder_from("intfloat/multilingual-e5-base")
