"""`otklik evals agree` and `calibrate`."""

import json
import re
from pathlib import Path

import pytest

from evals.agreement import labelled
from tests.evals.scene import TALK
from tests.fakes.anthropic_server import AnthropicServer
from tests.ingestion.road import CHAT
from tests.otklik.evals.shell import Shell


def test_the_judge_is_measured_against_people_and_paid_once(shell: Shell, model: AnthropicServer) -> None:
    document = shell.evals("agree", "--json").document
    assert set(document) == {"judge", "model", "answers", "paid_usd", "labels"}
    assert (document["answers"], len(model.received)) == (len(labelled()), len(labelled()))
    assert document["paid_usd"] == pytest.approx(float(model.charged))
    assert [one["label"] for one in document["labels"]] == ["facts", "faithful", "contradicts", "refuses"]
    for one in document["labels"]:
        assert set(one) == {"label", "marks", "agreed", "kappa", "missed", "invented"}
        assert one["agreed"] == pytest.approx(1 - (one["missed"] + one["invented"]) / one["marks"])
    text = shell.evals("agree").out
    assert f"on {len(labelled())} labelled answers, paid $0.0000" in text
    assert re.search(r"^faithful +\d+ +\d+\.\d% +-?\d\.\d\d +\d+ +\d+$", text, re.MULTILINE)
    assert len(model.received) == len(labelled())


def test_without_a_key_or_with_too_little_money_it_says_so(shell: Shell) -> None:
    assert shell.evals("agree", status=2).sentence.startswith("A judge is a model: set ANTHROPIC_API_KEY")


def test_a_budget_that_is_too_small_is_told(shell: Shell, model: AnthropicServer) -> None:
    assert "--budget" in shell.evals("agree", "--budget", "0.001", status=1).sentence
    assert float(model.charged) <= 0.001


@pytest.fixture
def labels(shell: Shell) -> tuple[str, str]:
    """Enough cases about the talk, a third of which has no answer."""
    lines: list[dict[str, object]] = []
    for number, (question, _) in enumerate(TALK * 7):
        fields = {"relevant_messages": [[CHAT, 10 * (number % len(TALK) + 1)]]}
        lines.append({"id": f"held-{number}", "question": f"{question} {'?' * number}", "language": "ru", **fields})
    lines.extend(
        {"id": f"none-{number}", "question": f"как испечь пирог номер {number}", "language": "ru", "must_refuse": True}
        for number in range(14)
    )
    lines.append({"id": "follow", "question": "а потом?", "before": ["чек"], "language": "ru", "must_refuse": True})
    Path("labels.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return ("--dataset", "labels.jsonl")


def test_a_threshold_is_fitted_told_and_kept(shell: Shell, labels: tuple[str, str]) -> None:
    wanted = (*labels, "--precision", "0.95")
    tried = shell.evals("calibrate", *wanted, "--dry-run", "--json").document
    assert set(tried) == {
        "cases", "threshold", "before", "answered", "precision", "precision_interval", "coverage", "kept", "curve",
    }  # fmt: skip
    assert (tried["cases"], tried["before"], tried["kept"]) == (42, 0.865, False)  # a follow-up says nothing of it
    assert tried["precision"] >= 0.95
    assert tried["precision_interval"][0] <= tried["precision"] <= tried["precision_interval"][1]
    text = shell.evals("calibrate", *wanted).out
    assert text.splitlines()[0].split() == ["threshold", "answered", "precision", "coverage"]
    assert "It holds from now on." in text
    assert len(text.splitlines()) <= 23
    again = shell.evals("calibrate", *wanted, "--dry-run").out
    assert f"(before: {tried['threshold']:.4f})" in again
    assert "Nothing was changed." in again


def test_too_few_cases_are_told(shell: Shell) -> None:
    assert "0 cases, 0 of them without a right answer" in shell.evals("calibrate", status=2).sentence
    assert "6 cases" in shell.evals("calibrate", "--dataset", "talk.jsonl", status=2).sentence


def test_a_calibration_makes_the_next_run_another(shell: Shell, labels: tuple[str, str]) -> None:
    first = shell.evals("compare", "live", "live", "--dataset", "talk.jsonl", "--json").document["base"]
    assert (
        shell.evals("compare", "live", "live", "--dataset", "talk.jsonl", "--json").document["base"]["run_id"]
        == first["run_id"]
    )
    shell.evals("calibrate", *labels)
    later = shell.evals("compare", "live", "live", "--dataset", "talk.jsonl", "--json").document["base"]
    assert later["run_id"] != first["run_id"]
    assert later["setup"]["threshold"] != first["setup"]["threshold"]
