"""The prompt registry: which file is taken, and what is wrong with a file is said with its name."""

import hashlib
from pathlib import Path

import pytest

from core.llm.errors import PromptError
from core.llm.prompts import PROMPTS, PromptRegistry
from core.llm.refusal import REFUSAL_MARKER

GOOD = "---\npurpose: answer\nstatus: live\nmax_tokens: 10\nvariables: [who]\n---\nHello {{ who }}.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "greet").mkdir()
    (tmp_path / "greet" / "v1.md").write_text(GOOD)
    return tmp_path


def write(folder: Path, text: str, number: int = 1) -> PromptRegistry:
    (folder / "greet" / f"v{number}.md").write_text(text, encoding="utf-8")
    return PromptRegistry(folder)


def test_filled_in(folder: Path) -> None:
    prompt = PromptRegistry(folder).load("greet").fill(who="Ann")
    assert (prompt.system, prompt.max_tokens, prompt.purpose) == ("Hello Ann.", 10, "answer")
    assert prompt.version == hashlib.sha256(GOOD.encode()).hexdigest()[:12]
    assert prompt.reference == f"greet@{prompt.version}"
    assert prompt.source == GOOD


def test_a_value_is_text_and_never_a_template(folder: Path) -> None:
    assert PromptRegistry(folder).load("greet").fill(who="{{ 7 * 7 }}").system == "Hello {{ 7 * 7 }}."


def test_every_change_is_another_version_and_line_endings_are_none(folder: Path) -> None:
    first = PromptRegistry(folder).load("greet").version
    assert write(folder, GOOD.replace("Hello", "Hi")).load("greet").version != first
    (folder / "greet" / "v1.md").write_bytes(GOOD.replace("\n", "\r\n").encode())
    assert PromptRegistry(folder).load("greet").version == first


def test_the_newest_live_version_is_taken_and_a_draft_only_by_number(folder: Path) -> None:
    write(folder, GOOD.replace("Hello", "Second"), 2)
    write(folder, GOOD.replace("Hello", "Tenth"), 10)
    registry = write(folder, GOOD.replace("Hello", "Draft").replace("live", "draft"), 11)
    assert registry.load("greet").body.startswith("Tenth")
    assert registry.load("greet", 2).body.startswith("Second")
    assert registry.load("greet", 11).body.startswith("Draft")


def test_a_missing_and_an_unknown_variable_are_errors(folder: Path) -> None:
    prompt = PromptRegistry(folder).load("greet")
    with pytest.raises(PromptError, match="needs who"):
        prompt.fill()
    with pytest.raises(PromptError, match="has no variable whom"):
        prompt.fill(who="Ann", whom="Bob")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (GOOD.replace("max_tokens: 10\n", ""), "`max_tokens`"),
        (GOOD.replace("max_tokens: 10", "max_tokens: 0"), "`max_tokens`"),
        (GOOD.replace("status: live", "status: perhaps"), "`status`"),
        (GOOD.replace("purpose", "porpoise"), "porpoise|purpose"),
        (GOOD.replace("[who]", "[who, whom]"), "look at whom"),
        (GOOD.replace("[who]", "[]"), "look at who"),
        (GOOD.replace("{{ who }}", "{{ who "), "cannot be read"),
        (GOOD.replace("[who]", "[who"), "cannot be read"),
        (GOOD.replace("Hello {{ who }}.", "").replace("[who]", "[]"), "no text"),
        ("", "`purpose`"),
    ],
)
def test_a_wrong_file_is_told_by_its_name(folder: Path, text: str, told: str) -> None:
    with pytest.raises(PromptError, match=told) as caught:
        write(folder, text).load("greet")
    assert "prompts/greet/v1.md" in str(caught.value)


@pytest.mark.parametrize("escape", ["{{ ''.__class__.__mro__ }}", "{{ who.__init__.__globals__ }}"])
def test_a_template_cannot_reach_python(folder: Path, escape: str) -> None:
    prompt = write(folder, GOOD.replace("{{ who }}", f"{{{{ who }}}} {escape}")).load("greet")
    with pytest.raises(PromptError, match="cannot be filled in"):
        prompt.fill(who="Ann")


def test_what_is_not_there(folder: Path) -> None:
    registry = write(folder, GOOD.replace("live", "draft"))
    with pytest.raises(PromptError, match=r"there are v1"):
        registry.load("greet", 2)
    with pytest.raises(PromptError, match="status: live"):
        registry.load("greet")
    with pytest.raises(PromptError, match="there are none"):
        registry.load("nobody")


def test_every_prompt_that_comes_with_otklik_can_be_read() -> None:
    files = list(PROMPTS.glob("*/v*.md"))
    assert files
    for path in files:
        prompt = PromptRegistry().load(path.parent.name, int(path.stem[1:]))
        assert prompt.front.notes


def test_the_answering_prompt_names_the_marker_that_code_looks_for() -> None:
    assert REFUSAL_MARKER in PromptRegistry().load("answer").fill(refusal_marker=REFUSAL_MARKER).system
