"""The judge, and `otklik evals agree`."""

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from core.errors import BadInput
from core.llm.prompts import PromptRegistry
from evals.agreement import agreement, labelled, verdicts
from evals.judge import Judge
from evals.remembering import Allowance, Remembering
from otklik.progress import Bar
from otklik.wiring import Runtime


def judge_of(parts: Runtime) -> Judge:
    """The live judge.

    Raises:
        BadInput: there is no key.
    """
    if parts.gateway is None:
        raise BadInput("A judge is a model: set ANTHROPIC_API_KEY, or leave --judge out.")
    prompt = PromptRegistry().load("judge").fill()
    return Judge(prompt, prompt.model or parts.settings.judge_model)


async def agree(parts: Runtime, budget: Decimal | None) -> dict[str, Any]:
    """The JSON of `otklik evals agree`.

    Raises:
        CaseFailed: the judge did not reply to one; the others are remembered.
        NotAsked: the money is used up.
    """
    judge = judge_of(parts)
    assert parts.gateway is not None
    gateway, allowance, rows = parts.gateway, Allowance(budget), labelled()

    def door(case_id: str) -> Remembering:
        return Remembering(gateway, parts.database, parts.masker, allowance, case_id, sample=0, fresh=False)

    with Bar() as bar:
        bar.begin("judging", len(rows))
        found = await verdicts(judge, rows, door, bar.reach)
    return {
        "judge": judge.prompt.reference,
        "model": judge.model,
        "answers": len(rows),
        "paid_usd": float(allowance.spent),
        "labels": [asdict(one) for one in agreement(rows, found)],
    }


def agreement_text(document: Mapping[str, Any]) -> str:
    """How far the judge agrees with people."""
    lines = [
        f"{document['judge']} {document['model']} on {document['answers']} labelled answers, "
        f"paid ${document['paid_usd']:.4f}",
        f"{'':12} {'marks':>5} {'agreed':>7} {'kappa':>6} {'missed':>6} {'invented':>8}",
    ]
    for one in document["labels"]:
        kappa = "–" if one["kappa"] is None else f"{one['kappa']:.2f}"
        lines.append(
            f"{one['label']:12} {one['marks']:5} {one['agreed']:7.1%} {kappa:>6} {one['missed']:6} {one['invented']:8}"
        )
    return "\n".join(lines)
