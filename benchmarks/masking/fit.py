"""`python -m benchmarks.masking.fit FILE...`: the weights by which names in Latin letters are found, and how far to trust them.

Fits a logistic regression to labelled rows, prints recall and precision of names under five-fold cross-validation, and with
`--write` stores the weights. The features are classes of words (`recognisers.english_names.describe`); no word is stored.
"""

import argparse
import json
import math
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.masking.__main__ import read
from benchmarks.masking.score import Row
from core.privacy.normalise import normalise
from core.privacy.recognisers.base import Context
from core.privacy.recognisers.english_names import _WEIGHTS, describe
from core.privacy.recognisers.lexicon import (
    NAME_LETTERS,
    brands,
    common_first_names,
    english_words,
    first_names,
    foreign_words,
    surnames,
    trigrams,
)
from core.privacy.recognisers.words import readable_words

FOLDS = 5
ROUNDS = 300
RESTRAINT = 1.0
MIN_COUNT = 4
MIN_LETTERS = 10
"""Three letters that fewer words of the lists have say nothing."""
THRESHOLDS = (0.5, 0.4, 0.35, 0.3, 0.25, 0.2, 0.18, 0.16, 0.14, 0.12, 0.1)


class Example(NamedTuple):
    row: Row
    file: int
    words: Sequence[tuple[int, int]]
    features: Sequence[Sequence[str]]
    names: Sequence[bool]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.masking.fit")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if options.write:
        NAME_LETTERS.write_text(json.dumps(_letters(), indent=0, ensure_ascii=False) + "\n")
    examples = [_example(row, number) for number, path in enumerate(options.files) for row in read(path)]
    generator = random.Random(20261123)
    folds = [generator.randrange(FOLDS) for _ in examples]
    chances: dict[int, list[float]] = {}
    for fold in range(FOLDS):
        card = fit([example for example, at in zip(examples, folds, strict=True) if at != fold])
        for place, (example, at) in enumerate(zip(examples, folds, strict=True)):
            if at == fold:
                chances[place] = [_chance(card, features) for features in example.features]
    for number, path in enumerate(options.files):
        places = [place for place, example in enumerate(examples) if example.file == number]
        print(path.name, " ".join(_curve([examples[p] for p in places], [chances[p] for p in places])))
    if options.write:
        card = {name: round(weight, 2) for name, weight in sorted(fit(examples).items()) if abs(weight) >= 0.05}
        _WEIGHTS.write_text(json.dumps(card, indent=0) + "\n")
        print(len(card), "weights")


def _letters() -> dict[str, float]:
    """How much oftener three letters stand together in names than in words, as the logarithm of the ratio, from the lists."""
    names = Counter(part for word in common_first_names() | first_names() | surnames() for part in trigrams(word))
    words = Counter(part for word in english_words() | foreign_words() | brands() for part in trigrams(word))
    total = math.log(words.total() / names.total())
    return {
        part: odds
        for part in sorted(names.keys() | words.keys())
        if names[part] + words[part] >= MIN_LETTERS
        and (odds := round(math.log((names[part] + 0.5) / (words[part] + 0.5)) + total, 1))
    }


def _example(row: Row, file: int) -> Example:
    text = normalise(row.text)
    words = list(readable_words(Context(text.text)))
    places = [text.original(word.start, word.end) for word in words]
    labels = [label for label in row.labels if label.name == "PERSON"]
    names = [any(start < label.end and end > label.start for label in labels) for start, end in places]
    return Example(row, file, places, list(describe(text.text, words)), names)


def fit(examples: Sequence[Example]) -> dict[str, float]:
    rows = [
        (features, name)
        for example in examples
        for features, name in zip(example.features, example.names, strict=True)
        if features
    ]
    counts = Counter(feature for features, _ in rows for feature in features)
    index = {feature: place for place, feature in enumerate(f for f, n in counts.items() if n >= MIN_COUNT)}
    known = [[index[feature] for feature in features if feature in index] for features, _ in rows]
    flat = np.concatenate([np.array(places) for places in known])
    owner = np.repeat(np.arange(len(rows)), [len(places) for places in known])
    wanted = np.array([name for _, name in rows], float)
    weights, squares = np.zeros(len(index)), np.full(len(index), 1e-6)
    for _ in range(ROUNDS):
        wrong = 1 / (1 + np.exp(-np.bincount(owner, weights[flat], minlength=len(rows)))) - wanted
        slope = np.bincount(flat, wrong[owner], minlength=len(weights)) + RESTRAINT * weights
        squares += slope * slope
        weights -= 0.5 * slope / np.sqrt(squares)
    return {feature: float(weights[place]) for feature, place in index.items()}


def _chance(card: dict[str, float], features: Sequence[str]) -> float:
    return float(1 / (1 + np.exp(-sum(card.get(feature, 0.0) for feature in features)))) if features else 0.0


def _curve(examples: Sequence[Example], chances: Sequence[Sequence[float]]) -> list[str]:
    points = []
    for threshold in THRESHOLDS:
        hit = missed = wrong = 0
        for example, likely in zip(examples, chances, strict=True):
            gold = {p for label in example.row.labels if label.name == "PERSON" for p in range(label.start, label.end)}
            masked: set[int] = set()
            last = -9
            for (start, end), chance in zip(example.words, likely, strict=True):
                if chance >= threshold:
                    masked.update(range(last if start - last == 1 else start, end))
                    last = end
            hit += len(gold & masked)
            missed += len(gold - masked)
            wrong += len(masked - gold)
        points.append(f"{threshold}: {hit / max(1, hit + missed):.3f}/{hit / max(1, hit + wrong):.3f}")
    return points


if __name__ == "__main__":
    main()
