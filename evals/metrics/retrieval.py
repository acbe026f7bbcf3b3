"""How well the units that were found serve a question: the standard measures, by `ir_measures`."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import ir_measures
from ir_measures import RR, Measure, Success, nDCG

DEPTH: Final = 8
"""Units that an answer is written from, and so all that are worth being right: `assistant.answering.finding.RETRIEVED`."""

_MEASURES: Final[Mapping[Measure, str]] = {
    Success @ 1: "hit_1",
    Success @ 3: "hit_3",
    Success @ DEPTH: f"hit_{DEPTH}",
    RR @ DEPTH: "reciprocal_rank",
    nDCG @ DEPTH: "ndcg",
}


def ranked(found: Sequence[str], relevant: Collection[str]) -> dict[str, float]:
    """The measures of one question, 0 to 1. `found`: ids of units, best first; `relevant`: all right ones there are.

    >>> ranked(["a", "b", "c"], {"b"})["reciprocal_rank"]
    0.5
    """
    if not relevant:
        raise ValueError("Without a right unit there is nothing to be found.")
    run = {"q": {unit: float(len(found) - place) for place, unit in enumerate(found)} or {"": 0.0}}
    truth = {"q": dict.fromkeys(relevant, 1)}
    return {_MEASURES[one.measure]: one.value for one in ir_measures.iter_calc(list(_MEASURES), truth, run)}
