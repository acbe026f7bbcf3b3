"""What can be measured: by number, by file, by revision of a real repository; and each mistake in a sentence."""

import subprocess
from pathlib import Path

import pytest

from core.errors import BadInput
from core.llm import prompts
from core.llm.errors import PromptError
from core.llm.prompts import PROMPTS, PromptRegistry
from evals import versions
from evals.versions import code, is_version, version

ANSWER = """---
purpose: answer
status: {status}
max_tokens: 500
variables: [refusal_marker]
---
{body} {{{{ refusal_marker }}}}
"""
CONDENSE = "---\npurpose: condense\nstatus: live\nmax_tokens: 500\n---\n{body}\n"


def answer(body: str, status: str = "live") -> str:
    return ANSWER.format(body=body, status=status)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with prompts: `answer` v1 live and v2 a draft. Revision `old` has another v1 and no v2."""
    home = tmp_path / "prompts"
    for name in ("answer", "condense", "judge"):
        (home / name).mkdir(parents=True)
    (home / "answer/v1.md").write_text(answer("Old."), encoding="utf-8")
    (home / "condense/v1.md").write_text(CONDENSE.format(body="Condense."), encoding="utf-8")
    (home / "judge/v1.md").write_bytes((PROMPTS / "judge/v1.md").read_bytes())
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "old")
    git(tmp_path, "tag", "old")
    (home / "answer/v1.md").write_text(answer("New."), encoding="utf-8")
    (home / "answer/v2.md").write_text(answer("Draft.", "draft"), encoding="utf-8")
    for module in (prompts, versions):
        monkeypatch.setattr(module, "PROMPTS", home)
    monkeypatch.setattr(PromptRegistry.__init__, "__defaults__", (home, None))
    return home


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


async def body(*references: str, name: str = "answer") -> str:
    return (await version(*references)).prompts.load(name).body.partition(".")[0]


async def test_what_stands_here_by_number_and_by_file(folder: Path) -> None:
    assert [await body(), await body("live"), await body("v1"), await body("v2")] == ["New", "New", "New", "Draft"]
    (folder / "try.md").write_text(CONDENSE.format(body="Other."), encoding="utf-8")
    tried = str(folder / "try.md")
    assert [await body(tried), await body(tried, name="condense")] == ["New", "Other"]
    both = await version("v2", tried)
    assert (both.label, both.prompts.load("condense").body) == (f"v2 + {tried}", "Other.")
    assert await body("condense/v1", name="condense") == "Condense"


@pytest.mark.usefixtures("folder")
async def test_what_stood_in_a_revision() -> None:
    assert [await body("git:old"), await body("git:old:v1"), await body("git:HEAD")] == ["Old"] * 3
    assert await body("git:old", "v2") == "Draft"  # one prompt beside the others of the revision
    assert await body("v2", "git:old") == "Old"  # a whole set takes the place of what was named before
    assert await body("git:old:condense/v1", name="condense") == "Condense"


async def test_a_version_does_not_change_under_its_run(folder: Path) -> None:
    begun = await version("live")
    references = begun.references()
    (folder / "answer/v1.md").write_text(answer("Edited meanwhile."), encoding="utf-8")
    assert begun.references() == references
    assert begun.prompts.load("answer").body.startswith("New.")
    assert (await version("live")).references() != references


async def test_the_model_of_a_prompt_goes_before_the_usual_one(folder: Path) -> None:
    (folder / "own.md").write_text(answer("Own.").replace("status", "model: mine\nstatus"), encoding="utf-8")
    assert (await version(str(folder / "own.md"))).model_or("usual") == "mine"
    assert (await version("live")).model_or("usual") == "usual"


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("v9", "There is no prompts/answer/v9.md; there are v1, v2."),
        ("judge/v1", "The prompt 'judge' is for 'judge'; measured are those for answer and condense."),
        ("absent.md", "The prompt 'absent.md' cannot be read: No such file or directory."),
        ("binary.md", "cannot be read: it is not UTF-8."),
        ("broken.md", "`purpose` in the front matter cannot be used"),
        ("bare.md", "The prompt 'answer' has no variable refusal_marker; see its front matter."),
        ("before", "'before' names no prompt; write it as live, v2"),
        ("git:absent", "git has no prompts at 'absent': "),
        ("git:", "'' is no revision of git."),
        ("git:--output=x", "'--output=x' is no revision of git."),
        ("git:old:second", "'second' names no prompt of the revision 'old'; write it as git:old:v2."),
        ("git:old:v2", "There is no prompts/answer/v2.md; there are v1."),
        ("git:old:judge/v1", "The prompt 'judge' is for 'judge'"),
    ],
)
async def test_each_mistake_is_one_sentence(folder: Path, reference: str, says: str) -> None:
    (folder / "binary.md").write_bytes(b"\xff\xfe")
    (folder / "broken.md").write_text("no front matter", encoding="utf-8")
    (folder / "bare.md").write_text(CONDENSE.format(body="Bare.").replace("condense", "answer"), encoding="utf-8")
    place = reference if reference.startswith("absent") else str(folder / reference)
    place = place if reference.endswith(".md") else reference
    with pytest.raises((BadInput, PromptError)) as caught:
        await version(place)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("folder")
async def test_without_git_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BadInput, match="git is not installed here"):
        await version("git:old")


async def test_nothing_but_prompts_is_unpacked(folder: Path) -> None:
    checkout = folder.parent
    (folder / "answer/v3.md").symlink_to("/etc/hostname")
    (folder / "answer/notes.txt").write_text("not a prompt", encoding="utf-8")
    git(checkout, "add", ".")
    git(checkout, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "odd")
    (folder / "answer/v3.md").unlink()
    assert await body("git:HEAD:v2") == "Draft"
    with pytest.raises(PromptError, match=r"no prompts/answer/v3\.md"):
        await version("git:HEAD:v3")


def test_a_runs_name_is_no_version() -> None:
    names = ("live", "v1", "condense/v12", "prompts/answer/try.md", "git:main", "git:main:v2")
    assert all(map(is_version, names))
    assert not any(map(is_version, ("before", "a1b2c3d4", "vivid", "v", "notes.txt", "")))


def test_the_code_is_known_by_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert code() == code()
    monkeypatch.setattr(versions, "PROMPTS", tmp_path / "prompts")
    found = []
    for text in ("a = 1", "a = 2", "a = 1"):
        (tmp_path / "core/deep").mkdir(parents=True, exist_ok=True)
        (tmp_path / "core/deep/module.py").write_text(text, encoding="utf-8")
        found.append(code.__wrapped__())
    assert found[0] == found[2] != found[1]
