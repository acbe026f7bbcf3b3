"""`otklik evals experiment`."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from core.db.session import ReadSession
from core.errors import BadInput
from evals.experiments import ENOUGH, Tried, latest, start
from evals.versions import version
from otklik.wiring import Runtime

SHOWN: Final = 10
"""Experiments that are shown."""


async def start_experiment(parts: Runtime, reference: str, model: str | None, share: float, people: int) -> str:
    """Begin an experiment of the live prompt against another one; what to say of it.

    Raises:
        BadInput: there is no key, the model is not free to choose, or an experiment is running.
        UnpricedModel: it would never be called, and half of the people would get quotations.
    """
    if parts.gateway is None:
        raise BadInput("Without ANTHROPIC_API_KEY answers are quoted: there is no prompt or model to try.")
    tried, live = await version(reference), await version("live")
    prompts = [one.prompts.load("answer") for one in (live, tried)]
    own = prompts[1].front.model
    if model and own and model != own:
        raise BadInput(
            f"The prompt {reference!r} names its own model, {own!r}: leave --model out, or `model` in the prompt."
        )
    usual = parts.settings.answer_model
    control, candidate = (prompts[0], live.model_or(usual)), (prompts[1], tried.model_or(model or usual))
    for _, called in (control, candidate):
        parts.prices().at(called, datetime.now(UTC).date())
    async with parts.database.transaction() as session:
        started = await start(session, control, candidate, share=share, people=people)
    return (
        f"Experiment {started.hex[:8]}: {share:.0%} of the people get answer@{candidate[0].version} ({candidate[1]}), the others "
        f"answer@{control[0].version} ({control[1]}). It ends by itself; `otklik evals experiment show` tells how far it is."
    )


async def experiments(session: ReadSession) -> list[dict[str, Any]]:
    """The JSON of `otklik evals experiment show`."""
    return [_document(one) for one in await latest(session, SHOWN)]


def experiments_text(found: Sequence[Mapping[str, Any]]) -> str:
    """Experiments, with how far each is."""
    return "\n\n".join(_text(one) for one in found) or "No experiment was made yet."


def _document(tried: Tried) -> dict[str, Any]:
    found = tried.standing
    return {
        "experiment_id": str(tried.experiment_id),
        "state": tried.state,
        "verdict": tried.verdict,
        "started_at": tried.started_at.isoformat(),
        "decided_at": tried.decided_at and tried.decided_at.isoformat(),
        "share": tried.share,
        "stops_at": tried.stops_at,
        "arms": {
            arm.value: {
                "prompt": prompt,
                "model": model,
                "people": found.people[arm],
                "voters": found.voters[arm],
                "liked": found.liked[arm],
                "refused": found.refused[arm],
                "cost_usd": found.cost[arm],
            }
            for arm, (prompt, model) in tried.arms.items()
        },
        "evidence": dict(found.evidence),
        "enough": ENOUGH,
    }


def _text(document: Mapping[str, Any]) -> str:
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
