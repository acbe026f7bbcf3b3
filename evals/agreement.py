"""How far a judge agrees with people: it marks answers that a careful reader has labelled, and both are compared."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import BadInput
from core.privacy.types import MaskedText
from evals.judge import Judge, Judged
from evals.loading import DATASETS, read_frozen
from evals.remembering import Remembering
from evals.verdict import Verdict

LABELLED: Final = DATASETS / "judgements.jsonl"
AT_ONCE: Final = 4


class Labels(BaseModel):
    """What a careful reader says; `evals/datasets/README.md` tells when each is true."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    facts: tuple[bool, ...]
    faithful: bool
    contradicts: bool
    refuses: bool


class Labelled(BaseModel):
    """An answer with its sources and labels."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    question: str
    language: str
    sources: tuple[str, ...]
    facts: tuple[str, ...]
    answer: str
    labels: Labels


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of one label."""

    label: str
    marks: int
    """That were compared: several to an answer where it has several facts."""
    agreed: float
    kappa: float | None
    """Cohen's: 0 is as good as chance, 1 is perfect. None where either said the same of all."""
    missed: int
    """Of what the reader called true, how often the judge said false;"""
    invented: int
    """and the other way round."""


def labelled(path: Path = LABELLED) -> Sequence[Labelled]:
    """The labelled answers.

    Raises:
        BadInput: the file was changed, or a line is wrong.
    """
    rows = []
    for number, line in enumerate(read_frozen(path).splitlines(), 1):
        try:
            rows.append(Labelled.model_validate_json(line))
        except ValidationError as error:
            what = error.errors(include_input=False, include_url=False)[0]["msg"]
            raise BadInput(f"{path.name}, line {number}: {what}.") from None
    return rows


async def verdicts(
    judge: Judge, rows: Sequence[Labelled], door: Callable[[str], Remembering], progress: Callable[[int], None]
) -> Sequence[Verdict]:
    """What the judge says of each. `door`: makes a door for a row's id.

    Raises:
        CaseFailed: it said nothing of one.
        NotAsked: it was not asked.
    """
    free, done = asyncio.Semaphore(AT_ONCE), 0

    async def one(row: Labelled) -> Verdict:
        nonlocal done
        shown = Judged(
            MaskedText(row.question), [MaskedText(text) for text in row.sources], row.facts, MaskedText(row.answer)
        )
        async with free:
            verdict = await judge(door(row.id), shown)
        done += 1
        progress(done)
        return verdict

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(row)) for row in rows]
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from errors
    return [task.result() for task in tasks]


def agreement(rows: Sequence[Labelled], found: Sequence[Verdict]) -> Sequence[Agreement]:
    """Both compared, label by label."""
    pairs: dict[str, list[tuple[bool, bool]]] = {"facts": [], "faithful": [], "contradicts": [], "refuses": []}
    for row, verdict in zip(rows, found, strict=True):
        pairs["facts"].extend(zip(row.labels.facts, verdict.facts, strict=True))
        pairs["faithful"].append((row.labels.faithful, verdict.faithful))
        pairs["contradicts"].append((row.labels.contradicts, bool(verdict.contradictions)))
        pairs["refuses"].append((row.labels.refuses, verdict.refuses))
    return [_agreed(label, given) for label, given in pairs.items()]


def kappa(pairs: Sequence[tuple[bool, bool]]) -> float | None:
    """Cohen's kappa of two who said yes or no.

    >>> kappa([(True, True), (False, False)]), kappa([(True, False), (False, True)])
    (1.0, -1.0)
    """
    count = len(pairs)
    one, other = (sum(pair[side] for pair in pairs) / count for side in (0, 1))
    by_chance = one * other + (1 - one) * (1 - other)
    agreed = sum(first == second for first, second in pairs) / count
    return None if by_chance == 1 else (agreed - by_chance) / (1 - by_chance)


def _agreed(label: str, pairs: Sequence[tuple[bool, bool]]) -> Agreement:
    return Agreement(
        label=label,
        marks=len(pairs),
        agreed=sum(person == judge for person, judge in pairs) / len(pairs),
        kappa=kappa(pairs),
        missed=sum(person and not judge for person, judge in pairs),
        invented=sum(judge and not person for person, judge in pairs),
    )
