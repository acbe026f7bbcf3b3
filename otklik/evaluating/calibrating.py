"""`otklik evals calibrate`."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from assistant.retrieval.threshold import threshold_for
from evals.calibration import curve, fit, keep, tells
from evals.remembering import Allowance
from evals.running import Runner
from otklik.evaluating.datasets import load_cases
from otklik.progress import Bar
from otklik.wiring import Runtime

CURVE_LINES: Final = 20
"""Points of the curve that a person is shown."""


async def calibrate(parts: Runtime, datasets: Sequence[str], precision: float, *, keeps: bool) -> dict[str, Any]:
    """The JSON of `otklik evals calibrate`. No model is called.

    Raises:
        BadInput: there are too few cases, or none that can tell.
    """
    async with parts.database.reading() as session:
        cases = [case for case in await load_cases(session, datasets, parts.pseudonyms) if tells(case)]
        before = await threshold_for(session, parts.embedder.model_name)
    runner = Runner(parts.database, parts.embedder, parts.masker, None, Allowance(None))
    with Bar() as bar:
        bar.begin("searching", len(cases))
        seen = await runner.observed(cases, bar.reach)
    fitted = fit(seen, precision)
    if keeps:
        async with parts.database.transaction() as session:
            await keep(session, parts.embedder.model_name, precision, fitted, cases)
    return {
        "cases": len(cases),
        "threshold": fitted.threshold,
        "before": before,
        "answered": fitted.answered,
        "precision": fitted.precision,
        "precision_interval": list(fitted.interval),
        "coverage": fitted.coverage,
        "kept": keeps,
        "curve": [asdict(point) for point in curve(seen)],
    }


def calibration_text(document: Mapping[str, Any]) -> str:
    """Some points of the curve, and what was fitted."""
    lines = [f"{'threshold':>9} {'answered':>8} {'precision':>9} {'coverage':>8}"]
    points = document["curve"]
    lines += [
        f"{point['threshold']:9.4f} {point['answered']:8} {point['precision']:9.1%} {point['coverage']:8.1%}"
        for point in points[:: -(-len(points) // CURVE_LINES)]
    ]
    low, high = document["precision_interval"]
    lines.append(
        f"From {document['threshold']:.4f} on (before: {document['before']:.4f}) {document['answered']} of {document['cases']} "
        f"cases are answered, {document['precision']:.1%} of them rightly (on others {low:.0%} to {high:.0%}), and "
        f"{document['coverage']:.1%} of what can be answered is."
    )
    lines.append("It holds from now on." if document["kept"] else "Nothing was changed.")
    return "\n".join(lines)
