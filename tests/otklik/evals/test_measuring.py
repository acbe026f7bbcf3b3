"""`otklik evals run`, `compare`, `gate` and `list`."""

import os
import re
import signal
from pathlib import Path

import pytest

from core.db.session import Database
from tests.evals.scene import CASES
from tests.fakes.anthropic_reader import Reader
from tests.fakes.anthropic_script import fails
from tests.fakes.anthropic_server import AnthropicServer
from tests.otklik.evals.shell import Shell, served

TALK = ("--dataset", "talk.jsonl")
MANY = 10


@pytest.fixture
def many() -> tuple[str, str]:
    """A dataset of as many cases as it takes for a loss to show."""
    lines = Path("talk.jsonl").read_text(encoding="utf-8").splitlines()
    more = [
        re.sub(r'"id": "(\w+)"', rf'"id": "\1-{number}"', line) for number in range(MANY // 5) for line in lines[:5]
    ]
    Path("many.jsonl").write_text("\n".join(more), encoding="utf-8")
    return ("--dataset", "many.jsonl")


def test_a_run_without_a_key_has_every_deterministic_figure(shell: Shell) -> None:
    document = shell.evals("run", *TALK, "--json").document
    assert set(document) == {"run_id", "label", "setup", "fingerprint", "cases", "figures", "paid_usd"}
    assert set(document["figures"]) == {
        "right", "hit@1", "hit@3", "hit@8", "mrr", "ndcg", "answered", "refusal precision", "refusal recall", "facts",
        "citation precision", "citation recall", "grounded", "safe", "language", "personal data", "sources outside",
        "characters", "latency p50, ms", "latency p95, ms", "cost of one, $",
    }  # fmt: skip
    assert (document["label"], document["cases"], document["figures"]["right"], document["paid_usd"]) == (
        "live",
        6,
        1.0,
        0,
    )
    text = shell.evals("run", *TALK, "--label", "again").out
    assert text.startswith("again: 6 cases of talk.jsonl, quoted, without a model\n")
    assert re.search(r"^  right +1\.000  \(6\)$", text, re.MULTILINE)
    assert re.search(r"^run [0-9a-f]{8}, paid \$0\.0000$", text, re.MULTILINE)


def test_a_run_with_a_judge_has_theirs_too(shell: Shell, model: AnthropicServer) -> None:
    document = shell.evals("run", *TALK, "--judge", "--samples", "2", "--json").document
    assert {"judged facts", "faithful", "consistent"} < set(document["figures"])
    assert document["paid_usd"] == pytest.approx(float(model.charged))
    assert model.charged > 0
    assert document["setup"]["judge"].startswith("judge@")
    assert document["setup"]["samples"] == 2


def test_a_worse_prompt_shuts_the_gate_and_an_unchanged_one_does_not(
    shell: Shell, model: AnthropicServer, many: tuple[str, str]
) -> None:
    shut = shell.evals("gate", "live", "bad.md", *many, status=1)
    assert shut.sentence == "The gate is shut: the candidate is worse."
    assert "WORSE" in shut.out
    assert "The gate is shut:\n  right: 1.000 → " in shut.out
    asked = len(model.received)
    document = shell("evals", "gate", "live", "bad.md", *many, "--json").document
    assert (document["open"], document["alpha"]) == (False, 0.05)
    assert [one["name"] for one in document["measures"] if one["worse"]] == [
        one.split(":")[0] for one in document["reasons"]
    ]
    assert set(document["measures"][0]) == {
        "name", "cases", "base", "candidate", "difference", "differing", "p_worse", "detectable", "worse",
    }  # fmt: skip
    assert "The gate is shut" in shell.evals("compare", "live", "bad.md", *many).out  # which fails nobody
    assert "The gate is open" in shell.evals("gate", "live", "good.md", *many).out
    assert "Both are the same run" in shell.evals("gate", "live", "v2", *many).out
    assert len(model.received) - asked == len(model.received) // 3  # live and bad.md were measured already


def test_an_edited_prompt_is_measured_anew_under_its_old_name(shell: Shell, model: AnthropicServer) -> None:
    first = shell.evals("compare", "live", "good.md", *TALK, "--json").document
    Path("good.md").write_text(Path("good.md").read_text(encoding="utf-8") + " GUESS 100%", encoding="utf-8")
    second = shell.evals("compare", "live", "good.md", *TALK, "--json").document
    assert second["base"]["run_id"] == first["base"]["run_id"]
    assert second["candidate"]["run_id"] != first["candidate"]["run_id"]
    assert second["candidate"]["figures"]["right"] < 1


def test_a_budget_holds_for_both_sides_together(shell: Shell, model: AnthropicServer) -> None:
    shell.evals("run", *TALK)
    one = float(model.charged)
    poor = shell.evals("compare", "live", "good.md", *TALK, "--fresh", "--budget", f"{1.4 * one:.6f}", status=1)
    assert re.search(r"The command may cost \$.*Run the same command again", poor.sentence)
    assert float(model.charged) - one <= 1.4 * one
    shell.evals("compare", "live", "good.md", *TALK, "--budget", "1")


def test_a_change_of_retrieval_is_compared_by_labels(shell: Shell, history: Database) -> None:
    shell.evals("run", *TALK, "--label", "before")
    shell.evals("run", *TALK, "--label", "after")
    assert "The gate is open" in shell.evals("gate", "before", "after").out
    listed = shell.evals("list", "--json").document["runs"]
    assert [one["label"] for one in listed] == ["after", "before"]
    assert "Both are the same run" in shell.evals("compare", listed[0]["run_id"][:8], "after").out
    assert re.search(r"^[0-9a-f]{8}  20\d\d-\d\d-\d\d \d\d:\d\d      6  100\.0%    \$0\.0000  after, of talk.jsonl$",
                     shell.evals("list").out, re.MULTILINE)  # fmt: skip
    assert "No experiment was made yet." in shell.evals("list", "-n", "1").out


def test_every_case_is_in_the_page(shell: Shell, model: AnthropicServer) -> None:
    said = shell.evals("gate", "live", "good.md", *TALK, "--report", "report.html")
    assert "Every case is in report.html." in said.error
    page = Path("report.html").read_text(encoding="utf-8")
    assert all(case.question in page for case in CASES)
    assert "The gate is open." in page
    shell.evals("run", *TALK, "--report", "one.html")
    assert "The gate" not in Path("one.html").read_text(encoding="utf-8")


def test_ctrl_c_loses_nothing_that_was_measured(shell: Shell) -> None:
    reader, asked = Reader(), []

    def interrupted(body: object) -> object:
        asked.append(body)
        if len(asked) == 4:
            os.kill(os.getpid(), signal.SIGINT)
        return reader(body)  # type: ignore[arg-type]

    with served(otherwise=interrupted) as server:
        shell.export(ANTHROPIC_API_KEY="key", ANTHROPIC_BASE_URL=server.url)
        stopped = shell.evals("run", *TALK, "--samples", "3", status=130)
        assert stopped.sentence == "stopped; run the same command again to go on"
        (cut,) = shell.evals("list", "--json").document["runs"]
        assert (cut["finished_at"], cut["results"] < 3 * len(CASES)) == (None, True)
        assert f"live, of talk.jsonl, 3 samples (stopped at {cut['results']} of 18)" in shell.evals("list").out
        whole = shell.evals("run", *TALK, "--samples", "3", "--json").document
        assert whole["run_id"] == cut["run_id"]
        assert len(asked) <= 3 * len(CASES) + 4  # at most those under way were asked again


def test_what_the_model_does_not_answer_is_told_and_tried_again(shell: Shell) -> None:
    with served(*[fails(400, "invalid_request_error")] * 2, otherwise=Reader()) as server:
        shell.export(ANTHROPIC_API_KEY="key", ANTHROPIC_BASE_URL=server.url)
        failed = shell.evals("run", *TALK, status=1)
        assert re.search(
            r"2 cases have no result \(as \w+: .*\) Run the same command again to try them\.", failed.sentence
        )
        assert shell.evals("run", *TALK, "--json").document["figures"]["right"] == 1


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["run"], 2, "There are no cases to measure: name a --dataset, or accept some of `otklik evals harvest`."),
        (
            ["run", "--dataset", "absent"],
            2,
            "The dataset 'absent' cannot be read: No such file or directory. There are own",
        ),
        (["run", "--dataset", "samples"], 2, "cases ask about messages that are not held here (as"),
        (["run", *TALK, *TALK], 2, "Two cases have the id 'receipt'; give each an id of its own."),
        (["run", *TALK, "--prompt", "v99"], 2, "There is no prompts/answer/v99.md; there are v1, v2."),
        (["run", *TALK, "--prompt", "before"], 2, "'before' names no prompt; write it as live, v2"),
        (["run", *TALK, "--label", "live"], 2, "A run called 'live' would be taken for a version; call it otherwise."),
        (["run", *TALK, "--judge"], 2, "A judge is a model: set ANTHROPIC_API_KEY, or leave --judge out."),
        (["run", *TALK, "--samples", "0"], 2, "Invalid value for '--samples'"),
        (["run", *TALK, "--report", "absent/x.html"], 2, "The report cannot be written to absent/x.html: No such file"),
        (["gate", "before", "live", *TALK], 2, "No run is called 'before'; there is none yet."),
        (["gate", "live", "good.md", *TALK], 2, "'live' and 'good.md' come to the same run: without ANTHROPIC_API_KEY"),
        (["gate", "live"], 2, "Missing argument 'CANDIDATE'"),
        (["gate", "live", "v1", *TALK, "--alpha", "2"], 2, "Invalid value for '--alpha'"),
        (["gate", "git:absent", "live", *TALK], 2, "git has no prompts at 'absent'"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_each_mistake_is_one_sentence(shell: Shell, arguments: list[str], status: int, says: str) -> None:
    said = shell.evals(*arguments, status=status)
    assert says in said.sentence
    assert said.out == ""


def test_runs_that_cannot_be_compared_are_told(shell: Shell) -> None:
    shell.evals("run", *TALK, "--label", "before")
    Path("fewer.jsonl").write_text(Path("talk.jsonl").read_text(encoding="utf-8").splitlines()[0], encoding="utf-8")
    shell.evals("run", "--dataset", "fewer.jsonl", "--label", "after")
    assert (
        "answered different cases; run both on the same datasets"
        in shell.evals("gate", "before", "after", status=2).sentence
    )
    assert "the latest are 'after', 'before'" in shell.evals("compare", "before", "x", status=2).sentence


def test_what_is_wrong_with_the_candidate_costs_no_base(shell: Shell, model: AnthropicServer) -> None:
    Path("bare.md").write_text("---\npurpose: answer\nstatus: draft\nmax_tokens: 5\n---\nBare.", encoding="utf-8")
    for candidate in ("bare.md", "absent.md", "git:absent"):
        shell.evals("gate", "live", candidate, *TALK, status=2)
    assert not model.received


def test_a_model_without_a_price_is_told_and_nothing_is_quoted_in_its_place(
    shell: Shell, model: AnthropicServer
) -> None:
    said = shell.evals("run", *TALK, "--model", "unknown", status=1)
    assert "No price is known for the model 'unknown'" in said.sentence
    assert shell.evals("list", "--json").document["runs"][0]["results"] == 0
