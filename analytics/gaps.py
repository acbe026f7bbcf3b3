"""Questions that nobody could answer, put together where they mean the same. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from core.privacy.types import MaskedText

ALIKE = 0.90
"""The cosine of two questions from which they are taken for one."""
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
    """The gaps, what was asked most first, of those the latest. Questions of one wording are always together; in any order
    given the outcome is the same.

    Joined like this: from the earliest question on, each goes to the gap whose mean vector is nearest, if that is at least
    `ALIKE`, and begins one of its own otherwise. Time is the number of questions times that of gaps.
    """
    groups: list[_Group] = []
    for question in sorted(asked, key=lambda one: (one.asked_at, one.answer_id)):
        _home(groups, question).add(question)
    return sorted(
        (group.gap() for group in groups), key=lambda gap: (-gap.count, -gap.last_at.timestamp(), gap.question)
    )


class _Group:
    """A gap while it grows."""

    def __init__(self) -> None:
        self.members: list[Asked] = []
        self.words: set[str] = set()
        self._sum: NDArray[np.float32] | None = None

    def add(self, question: Asked) -> None:
        self.members.append(question)
        self.words.add(_words(question))
        if question.vector is not None:
            vector = np.asarray(question.vector, dtype=np.float32)
            self._sum = vector if self._sum is None or len(self._sum) != len(vector) else self._sum + vector

    def fit(self, vector: NDArray[np.float32]) -> float:
        """The cosine of its mean to a vector; -1 where one of them is of another model, or there is none."""
        if self._sum is None or len(self._sum) != len(vector):
            return -1.0
        return float(self._sum @ vector / max(float(np.linalg.norm(self._sum)), 1e-12))

    def gap(self) -> Gap:
        best = max(self.members, key=self._nearness)
        latest = sorted(self.members, key=lambda one: (one.asked_at, one.answer_id), reverse=True)
        others = {_words(one): one.question for one in reversed(latest) if _words(one) != _words(best)}
        return Gap(
            question=best.question,
            wordings=list(others.values())[::-1][:SHOWN],
            answer_ids=[best.answer_id, *(one.answer_id for one in latest if one is not best)],
            first_at=latest[-1].asked_at,
            last_at=latest[0].asked_at,
        )

    def _nearness(self, one: Asked) -> tuple[float, datetime, UUID]:
        fit = -1.0 if one.vector is None else self.fit(np.asarray(one.vector, dtype=np.float32))
        return round(fit, 4), one.asked_at, one.answer_id


def _home(groups: list[_Group], question: Asked) -> _Group:
    same = next((group for group in groups if _words(question) in group.words), None)
    if same is not None:
        return same
    if question.vector is not None and groups:
        vector = np.asarray(question.vector, dtype=np.float32)
        nearest = max(groups, key=lambda group: group.fit(vector))
        if nearest.fit(vector) >= ALIKE:
            return nearest
    groups.append(_Group())
    return groups[-1]


def _words(question: Asked) -> str:
    return " ".join(question.question.casefold().split())
