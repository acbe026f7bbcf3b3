"""The prose is true of the code: settings, rules, metrics, commands and messages that it names exist, and all are named."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from prometheus_client import Counter, Gauge, Histogram
from pydantic import BaseModel

import core.metrics
from core.contracts.streams import STREAMS
from core.domain.lanes import LaneRules
from core.llm.prices import Price
from core.rules import ChatRules, Rules, load_rules
from core.settings import Settings
from otklik.cli import main
from otklik.up import ROLES

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(path for path in (ROOT / "docs").rglob("*.md") if "decisions" not in path.parts)
SETTINGS_PAGE = ROOT / "docs" / "settings.md"
OPERATIONS_PAGE = ROOT / "docs" / "operations.md"
EXAMPLE_RULES = ROOT / "otklik.example.toml"
COMPOSE_ONLY = {"POSTGRES_PASSWORD", "REDIS_PASSWORD", "OTKLIK_CONFIG_DIR", "OTKLIK_EXPORTS_DIR"}
PROMISED = {"backup", "restore"}
"""Commands that a page may name to say that they do not exist yet. Take them out when they do."""

page = pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def variables() -> dict[str, Any]:
    """Every environment variable of `Settings`, with its default."""
    return {
        str(field.validation_alias or f"OTKLIK_{name.upper()}"): field.default
        for name, field in Settings.model_fields.items()
    }


def rows(path: Path) -> Iterator[list[str]]:
    """The cells of every row of every table of a page."""
    for line in read(path).splitlines():
        if line.startswith("|") and not line.startswith("|---"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


# --- settings


def test_every_setting_is_in_the_table_and_nothing_else() -> None:
    named = [match[1] for cells in rows(SETTINGS_PAGE) if (match := re.fullmatch(r"`([A-Z_]+)`", cells[0]))]
    assert len(named) == len(set(named))
    assert set(named) == {*variables(), *COMPOSE_ONLY}


def test_the_table_tells_the_true_defaults() -> None:
    told = {cells[0].strip("`"): cells[1] for cells in rows(SETTINGS_PAGE)}
    for name, default in variables().items():
        if default is not None:
            assert told[name] == f"`{default}`", name


@page
def test_variables_named_in_a_page_exist(path: Path) -> None:
    named = set(re.findall(r"\b(?:OTKLIK|ANTHROPIC|POSTGRES|REDIS)_[A-Z_]+\b", read(path)))
    assert named <= {*variables(), *COMPOSE_ONLY}


# --- rules


def test_the_example_rules_load() -> None:
    load_rules(EXAMPLE_RULES)


def test_the_example_rules_are_the_defaults() -> None:
    assert load_rules(EXAMPLE_RULES) == Rules()


def keys(model: BaseModel, prefix: str = "") -> Iterator[str]:
    for name, field in type(model).model_fields.items():
        key, value = f"{prefix}{field.alias or name}", getattr(model, name)
        if isinstance(value, BaseModel):
            yield from keys(value, f"{key}.")
        elif key not in ("chats", "price"):  # tables of the operator's own: they are shown commented out
            yield key


def test_the_example_rules_mention_every_rule() -> None:
    document = tomllib.loads(read(EXAMPLE_RULES))
    for key in keys(Rules()):
        table: Any = document
        for part in key.split("."):
            assert part in table, f"{key} is missing in {EXAMPLE_RULES.name}"
            table = table[part]


def test_the_example_rules_comment_every_rule() -> None:
    """A key's comment stands right above it, or above its table."""
    lines = read(EXAMPLE_RULES).splitlines()
    for number, line in enumerate(lines):
        if re.match(r"\w+ = |\[", line):
            above = lines[number - 1]
            assert above.startswith(("#", "[")) or re.match(r"\w+ = ", above), f"line {number + 1} has no comment"


def test_what_the_example_rules_leave_commented_out_is_right(tmp_path: Path) -> None:
    path = tmp_path / "otklik.toml"
    path.write_text(re.sub(r"^# (\[|\w+ = )", r"\1", read(EXAMPLE_RULES), flags=re.MULTILINE), encoding="utf-8")
    rules = load_rules(path)
    (chat,), (price,) = rules.chats.values(), rules.price
    assert chat.model_fields_set == set(ChatRules.model_fields)
    assert price.model_fields_set >= {name for name, field in Price.model_fields.items() if field.is_required()}
    assert set(Rules.model_fields) == rules.model_fields_set


def test_the_example_shows_the_urgent_words_that_it_explains() -> None:
    assert {"ошибка", "error", "bug"} <= set(LaneRules().words)


# --- metrics


def metrics() -> set[str]:
    return {
        f"{family.name}_total" if isinstance(metric, Counter) else family.name
        for metric in vars(core.metrics).values()
        if isinstance(metric, (Counter, Gauge, Histogram))
        for family in metric.describe()
    }


def test_every_metric_is_documented_with_its_role() -> None:
    told = {cells[0].strip("`") for path in (ROOT / "docs" / "roles").glob("*.md") for cells in rows(path)}
    assert metrics() <= told


@page
def test_metrics_named_in_a_page_exist(path: Path) -> None:
    assert set(re.findall(r"`(otklik_\w+)`", read(path))) <= metrics()


@page
def test_streams_named_in_a_page_exist(path: Path) -> None:
    assert set(re.findall(r"`(otklik:[\w:]+)`", read(path))) <= {stream.name for stream in STREAMS}


# --- roles and commands


@pytest.mark.parametrize("role", [role.name for role in ROLES])
def test_every_role_has_a_page(role: str) -> None:
    text = read(ROOT / "docs" / "roles" / f"{role}.md")
    for word in (f"`otklik {role}`", "systemctl start", f"docker compose up -d {role}", "/health", "## Metrics"):
        assert word in text


def commands(group: click.Command, name: str = "") -> Iterator[tuple[str, click.Command]]:
    if isinstance(group, click.Group):
        for part, command in group.commands.items():
            yield from commands(command, f"{name} {part}".strip())
    else:
        yield name, group


COMMANDS = dict(commands(main))


def snippets(path: Path) -> Iterator[str]:
    """What a page sets in code: blocks line by line, and inline."""
    text = read(path)
    for block in re.findall(r"```\w*\n(.*?)```", text, re.DOTALL):
        yield from block.splitlines()
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def named_commands(path: Path) -> Iterator[str]:
    for snippet in snippets(path):
        called = re.match(r"(?:sudo |docker compose run --rm )?otklik ([a-z].*)", snippet.strip())
        if called:
            yield called[1]


@page
def test_commands_named_in_a_page_exist_with_their_options(path: Path) -> None:
    for called in named_commands(path):
        words = called.split()
        if words[0] in PROMISED and words[0] not in COMMANDS:
            continue
        name = next((joined for size in (3, 2, 1) if (joined := " ".join(words[:size])) in COMMANDS), None)
        assert name is not None, f"otklik {called}"
        options = {
            option for parameter in COMMANDS[name].params for option in (*parameter.opts, *parameter.secondary_opts)
        }
        assert set(re.findall(r"(?<!\S)--[\w-]+", called)) <= options, f"otklik {called}"


def test_what_a_page_calls_missing_is_missing() -> None:
    assert not PROMISED & set(COMMANDS), "it exists now: describe it in docs/operations.md"


# --- messages


def sentences() -> list[str]:
    """Every string of the code, with `…` for what is filled in."""
    found = []
    for folder in ("core", "otklik", "ingestion", "assistant", "analytics", "evals"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(read(path))):
                if isinstance(node, ast.JoinedStr):
                    parts = (str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
                    found.append("".join(parts))
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.append(node.value)
    return found


def test_messages_in_operations_are_those_of_the_code() -> None:
    quoted, titled = [], False
    for cells in rows(OPERATIONS_PAGE):
        if cells[0] in ("message", "what you see"):
            titled = True
        elif titled and (match := re.fullmatch(r"`(.+)`", cells[0])):
            quoted.append(match[1])
    assert len(quoted) > 20
    known = sentences()
    for message in quoted:
        pattern = ".*".join(re.escape(part) for part in message.split("…"))
        assert any(re.fullmatch(pattern, sentence, re.DOTALL) for sentence in known), message


@page
def test_links_and_files_named_in_a_page_exist(path: Path) -> None:
    text = read(path)
    for target in re.findall(r"\]\((?!http)([^)#]+)", text):
        assert (path.parent / target).exists(), target
    for target in re.findall(r"`((?:deploy|docs|core|samples|prompts)/[\w./-]+)`", text):
        assert (ROOT / target).exists() or target == "deploy/config/otklik.toml", target  # the operator's own
