"""The workflow that gates changes of prompts: it parses, and what it runs exists."""

import shlex
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from core.llm.budget import SHARES
from core.llm.calls import Purpose
from core.llm.prompts import PROMPTS
from core.rules import load_rules
from core.settings import Settings
from evals.versions import is_version
from otklik.cli import main
from otklik.demo import demo_settings

ROOT = Path(__file__).resolve().parents[2]
RULES = ".github/otklik.toml"


@pytest.fixture(scope="module")
def workflow() -> dict[Any, Any]:
    document: dict[Any, Any] = yaml.safe_load((ROOT / ".github/workflows/prompts.yml").read_text(encoding="utf-8"))
    return document


@pytest.fixture(scope="module")
def steps(workflow: dict[Any, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = workflow["jobs"]["gate"]["steps"]
    return found


def test_it_runs_when_a_prompt_changes(workflow: dict[Any, Any]) -> None:
    (folder,) = workflow[True]["pull_request"]["paths"]  # YAML 1.1 reads `on` as true
    assert ROOT / folder.removesuffix("/**") == PROMPTS


def test_its_commands_exist(steps: list[dict[str, Any]]) -> None:
    prepared, gated = (shlex.split(step["run"]) for step in steps if "run" in step)
    assert prepared == ["make", "demo"]
    assert "\ndemo:" in (ROOT / "Makefile").read_text(encoding="utf-8")
    assert gated[0] == ".venv/bin/otklik"
    command: click.Command = main
    rest = gated[1:]
    while isinstance(command, click.Group):
        command, rest = command.commands[rest[0]], rest[1:]
    given = command.make_context("gate", rest).params
    assert (given["base"], given["candidate"], given["datasets"]) == ("git:origin/main", "live", ("samples",))
    assert is_version(given["base"])
    assert given["judged"]
    (kept,) = (step["with"]["path"] for step in steps if "upload-artifact" in step.get("uses", ""))
    assert str(given["page"]) == kept


def test_only_the_gate_knows_the_key_and_it_asks_where_the_samples_are(steps: list[dict[str, Any]]) -> None:
    (environment,) = (step["env"] for step in steps if "env" in step)
    home = demo_settings(Settings(home=Path(".otklik"))).home
    assert environment == {
        "OTKLIK_HOME": home.name, "OTKLIK_CONFIG": RULES, "ANTHROPIC_API_KEY": "${{ secrets.ANTHROPIC_API_KEY }}",
    }  # fmt: skip
    (checkout,) = (step for step in steps if "checkout" in step.get("uses", ""))
    assert checkout["with"]["fetch-depth"] == 0  # or main's prompts are not there


def test_its_rules_let_it_spend_what_it_may(steps: list[dict[str, Any]]) -> None:
    rules, samples = load_rules(ROOT / RULES), load_rules(ROOT / "samples" / "otklik.toml")
    (gated,) = (step["run"] for step in steps if "evals gate" in step.get("run", ""))
    limit = Decimal(shlex.split(gated)[shlex.split(gated).index("--budget") + 1])
    assert limit <= SHARES[Purpose.JUDGE] * rules.budget.day
    assert rules.masking == samples.masking
