"""`otklik evals experiment`."""

from pathlib import Path

from core.llm.prompts import PromptRegistry
from tests.evals.scene import MODEL
from tests.fakes.anthropic_server import AnthropicServer
from tests.otklik.evals.conftest import FRONT
from tests.otklik.evals.shell import Shell


def test_an_experiment_begins_is_shown_and_ends(shell: Shell, model: AnthropicServer) -> None:
    said = shell.evals("experiment", "start", "--prompt", "good.md", "--share", "0.2", "--people", "50").out
    live = PromptRegistry().load("answer").version
    assert "20% of the people get answer@" in said
    assert f"the others answer@{live} ({MODEL}). It ends by itself" in said
    (document,) = shell.evals("experiment", "show", "--json").document
    assert set(document) == {
        "experiment_id", "state", "verdict", "started_at", "decided_at", "share", "stops_at", "arms", "evidence", "enough",
    }  # fmt: skip
    assert (document["state"], document["share"], document["stops_at"], document["enough"]) == ("running", 0.2, 50, 80)
    assert set(document["arms"]["candidate"]) == {"prompt", "model", "people", "voters", "liked", "refused", "cost_usd"}
    assert document["arms"]["control"]["prompt"] == f"answer@{live}"
    text = shell.evals("experiment", "show").out
    assert "running\n  control   answer@" in text
    assert "(80 decides): better 1, worse 1, refuses more 1, costs more 1" in text
    assert "end it first" in shell.evals("experiment", "start", "--prompt", "good.md", status=2).sentence
    assert shell.evals("experiment", "stop").out == "Stopped: everybody is answered with the live prompt.\n"
    assert "It was stopped by hand." in shell.evals("list").out
    assert shell.evals("list", "--json").document["experiments"][0]["state"] == "stopped"
    assert "No experiment decides" in shell.evals("experiment", "stop", status=2).sentence


def test_models_can_be_tried_and_a_prompts_own_is_not_overruled(shell: Shell, model: AnthropicServer) -> None:
    shell.evals("experiment", "start", "--model", "claude-haiku-4-5")
    (document,) = shell.evals("experiment", "show", "--json").document
    assert [document["arms"][arm]["model"] for arm in ("control", "candidate")] == [MODEL, "claude-haiku-4-5"]
    assert document["arms"]["control"]["prompt"] == document["arms"]["candidate"]["prompt"]
    shell.evals("experiment", "stop")
    Path("own.md").write_text(f"{FRONT}Own. {{{{ refusal_marker }}}}".replace("status", "model: claude-opus-5\nstatus"))
    assert "names its own model" in shell.evals(
        "experiment", "start", "--prompt", "own.md", "--model", "claude-haiku-4-5", status=2
    ).sentence  # fmt: skip
    shell.evals("experiment", "start", "--prompt", "own.md")
    (document, _) = shell.evals("experiment", "show", "--json").document
    assert document["arms"]["candidate"]["model"] == "claude-opus-5"


def test_what_cannot_be_tried_is_told(shell: Shell) -> None:
    assert shell.evals("experiment", "start", "--prompt", "good.md", status=2).sentence.startswith(
        "Without ANTHROPIC_API_KEY"
    )
    shell.export(ANTHROPIC_API_KEY="key")
    assert "Both arms are the same" in shell.evals("experiment", "start", status=2).sentence
    unpriced = shell.evals("experiment", "start", "--model", "unknown", status=1)  # its arm would get quotations
    assert "No price is known for the model 'unknown'" in unpriced.sentence
    assert "Invalid value for '--people'" in shell.evals("experiment", "start", "--people", "5", status=2).sentence
    assert shell.evals("experiment", "show").out == "No experiment was made yet.\n"
