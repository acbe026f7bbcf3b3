"""Stems, in several threads: an import stems while its own consumers do."""

from concurrent.futures import ThreadPoolExecutor

from core.domain.text import stem


def test_threads_that_stem_at_once_do_not_disturb_each_other() -> None:
    endings = ("ами", "ой", "ing", "s")
    words = [f"{root}{ending}" for root in ("ошибк", "касс", "error", "receipt") for ending in endings] * 200
    uncached = stem.__wrapped__
    with ThreadPoolExecutor(4) as pool:
        stemmed = list(pool.map(uncached, words, chunksize=50))
    assert stemmed == [uncached(word) for word in words]
