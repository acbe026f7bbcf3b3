"""The models that masking reads with: loaded once in a process, at first use or by `warm_up`, shared by all threads."""

from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pymorphy3 import MorphAnalyzer

_loading = Lock()
_CACHED_WORDS = 50_000
"""Chat repeats itself: nearly every word of a message has been parsed before."""


class Reading(NamedTuple):
    """One way to read a word: its lemma, what it is, and how likely."""

    lemma: str
    grammemes: frozenset[str]
    score: float
    known: bool
    """The dictionary has the word; otherwise its ending was guessed."""


@cache
def _data() -> Path:
    spec = find_spec("natasha")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("natasha, whose models find names, is not installed; run `pip install natasha`")
    return Path(spec.origin).parent / "data"


@cache
def _load_tagger() -> Any:
    # Through slovnet itself: importing natasha drags in yargy and pymorphy2, which need pkg_resources.
    from navec import Navec
    from slovnet import NER
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped,unused-ignore]

    # The matrices of one message are small. Spread over threads they take ten times as long, and every core.
    threadpool_limits(limits=1, user_api="blas")
    tagger = NER.load(_data() / "model" / "slovnet_ner_news_v1.tar")
    tagger.navec(Navec.load(_data() / "emb" / "navec_news_v1_1B_250K_300d_100q.tar"))
    return tagger


@cache
def _load_morph() -> "MorphAnalyzer":
    from pymorphy3 import MorphAnalyzer

    return MorphAnalyzer()


def tagger() -> Any:
    """slovnet's named-entity tagger for Russian, with the weights that natasha ships."""
    with _loading:
        return _load_tagger()


class Tagged(NamedTuple):
    """A token as the tagger sees it: how likely it belongs to a person's name, and to a place's or a firm's."""

    start: int
    end: int
    person: float
    other: float


def tag(text: str) -> Sequence[Tagged]:
    """slovnet's reading of a Russian text, token by token.

    slovnet itself gives the one likeliest sequence of tags. What is masked should depend on how sure it is, so this
    takes its network and computes the probabilities of its CRF (forwards and backwards) instead.
    """
    import numpy as np
    from slovnet.token import tokenize

    tokens = list(tokenize(text))
    if not tokens:
        return ()
    model = tagger().infer.model
    (given,) = tagger().infer.encoder([[token.text for token in tokens]])
    scores = model.head.proj(model.encoder(model.emb(given.word_id, given.shape_id), given.pad_mask))[0].astype(
        np.float64
    )
    emitted = np.exp(scores - scores.max(axis=1, keepdims=True))
    moved = np.exp(model.head.crf.transitions.array.astype(np.float64))
    forward, backward = np.empty_like(emitted), np.ones_like(emitted)
    forward[0] = emitted[0] / emitted[0].sum()
    for place in range(1, len(tokens)):
        reached = (forward[place - 1] @ moved) * emitted[place]
        forward[place] = reached / reached.sum()
    for place in range(len(tokens) - 2, -1, -1):
        left = moved @ (backward[place + 1] * emitted[place + 1])
        backward[place] = left / left.sum()
    chances = forward * backward
    chances /= chances.sum(axis=1, keepdims=True)
    kinds = [item.partition("-")[2] for item in tagger().infer.decoder.tags_vocab.items]
    person = chances[:, [kind == "PER" for kind in kinds]].sum(axis=1)
    other = chances[:, [kind in ("LOC", "ORG") for kind in kinds]].sum(axis=1)
    return [
        Tagged(token.start, token.stop, float(p), float(o)) for token, p, o in zip(tokens, person, other, strict=True)
    ]


@lru_cache(maxsize=_CACHED_WORDS)
def readings(word: str) -> Sequence[Reading]:
    """What pymorphy3 makes of a Russian word, likeliest first."""
    with _loading:
        morph = _load_morph()
    return tuple(
        Reading(parse.normal_form, frozenset(parse.tag.grammemes), parse.score, parse.is_known)
        for parse in morph.parse(word)
    )


def is_known(word: str) -> bool:
    """Whether the dictionary has a Russian word in lower case: a hundredth of the time of `readings` for one that it has not."""
    with _loading:
        morph = _load_morph()
    return bool(morph.word_is_known(word))


def warm_up() -> None:
    """Loads everything now, so that the first message does not wait."""
    tagger()
    readings("мария")
