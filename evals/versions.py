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
import io
import re
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import BadInput
from core.llm.prompts import PROMPTS, PromptFile, PromptRegistry, read_prompt

MEASURED: Final = ("answer", "condense")
"""The prompts that decide what a question is answered."""
ARCHIVE_LIMIT: Final = 16_000_000
"""Bytes of the prompts in a revision."""

_NUMBERED = re.compile(r"(?:([\w.]+)/)?v(\d+)")


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


async def version(*references: str) -> Version:
    """The version that references name together: those after the first replace single prompts of it.

    Raises:
        PromptError: a prompt is missing or wrong.
        BadInput: a reference cannot be read, or git does not know it.
    """
    base, pinned = PromptRegistry(), dict[str, PromptFile]()
    for reference in references:
        found = await _read(reference)
        if isinstance(found, PromptRegistry):
            base = found
        else:
            pinned[found.front.purpose] = found
    frozen = {name: base.load(name) for name in MEASURED}
    return Version(" + ".join(references) or "live", PromptRegistry(pinned=frozen | pinned))


async def _read(reference: str) -> PromptRegistry | PromptFile:
    """What a reference names: all prompts of a place, or one."""
    if reference == "live":
        return PromptRegistry()
    if reference.startswith("git:"):
        revision, _, number = reference.removeprefix("git:").partition(":")
        return await _in_git(revision, number)
    if numbered := _NUMBERED.fullmatch(reference):
        return _by_number(PromptRegistry(), numbered)
    return _measured(_file(Path(reference)))


def _by_number(registry: PromptRegistry, numbered: re.Match[str]) -> PromptFile:
    return _measured(registry.load(numbered[1] or "answer", int(numbered[2])))


def _file(path: Path) -> PromptFile:
    try:
        source = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            f"{str(path)!r} is no prompt that could be read ({error}); name one as live, v2, git:REVISION or a file."
        ) from None
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
    with tempfile.TemporaryDirectory(prefix="otklik-prompts-") as folder:
        content = await _archive(revision)
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            archive.extractall(folder, filter="data")
        registry = PromptRegistry(Path(folder) / PROMPTS.name)
        if numbered:
            return _by_number(registry, numbered)
        return PromptRegistry(pinned={name: registry.load(name) for name in MEASURED})


async def _archive(revision: str) -> bytes:
    """The folder of prompts at a revision, as a tar file. The revision is an argument of its own: no shell reads it."""
    if revision.startswith("-"):
        raise BadInput(f"{revision!r} is no revision of git.")
    said: Sequence[str] = ("git", "-C", str(PROMPTS.parent), "archive", "--format=tar", revision, PROMPTS.name)
    try:
        git = await asyncio.create_subprocess_exec(
            *said, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, limit=ARCHIVE_LIMIT
        )
    except FileNotFoundError:
        raise BadInput("git is not installed here; name the prompts by file, or install git.") from None
    content, error = await git.communicate()
    if git.returncode:
        line = error.decode(errors="replace").strip().splitlines()[-1:]
        raise BadInput(f"git has no prompts at {revision!r}: {' '.join(line)}.")
    return content
