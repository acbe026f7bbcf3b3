"""Runs and verdicts as JSON and as text."""

from typing import Any

from evals.comparing import Comparison
from evals.figures import figures
from evals.gate import Gate
from evals.results import Run


def run_document(run: Run) -> dict[str, Any]:
    """The JSON of `otklik evals run`."""
    return {
        "run_id": str(run.run_id),
        "label": run.label,
        "setup": dict(run.setup),
        "fingerprint": run.fingerprint,
        "cases": run.cases,
        "figures": {name: round(figure.value, 6) for name, figure in figures(run.results).items()},
        "paid_usd": float(run.paid_usd),
    }


def gate_document(base: Run, candidate: Run, verdict: Gate) -> dict[str, Any]:
    """The JSON of `otklik evals compare` and `gate`."""
    return {
        "base": run_document(base),
        "candidate": run_document(candidate),
        "open": verdict.is_open,
        "alpha": verdict.alpha,
        "reasons": list(verdict.reasons),
        "measures": [
            {
                "name": one.measure.name,
                "cases": one.cases,
                "base": one.base,
                "candidate": one.candidate,
                "difference": one.difference,
                "differing": one.differing,
                "p_worse": one.p_worse,
                "detectable": one.detectable,
                "worse": one in verdict.worse,
            }
            for one in verdict.comparisons
        ],
    }


def run_text(run: Run) -> str:
    """One run."""
    found = figures(run.results)
    width = max(map(len, found))
    lines = [f"{run.label}: {run.cases} cases of {', '.join(run.setup['datasets'])}, {_means(run)}"]
    lines += [f"  {name:{width}}  {figure!s:>8}  ({figure.answers})" for name, figure in found.items()]
    lines.append(_paid(run))
    return "\n".join(lines)


def gate_text(base: Run, candidate: Run, verdict: Gate) -> str:
    """Two runs and the verdict."""
    lines = [
        f"base       {base.label}: {_means(base)}, {_paid(base)}",
        f"candidate  {candidate.label}: {_means(candidate)}, {_paid(candidate)}",
    ]
    if base.run_id == candidate.run_id:
        lines.append("Both are the same run: nothing that decides about answers differs.")
    lines += [
        "",
        f"{'':13} {'cases':>5} {'base':>7} {'cand.':>7} {'diff.':>7} {'differ':>6} {'p worse':>8}  shows from",
    ]
    lines += [_comparison_text(one, verdict) for one in verdict.comparisons]
    lines.append("")
    if verdict.is_open:
        lines.append(f"The gate is open: nothing is worse by more than chance (false alarms {verdict.alpha:.0%}).")
    else:
        lines += ["The gate is shut:", *(f"  {reason}" for reason in verdict.reasons)]
    return "\n".join(lines)


def _comparison_text(one: Comparison, verdict: Gate) -> str:
    shows_from = "too few" if one.detectable is None else f"-{one.detectable:.3f}"
    line = (
        f"{one.measure.name:13} {one.cases:5} {one.base:7.3f} {one.candidate:7.3f} {one.difference:+7.3f} "
        f"{one.differing:6} {one.p_worse:8.4f}  {shows_from}"
    )
    return f"{line}  WORSE" if one in verdict.worse else line


def _means(run: Run) -> str:
    written = ", ".join(run.setup["prompts"].values())
    return f"{written}, {run.setup['model']}" if written else "quoted, without a model"


def _paid(run: Run) -> str:
    return f"run {run.run_id.hex[:8]}, paid ${run.paid_usd:.4f}"
