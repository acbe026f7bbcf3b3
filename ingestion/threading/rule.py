"""The decision: which earlier message a message continues."""

from collections.abc import Iterable, Mapping, Sequence

from core.domain.threads import Evidence, Link, LinkHow
from ingestion.threading.features import Feature, candidates, look, of_candidate, of_start
from ingestion.threading.prepared import Prepared
from ingestion.threading.weights import WEIGHTS

REASONS = 6
"""A link tells its six heaviest reasons."""

REPLY = (Evidence("reply", 1.0),)


def link(message: Prepared, window: Sequence[Prepared], weights: Mapping[str, float] = WEIGHTS) -> Link:
    """Which message `message` continues, of those before it in the chat (oldest first, the last `WINDOW` suffice).

    An explicit reply is obeyed, also where its target is not in the window. Otherwise every candidate and the start of
    a new thread are weighed by the same linear rule, and the heaviest wins. The outcome depends only on the messages
    themselves, never on earlier decisions, so linking again gives the same links in whatever order messages arrived.
    """
    if message.reply_to is not None:
        return Link(message.reply_to, LinkHow.EXPLICIT, REPLY)
    scene = look(message, window)
    best, reasons = None, of_start(scene)
    most = weigh(reasons, weights)
    for i in candidates(scene):
        features = of_candidate(scene, i)
        weight = weigh(features, weights)
        if weight > most:
            best, most, reasons = i, weight, features
    if best is None:
        return Link(None, LinkHow.START, _evidence(reasons, weights))
    return Link(scene.recent[best].message_id, LinkHow.INFERRED, _evidence(reasons, weights))


def weigh(features: Iterable[Feature], weights: Mapping[str, float] = WEIGHTS) -> float:
    """The sum of what the features weigh."""
    get = weights.get
    return sum(get(name, 0.0) * value for name, value in features)


def _evidence(features: Iterable[Feature], weights: Mapping[str, float]) -> tuple[Evidence, ...]:
    weighed = [Evidence(name, round(weights.get(name, 0.0) * value, 3)) for name, value in features]
    weighed.sort(key=lambda evidence: (-abs(evidence.weight), evidence.name))
    return tuple(evidence for evidence in weighed[:REASONS] if evidence.weight)
