"""Measure and fit threading on labelled chats.

python -m benchmarks.threads eval [--replies 0.3] FILE...   precision, recall and F1 of the weights in use, per file
python -m benchmarks.threads fit [--write] FILE...          leave-one-file-out figures, then the weights of all files
"""

import argparse
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.threads.data import Case, Chat, load
from benchmarks.threads.fit import choices, fit
from ingestion.threading import link, prepare, rule
from ingestion.threading.weights import BY_HAND

WEIGHTS_FILE = Path(rule.__file__).with_name("fitted.py")


@dataclass(frozen=True, slots=True)
class Score:
    right: int
    predicted: int
    gold: int

    @property
    def f1(self) -> float:
        return 2 * self.right / max(self.predicted + self.gold, 1)

    def __add__(self, other: "Score") -> "Score":
        return Score(self.right + other.right, self.predicted + other.predicted, self.gold + other.gold)

    def __str__(self) -> str:
        precision, recall = self.right / max(self.predicted, 1), self.right / max(self.gold, 1)
        return f"precision {precision:.3f}  recall {recall:.3f}  F1 {self.f1:.3f}"


def measure(cases: Iterable[Case], predict: Callable[[Case], int | None]) -> Score:
    """A link is right when it is one of the true ones; a start is a link to oneself."""
    total = Score(0, 0, 0)
    for case in cases:
        parent = predict(case) or case.message.message_id
        total += Score(parent in case.gold, 1, len(case.gold))
    return total


def previous(case: Case) -> int | None:
    return case.window[-1].message_id if case.window else None


def named_or_own(case: Case) -> int | None:
    for wanted in (case.message.mentions, {case.message.sender}):
        for earlier in reversed(case.window):
            if earlier.sender in wanted:
                return earlier.message_id
    return None


def by_rule(case: Case) -> int | None:
    return link(case.message, case.window).parent


def evaluate(chats: list[Chat]) -> None:
    for title, predict in (("previous message", previous), ("named, or own last", named_or_own), ("rule", by_rule)):
        scores = [measure(chat.cases, predict) for chat in chats]
        print(f"\n{title}")
        for chat, score in zip(chats, scores, strict=True):
            print(f"  {chat.name:20} {score}")
        print(f"  {'all':20} {sum(scores, Score(0, 0, 0))}")
    _time(chats)


def _time(chats: list[Chat]) -> None:
    messages = [message for chat in chats for message in chat.messages]
    started = time.perf_counter()
    for message in messages:
        prepare(message)
    prepared = time.perf_counter()
    cases = [case for chat in chats for case in chat.cases]
    for case in cases:
        by_rule(case)
    done = time.perf_counter()
    print(f"\nprepare {(prepared - started) / len(messages) * 1e6:.0f} µs, ", end="")
    print(f"link {(done - prepared) / len(cases) * 1e6:.0f} µs a message")


def leave_one_out(chats: list[Chat]) -> list[Score]:
    """Each file measured with weights fitted on the others."""
    return [_held_out(chat, [other for other in chats if other is not chat]) for chat in chats]


def _held_out(chat: Chat, others: list[Chat]) -> Score:
    weights = fit([choice for other in others for choice in choices(other)])

    def predict(case: Case) -> int | None:
        return rule.link(case.message, case.window, {**weights, **BY_HAND}).parent

    return measure(chat.cases, predict)


def report_fit(chats: list[Chat], write: bool) -> None:
    scores = leave_one_out(chats)
    print("each file with the weights of the others:")
    for chat, score in zip(chats, scores, strict=True):
        print(f"  {chat.name:20} {score}")
    print(f"  {'all':20} {sum(scores, Score(0, 0, 0))}")
    weights = fit([choice for chat in chats for choice in choices(chat)])
    text = render(weights, scores, sum(len(chat.cases) for chat in chats))
    if write:
        WEIGHTS_FILE.write_text(text, encoding="utf-8")
    else:
        print(text)


def render(weights: Mapping[str, float], scores: list[Score], labelled: int) -> str:
    """The weights as the module that the rule reads."""
    per_file = ", ".join(f"{score.f1:.3f}" for score in scores)
    total = sum(scores, Score(0, 0, 0)).f1
    lines = [
        '"""What each piece of evidence weighs, in log-odds. Written by `python -m benchmarks.threads fit --write`.',
        "",
        f"Fitted on {labelled} labelled messages of {len(scores)} chats; each chat measured with the weights of the others:",
        f"link F1 {per_file}; all together {total:.3f}.",
        '"""',
        "",
        "from collections.abc import Mapping",
        "",
        "FITTED: Mapping[str, float] = {",
        *(f'    "{name}": {weight},' for name, weight in sorted(weights.items())),
        "}",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.threads", description=__doc__)
    parser.add_argument("action", choices=["eval", "fit"])
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--replies", type=float, default=0.0, help="share of true links kept as explicit replies")
    parser.add_argument("--write", action="store_true", help="fit: write the weights into the rule's module")
    options = parser.parse_args()
    chats = [load(path, options.replies) for path in options.files]
    if options.action == "eval":
        evaluate(chats)
    else:
        report_fit(chats, options.write)


if __name__ == "__main__":
    main()
