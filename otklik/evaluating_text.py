"""How evals look in a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.db.models import EvalCase
from evals.figures import figures
from evals.gate import Gate
from evals.results import Run, Summary

CURVE_LINES = 20


def run_text(run: Run) -> str:
    """One run."""
    found = figures(run.results)
    width = max(map(len, found))
    lines = [f"{run.label}: {run.cases} cases of {', '.join(run.setup['datasets'])}, {_means(run)}"]
    lines += [f"  {name:{width}}  {figure.value:9.3f}  ({figure.answers})" for name, figure in found.items()]
    lines.append(f"run {run.run_id.hex[:8]}, ${run.cost_usd:.4f}")
    return "\n".join(lines)


def gate_text(base: Run, candidate: Run, verdict: Gate) -> str:
    """Two runs and the verdict."""
    lines = [
        f"base       {base.label}: {_means(base)}, run {base.run_id.hex[:8]}, ${base.cost_usd:.4f}",
        f"candidate  {candidate.label}: {_means(candidate)}, run {candidate.run_id.hex[:8]}, ${candidate.cost_usd:.4f}",
        "",
        f"{'':13} {'cases':>5} {'base':>7} {'cand.':>7} {'diff.':>7} {'differ':>6} {'p worse':>8}  shows from",
    ]
    for one in verdict.comparisons:
        mark = "WORSE" if one in verdict.worse else ""
        lines.append(
            f"{one.measure.name:13} {one.cases:5} {one.base:7.3f} {one.candidate:7.3f} {one.difference:+7.3f} "
            f"{one.differing:6} {one.p_worse:8.4f}  -{one.detectable:.3f}  {mark}".rstrip()
        )
    lines.append("")
    if verdict.is_open:
        lines.append(f"The gate is open: nothing is worse by more than chance (false alarms {verdict.alpha:.0%}).")
    else:
        lines += ["The gate is shut:", *(f"  {reason}" for reason in verdict.reasons)]
    return "\n".join(lines)


def summary_document(summary: Summary) -> dict[str, Any]:
    """One element of the JSON of `otklik evals list`."""
    return {
        "run_id": str(summary.run_id),
        "label": summary.label,
        "setup": dict(summary.setup),
        "cases": summary.cases,
        "results": summary.results,
        "right": summary.right,
        "cost_usd": float(summary.cost_usd),
        "started_at": summary.started_at.isoformat(),
        "finished_at": summary.finished_at and summary.finished_at.isoformat(),
    }


def summaries_text(found: Sequence[Summary]) -> str:
    """Runs, a line each."""
    lines = [
        f"{one.run_id.hex[:8]}  {one.started_at:%Y-%m-%d %H:%M}  {_share(one.right):>6}  ${one.cost_usd:8.4f}  {one.label}"
        + ("" if one.finished_at else f" (stopped at {one.results} of {one.cases * one.setup['samples']})")
        for one in found
    ]
    return "\n".join(lines) or "Nothing was measured yet; `otklik evals run --help` tells how."


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
    if row.rests_on:
        lines.append(f"  rests on {', '.join(row.rests_on)}")
    return "\n".join(line.replace("\n", "\n           ") for line in lines)


def agreement_text(document: Mapping[str, Any]) -> str:
    """How far the judge agrees with people."""
    lines = [
        f"{document['judge']} {document['model']} on {document['answers']} labelled answers, ${document['cost_usd']:.4f}",
        f"{'':12} {'marks':>5} {'agreed':>7} {'kappa':>6} {'missed':>6} {'invented':>8}",
    ]
    for one in document["labels"]:
        kappa = "–" if one["kappa"] is None else f"{one['kappa']:.2f}"
        lines.append(
            f"{one['label']:12} {one['answers']:5} {one['agreed']:7.1%} {kappa:>6} {one['missed']:6} {one['invented']:8}"
        )
    return "\n".join(lines)


def calibration_text(document: Mapping[str, Any]) -> str:
    """The curve, a line in ten, and what was fitted."""
    lines = [f"{'threshold':>9} {'answered':>8} {'precision':>9} {'coverage':>8}"]
    points = document["curve"]
    lines += [
        f"{point['threshold']:9.4f} {point['answered']:8} {point['precision']:9.1%} {point['coverage']:8.1%}"
        for point in points[:: max(len(points) // CURVE_LINES, 1)]
    ]
    lines.append(
        f"From {document['threshold']:.4f} on (before: {document['before']:.4f}) {document['precision']:.1%} of the answers are "
        f"right, and {document['coverage']:.1%} of what can be answered is, on {document['cases']} cases."
    )
    lines.append("It holds from now on." if document["kept"] else "Nothing was changed.")
    return "\n".join(lines)


def experiments_text(found: Sequence[Mapping[str, Any]]) -> str:
    """Experiments, with how far each is."""
    return "\n\n".join(_experiment_text(one) for one in found) or "No experiment was made yet."


def _experiment_text(document: Mapping[str, Any]) -> str:
    lines = [f"experiment {document['experiment_id'][:8]}  {document['started_at'][:10]}  {document['state']}"]
    if document["verdict"]:
        lines.append(f"  {document['verdict']}")
    for name, arm in document["arms"].items():
        lines.append(
            f"  {name:9} {arm['prompt']} {arm['model']}: {arm['people']} people, {arm['voters']} voted, "
            f"{arm['liked']:.0%} liked it, {arm['refused']:.0%} refused, ${arm['cost_usd']:.4f} an answer"
        )
    evidence = ", ".join(f"{name} {value:.3g}" for name, value in document["evidence"].items())
    lines.append(f"  evidence that the candidate is … ({document['enough']:.0f} decides): {evidence}")
    return "\n".join(lines)


def _means(run: Run) -> str:
    written = ", ".join(run.setup["prompts"].values())
    return f"{written}, {run.setup['model']}" if written else "quoted, without a model"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"
