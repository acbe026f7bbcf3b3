"""Refused questions are put together where they mean the same."""

import json
import random
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from uuid import UUID

from analytics.gaps import Asked, Gap, gaps_in
from core.embeddings.bundled import BundledE5
from core.privacy.types import MaskedText

LABELLED = Path(__file__).parents[2] / "evals" / "datasets" / "gaps.jsonl"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NORTH, NEARLY_NORTH, EAST = [1.0, 0.0, 0.0], [0.95, 0.31, 0.0], [0.0, 0.0, 1.0]


def asked(number: int, question: str, vector: list[float] | None) -> Asked:
    return Asked(UUID(int=number), MaskedText(question), NOON + timedelta(minutes=number), vector)


def test_what_means_the_same_is_one_gap_whatever_the_order() -> None:
    questions = [
        asked(1, "Как подключить весы?", NORTH),
        asked(2, "весы не определяются", NEARLY_NORTH),
        asked(3, "Где скачать отчёт?", EAST),
        asked(4, "как  подключить ВЕСЫ?", NORTH),
    ]
    for seed in range(5):
        scales, report = gaps_in(random.Random(seed).sample(questions, 4))
        assert scales == Gap(
            question=MaskedText("как  подключить ВЕСЫ?"),
            wordings=[MaskedText("весы не определяются")],
            answer_ids=[UUID(int=4), UUID(int=2), UUID(int=1)],
            first_at=NOON + timedelta(minutes=1),
            last_at=NOON + timedelta(minutes=4),
        )
        assert (report.count, report.wordings) == (1, [])


def test_a_chain_of_neighbours_is_not_one_gap() -> None:
    """Each is alike to the next; the first and the last have nothing in common."""
    links = [[1.0, 0.0], [0.9, 0.436], [0.62, 0.785], [0.23, 0.973]]
    found = gaps_in([asked(number, f"вопрос {number}", link) for number, link in enumerate(links)])
    assert [gap.count for gap in found] == [2, 2]


def test_without_a_vector_or_with_one_of_another_model_only_the_same_words_are_alike() -> None:
    questions = [
        asked(1, "Как подключить весы?", NORTH),
        asked(2, "Подключить весы как?", None),
        asked(3, "подключить весы как?", None),
        asked(4, "Весы!", [1.0, 0.0]),
    ]
    assert sorted(gap.count for gap in gaps_in(questions)) == [1, 1, 2]


def test_nothing_was_refused() -> None:
    assert gaps_in([]) == []


async def test_the_labelled_questions_are_put_together_as_well_as_is_said() -> None:
    rows = [json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()]
    embedder = BundledE5()
    vectors = [await embedder.aget_query_embedding(row["question"]) for row in rows]
    found = gaps_in([asked(n, row["question"], vectors[n]) for n, row in enumerate(rows)])
    together = {pair for gap in found for pair in combinations(sorted(one.int for one in gap.answer_ids), 2)}
    same = {pair for pair in combinations(range(len(rows)), 2) if len({rows[n]["gap"] for n in pair}) == 1}
    assert round(len(together & same) / len(same), 2) == 0.78
    assert round(len(together & same) / len(together), 2) == 0.65
