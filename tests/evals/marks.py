"""Marks, results and runs that no model was asked for."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import uuid4

from core.privacy.types import MaskedText
from evals.cases import Case, fingerprint
from evals.metrics.scores import Scores
from evals.results import Result, Run
from evals.verdict import Verdict
from tests.ingestion.road import NOON


def scores(**fields: Any) -> Scores:
    """The marks of a right answer; every field may be given."""
    usual: dict[str, Any] = {
        "right": 1.0,
        "refused": 0.0,
        "must_refuse": 0.0,
        "facts": None,
        "citation_precision": 1.0,
        "citation_recall": 1.0,
        "grounded": None,
        "safe": 1.0,
        "personal": 0,
        "outside": 0,
        "language": 1.0,
        "characters": 100,
    }
    return Scores(**(usual | fields))


def rights(*values: float | None) -> Mapping[str, Sequence[Scores]]:
    """Marks of as many cases, which went right so far."""
    return {f"case{number}": [scores(right=right)] for number, right in enumerate(values)}


def result(case_id: str = "receipt", marks: Scores | None = None, **fields: Any) -> Result:
    """The result of a case."""
    usual: dict[str, Any] = {
        "sample": 0,
        "question": MaskedText(f"Вопрос {case_id}"),
        "answer": MaskedText("Перезапустите принтер."),
        "refused": False,
        "rests_on": (),
        "verdict": None,
        "cost_usd": Decimal("0.01"),
        "paid_usd": Decimal("0.02"),
        "latency_ms": 200,
    }
    return Result(case_id=case_id, scores=marks or scores(), **(usual | fields))


def run(results: Sequence[Result], cases: Sequence[Case] = (), **fields: Any) -> Run:
    """A finished run."""
    setup = {
        "datasets": ["test"], "prompts": {"answer": "answer@1", "condense": "condense@1"}, "model": "model",
        "judge": None, "embedding": "quick", "units": "1:1:1", "threshold": 0.865, "code": "code", "samples": 1,
    }  # fmt: skip
    usual: dict[str, Any] = {
        "run_id": uuid4(),
        "label": "live",
        "fingerprint": fingerprint(cases),
        "cases": len({one.case_id for one in results}),
        "started_at": NOON,
        "finished_at": NOON,
    }
    return Run(results=results, setup=setup | fields.pop("setup", {}), **(usual | fields))


def verdict(**fields: Any) -> Verdict:
    """What a judge says of a faithful answer."""
    usual: dict[str, Any] = {"facts": [], "unsupported": [], "contradictions": [], "refuses": False}
    return Verdict(**(usual | fields))
