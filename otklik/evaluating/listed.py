"""Runs and candidates, a few lines each."""

from collections.abc import Sequence
from typing import Any

from core.db.models import EvalCase
from evals.results import Summary


def summary_document(summary: Summary) -> dict[str, Any]:
    """One element of the JSON of `otklik evals list`."""
    return {
        "run_id": str(summary.run_id),
        "label": summary.label,
        "setup": dict(summary.setup),
        "cases": summary.cases,
        "results": summary.results,
        "right": summary.right,
        "paid_usd": float(summary.paid_usd),
        "started_at": summary.started_at.isoformat(),
        "finished_at": summary.finished_at and summary.finished_at.isoformat(),
    }


def summaries_text(found: Sequence[Summary]) -> str:
    """Runs, a line each."""
    if not found:
        return "Nothing was measured yet; `otklik evals run --help` tells how."
    lines = [f"{'run':8}  {'started, UTC':16}  {'cases':>5}  {'right':>6}  {'paid':>9}  label"]
    lines += [
        f"{one.run_id.hex[:8]}  {one.started_at:%Y-%m-%d %H:%M}  {one.cases:5}  {_share(one.right):>6}  "
        f"{f'${one.paid_usd:.4f}':>9}  {one.label}, {_of(one)}{_unfinished(one)}"
        for one in found
    ]
    return "\n".join(lines)


def candidate_document(row: EvalCase) -> dict[str, Any]:
    """One element of the JSON of `otklik evals candidates`."""
    return {
        "case_id": str(row.case_id),
        "state": row.state,
        "origin": row.origin,
        "question": row.question,
        "before": row.before,
        "language": row.language,
        "chat_id": row.chat_id,
        "rests_on": row.rests_on,
        "reference": row.reference,
        "facts": row.facts,
        "must_refuse": row.must_refuse,
        "must_not_say": row.must_not_say,
        "remark": row.remark,
        "made_at": row.made_at.isoformat(),
    }


def candidate_text(row: EvalCase) -> str:
    """A harvested case for a person who decides."""
    what = row.origin.replace("_", " ") + (f": {row.remark}" if row.remark else "")
    lines = [f"{row.case_id.hex[:8]}  {row.made_at:%Y-%m-%d}  {what}"]
    lines += [f"  before   {said}" for said in row.before]
    lines.append(f"  asked    {row.question}")
    lines.append("  has to be refused" if row.must_refuse else f"  answer   {row.reference or '(say it with `edit`)'}")
    lines += [f"  fact     {' | '.join(wordings)}" for wordings in row.facts]
    lines += [f"  never    {wording}" for wording in row.must_not_say]
    if row.rests_on:
        lines.append(f"  rests on {', '.join(row.rests_on)}")
    return "\n".join(line.replace("\n", "\n           ") for line in lines)


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"


def _of(one: Summary) -> str:
    """By what runs with the same label differ."""
    samples, judge = one.setup["samples"], one.setup["judge"]
    return f"of {', '.join(one.setup['datasets'])}{f', {samples} samples' if samples > 1 else ''}{', judged' if judge else ''}"


def _unfinished(one: Summary) -> str:
    return "" if one.finished_at else f" (stopped at {one.results} of {one.cases * one.setup['samples']})"
