"""What can be measured: a version of the prompts, as it stands here, in a file, or in a revision of git.

| reference | means |
|---|---|
| `live` | the newest live prompts of the working copy |
| `v2` | `prompts/answer/v2.md` of the working copy, be it live or a draft; `condense/v2` for another name |
| `path/to/prompt.md` | any file; its front matter says what it is for |
| `git:main` | the newest live prompts of a revision |
| `git:main:v2` | one prompt of a revision |
"""

import asyncio
import hashlib
import io
import re
import tarfile
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from assistant.answering.means import filled
from core.errors import BadInput
from core.llm.prompts import PROMPTS, PromptFile, PromptRegistry, read_prompt

MEASURED: Final = ("answer", "condense")
"""The prompts that decide what a question is answered."""
CODE: Final = ("core", "assistant", "evals")
"""The packages that answer and mark."""

_NUMBERED = re.compile(r"(?:([\w.]+)/)?v(\d{1,6})")
_PROMPT = re.compile(rf"{PROMPTS.name}/(\w[\w.]*/v\d+\.md)")


@dataclass(frozen=True, slots=True)
class Version:
    """A prompt for each of `MEASURED`."""

    label: str
    """As it was asked for."""
    prompts: PromptRegistry

    def references(self) -> dict[str, str]:
        """By name: `name@hash`."""
        found = (self.prompts.load(name) for name in MEASURED)
        return {prompt.name: f"{prompt.name}@{prompt.version}" for prompt in found}

    def model_or(self, usual: str) -> str:
        """The model that answers are written with: the one that the prompt itself names, or else the usual one."""
        return self.prompts.load("answer").front.model or usual


def is_version(reference: str) -> bool:
    """Whether this names prompts. A run must not be called so: one would be taken for the other.

    >>> [is_version(name) for name in ("live", "v2", "condense/v2", "try.md", "git:main", "before")]
    [True, True, True, True, True, False]
    """
    return (
        reference == "live"
        or reference.startswith("git:")
        or reference.endswith(".md")
        or _NUMBERED.fullmatch(reference) is not None
    )


async def version(*references: str) -> Version:
    """The version that references name together: single prompts take the place of those in the whole set before them, which
    is the live one where none is named.

    Raises:
        PromptError: a prompt is missing or wrong.
        BadInput: a reference cannot be read, or git does not know it.
    """
    base, pinned = PromptRegistry(), dict[str, PromptFile]()
    for reference in references:
        found = await _read(reference)
        if isinstance(found, PromptRegistry):
            base, pinned = found, {}
        else:
            pinned[found.front.purpose] = found
    frozen = {name: pinned.get(name) or base.load(name) for name in MEASURED}
    filled(frozen["answer"])  # one that cannot be sent is told before anything is paid
    frozen["condense"].fill()
    return Version(" + ".join(references) or "live", PromptRegistry(pinned=frozen))


@cache
def code() -> str:
    """Names the code of this process: figures of two differ where a change of retrieval or marking does."""
    digest = hashlib.sha256()
    for path in sorted(path for name in CODE for path in (PROMPTS.parent / name).rglob("*.py")):
        digest.update(path.relative_to(PROMPTS.parent).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


async def _read(reference: str) -> PromptRegistry | PromptFile:
    """What a reference names: all prompts of a place, or one."""
    if reference == "live":
        return PromptRegistry()
    if reference.startswith("git:"):
        revision, _, number = reference.removeprefix("git:").partition(":")
        return await _in_git(revision, number)
    if numbered := _NUMBERED.fullmatch(reference):
        return _by_number(PromptRegistry(), numbered)
    if is_version(reference):
        return _measured(_file(Path(reference)))
    raise BadInput(
        f"{reference!r} names no prompt; write it as live, v2, condense/v2, FILE.md, git:REVISION or git:REVISION:v2."
    )


def _by_number(registry: PromptRegistry, numbered: re.Match[str]) -> PromptFile:
    return _measured(registry.load(numbered[1] or "answer", int(numbered[2])))


def _file(path: Path) -> PromptFile:
    try:
        source = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise BadInput(f"The prompt {str(path)!r} cannot be read: {why}.") from None
    purpose = read_prompt("answer", source, str(path)).front.purpose
    return read_prompt(purpose, source, str(path))


def _measured(prompt: PromptFile) -> PromptFile:
    if prompt.front.purpose not in MEASURED:
        raise BadInput(
            f"The prompt {prompt.name!r} is for {prompt.front.purpose!r}; measured are those for {' and '.join(MEASURED)}."
        )
    return prompt


async def _in_git(revision: str, number: str) -> PromptRegistry | PromptFile:
    numbered = _NUMBERED.fullmatch(number) if number else None
    if number and numbered is None:
        raise BadInput(f"{number!r} names no prompt of the revision {revision!r}; write it as git:{revision}:v2.")
    content = await _archive(revision)
    with tempfile.TemporaryDirectory(prefix="otklik-prompts-") as folder:
        _unpack(content, Path(folder))
        registry = PromptRegistry(Path(folder))
        if numbered:
            return _by_number(registry, numbered)
        return PromptRegistry(pinned={name: registry.load(name) for name in MEASURED})


def _unpack(content: bytes, folder: Path) -> None:
    """Write the prompts of an archive, and nothing else that is in it. (Python 3.11.2, which Debian 12 has, knows no filter
    for `extractall`.)"""
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for member in archive:
            prompt = _PROMPT.fullmatch(member.name)
            file = archive.extractfile(member) if prompt and member.isfile() else None
            if prompt and file:
                path = folder / prompt[1]
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(file.read())


async def _archive(revision: str) -> bytes:
    """The folder of prompts at a revision, as a tar file. The revision is an argument of its own: no shell reads it."""
    if not revision or revision.startswith("-"):
        raise BadInput(f"{revision!r} is no revision of git.")
    said = ("git", "-C", str(PROMPTS.parent), "archive", "--format=tar", revision, PROMPTS.name)
    try:
        git = await asyncio.create_subprocess_exec(
            *said, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
    except FileNotFoundError:
        raise BadInput("git is not installed here; name the prompts by file, or install git.") from None
    content, error = await git.communicate()
    if git.returncode:
        line = error.decode(errors="replace").strip().splitlines()[-1:]
        raise BadInput(f"git has no prompts at {revision!r}: {' '.join(line)}.")
    return content
