"""Questions that nobody could answer, put together where they mean the same. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from core.privacy.types import MaskedText

ALIKE = 0.86
"""The mean cosine of the wordings of two gaps from which they are taken for one. Of the pairs in
`evals/datasets/gaps.jsonl` that mean the same 78 of 100 are then put together, and of those that are put together 65 of 100
mean the same (at 0.85: 78 and 63; at 0.87: 65 and 68). What is wrong is mostly "открыть смену" beside "закрыть смену", which an
embedding does not tell apart: a person reads a gap before anything is made of it."""
NEVER = -9.0
"""Below every cosine."""
SHOWN = 5
"""Wordings of a gap that are shown."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question that was refused."""

    answer_id: UUID
    question: MaskedText
    asked_at: datetime
    vector: Sequence[float] | None
    """Of the question, normalised; None where none was kept: it is then alike to the same words only."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions that mean the same."""

    question: MaskedText
    """The one that is nearest to all of them."""
    wordings: Sequence[MaskedText]
    """Others of them, in other words, the latest first."""
    answer_ids: Sequence[UUID]
    """Of all of them; the first is that of `question`."""
    first_at: datetime
    last_at: datetime

    @property
    def count(self) -> int:
        """How often it was asked."""
        return len(self.answer_ids)


def gaps_in(asked: Sequence[Asked]) -> list[Gap]:
    """The gaps, what was asked most first, of those the latest. The order in which the questions are given does not matter.

    Each wording begins as a gap of its own; then the two gaps whose wordings are nearest on average become one, again and
    again, while that average is at least `ALIKE`. Time is the square of the number of wordings for each of these steps:
    0.1 s for 500.
    """
    by_words: dict[str, list[Asked]] = defaultdict(list)
    for one in sorted(asked, key=lambda one: (one.asked_at, one.answer_id)):
        by_words[" ".join(one.question.casefold().split())].append(one)
    wordings = [by_words[words] for words in sorted(by_words)]
    vectors = _directions([said[-1].vector for said in wordings])
    found = [_gap([wordings[place] for place in places], vectors[places]) for places in _joined(vectors @ vectors.T)]
    return sorted(found, key=lambda gap: (-gap.count, -gap.last_at.timestamp(), gap.question))


def _directions(vectors: Sequence[Sequence[float] | None]) -> NDArray[np.float32]:
    """A row for each. One that is missing, or of another length than the first and so of another model, is alike to none:
    its row is zeros."""
    length = next((len(vector) for vector in vectors if vector is not None), 1)
    return np.asarray(
        [vector if vector is not None and len(vector) == length else [0.0] * length for vector in vectors], np.float32
    ).reshape(-1, length)


def _joined(likeness: NDArray[np.float32]) -> list[list[int]]:
    """Average linkage: the places of each group, from how alike they are two by two."""
    groups = [[place] for place in range(len(likeness))]
    alike = likeness.copy()
    np.fill_diagonal(alike, NEVER)
    while len(alike):
        one, other = divmod(int(np.argmax(alike)), len(alike))
        if alike[one, other] < ALIKE:
            break
        sizes = len(groups[one]), len(groups[other])
        mean = (alike[one] * sizes[0] + alike[other] * sizes[1]) / sum(sizes)
        alike[one] = alike[:, one] = mean
        alike[one, one] = NEVER
        alike[other] = alike[:, other] = NEVER
        groups[one] += groups[other]
        groups[other] = []
    return [group for group in groups if group]


def _gap(wordings: Sequence[Sequence[Asked]], vectors: NDArray[np.float32]) -> Gap:
    """The gap that these wordings make; each in the order in which it was asked."""
    nearest = wordings[int(np.argmax(np.round(vectors @ vectors.sum(axis=0), 4)))]
    latest = sorted((one for said in wordings for one in said), key=lambda one: (one.asked_at, one.answer_id))[::-1]
    others = sorted((said[-1] for said in wordings if said is not nearest), key=lambda one: one.asked_at, reverse=True)
    return Gap(
        question=nearest[-1].question,
        wordings=[one.question for one in others[:SHOWN]],
        answer_ids=[nearest[-1].answer_id, *(one.answer_id for one in latest if one is not nearest[-1])],
        first_at=latest[-1].asked_at,
        last_at=latest[0].asked_at,
    )
