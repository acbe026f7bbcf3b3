"""Fit the weights: a conditional logit over the start of a thread and every candidate, with a quadratic penalty."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.threads.data import Case, Chat
from ingestion.threading.features import Feature, candidates, look, of_candidate, of_start
from ingestion.threading.weights import BY_HAND

Floats = NDArray[np.float64]

PENALTY = 30.0
"""Penalties of 2, 5, 12, 30: F1 0.685, 0.686, 0.689, 0.691, each file measured with the weights of the others."""
STEPS = 400
RATE = 0.05


@dataclass(frozen=True, slots=True)
class Choice:
    """One labelled message: the features of each option, and which options are right."""

    options: tuple[tuple[Feature, ...], ...]
    right: tuple[bool, ...]


def choices(chat: Chat) -> list[Choice]:
    """The labelled messages without an explicit reply: those are not the rule's to decide."""
    return [_choice(case) for case in chat.cases if case.message.reply_to is None]


def _choice(case: Case) -> Choice:
    scene = look(case.message, case.window)
    weighed = candidates(scene)
    ids = [case.message.message_id] + [scene.recent[i].message_id for i in weighed]
    options = [tuple(of_start(scene))] + [tuple(of_candidate(scene, i)) for i in weighed]
    return Choice(tuple(options), tuple(i in case.gold for i in ids))


def fit(cases: Sequence[Choice], penalty: float = PENALTY) -> dict[str, float]:
    """The weights under which the right options are likeliest. Deterministic: full batches, from zero."""
    learnable = [case for case in cases if any(case.right)]
    names = sorted({name for case in learnable for option in case.options for name, _ in option} - BY_HAND.keys())
    matrix = _matrix(learnable, {name: i for i, name in enumerate(names)})
    sizes = np.array([len(case.options) for case in learnable])
    right = np.concatenate([np.array(case.right, dtype=np.float64) for case in learnable])
    spread = matrix.std(axis=0) + 1e-6
    weights = _descend(matrix / spread, sizes, right, penalty) / spread
    return {name: round(float(weight), 3) for name, weight in zip(names, weights, strict=True)}


def _matrix(cases: Sequence[Choice], index: dict[str, int]) -> Floats:
    matrix = np.zeros((sum(len(case.options) for case in cases), len(index)))
    for row, option in enumerate(option for case in cases for option in case.options):
        for name, value in option:
            if name in index:
                matrix[row, index[name]] += value
    return matrix


def _descend(matrix: Floats, sizes: NDArray[np.int64], right: Floats, penalty: float) -> Floats:
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    owner = np.repeat(np.arange(len(sizes)), sizes)
    weights, mean, square = (np.zeros(matrix.shape[1]) for _ in range(3))
    for step in range(1, STEPS + 1):
        scores = matrix @ weights
        power = np.exp(scores - np.maximum.reduceat(scores, starts)[owner])
        believed = power / np.add.reduceat(power, starts)[owner]
        true = power * right
        true /= np.maximum(np.add.reduceat(true, starts)[owner], 1e-300)
        gradient = matrix.T @ (believed - true) + penalty * weights
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.99 * square + 0.01 * gradient**2
        weights -= RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)
    return weights
