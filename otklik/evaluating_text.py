"""How evals look in a terminal."""

from collections.abc import Sequence
from typing import Any

from evals.figures import figures
from evals.gate import Gate
from evals.results import Run, Summary


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


def _means(run: Run) -> str:
    written = ", ".join(run.setup["prompts"].values())
    return f"{written}, {run.setup['model']}" if written else "quoted, without a model"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"
