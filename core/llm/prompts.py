"""Prompts as files: `prompts/<name>/v<number>.md`, with front matter. The version is a hash of what the file says."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import frontmatter
from jinja2 import StrictUndefined, TemplateError, meta
from jinja2.sandbox import SandboxedEnvironment
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from yaml import YAMLError

from core.llm.errors import PromptError

PROMPTS = Path(__file__).resolve().parents[2] / "prompts"
"""The prompts that come with Otklik."""

VERSION_LENGTH = 12
"""Hexadecimal digits of the SHA-256 that name a version: 48 bits for a handful of files."""

_FILE_NAME = re.compile(r"v(\d+)\.md")

_TEMPLATES = SandboxedEnvironment(  # the text goes to a model, never into a page: there is nothing to escape for
    undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False
)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt ready to be sent: its file and the system text that came of it."""

    name: str
    version: str
    purpose: str
    system: str
    source: str
    """The whole file, kept under its version in `prompt_versions`."""
    max_tokens: int
    model: str | None

    @property
    def reference(self) -> str:
        """As the ledger and `otklik ask` name it."""
        return f"{self.name}@{self.version}"


class FrontMatter(BaseModel):
    """What a prompt file says about itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    purpose: str
    """The purpose that it is written for; a call with another one is a mistake."""
    status: Literal["live", "draft"]
    """A draft is taken only when it is asked for by number, so that it can be measured before anybody meets it."""
    max_tokens: Annotated[int, Field(gt=0)]
    variables: Sequence[str] = ()
    model: str | None = None
    """The model that it needs, where the configured one will not do."""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class PromptFile:
    """A prompt as it stands in its file, checked, with its variables still open."""

    name: str
    version: str
    source: str
    front: FrontMatter
    body: str

    def fill(self, **variables: str) -> Prompt:
        """The prompt with its variables filled in: exactly those that it declares.

        Raises:
            PromptError: one is missing, or is given and not declared.
        """
        declared = set(self.front.variables)
        if missing := sorted(declared - variables.keys()):
            raise PromptError(f"The prompt {self.name!r} needs {', '.join(missing)}; give a value for each.")
        if unknown := sorted(variables.keys() - declared):
            raise PromptError(f"The prompt {self.name!r} has no variable {', '.join(unknown)}; see its front matter.")
        try:
            system = _TEMPLATES.from_string(self.body).render(variables)
        except TemplateError as error:
            raise PromptError(f"The prompt {self.name!r} cannot be filled in: {error}.") from None
        front = self.front
        return Prompt(self.name, self.version, front.purpose, system, self.source, front.max_tokens, front.model)


class PromptRegistry:
    """The prompts of a folder.

    >>> PromptRegistry().load("answer").fill(refusal_marker="NO_ANSWER").purpose
    'answer'
    """

    def __init__(self, folder: Path = PROMPTS, pinned: Mapping[str, PromptFile] | None = None) -> None:
        """`pinned`: what is taken for these names, whatever the folder says is live."""
        self._folder = folder
        self._pinned = pinned or {}

    def load(self, name: str, number: int | None = None) -> PromptFile:
        """The newest live version of a prompt, or the one with a number, be it live or a draft.

        Raises:
            PromptError: there is no such prompt, or its file is wrong; the text names the file.
        """
        if number is None and name in self._pinned:
            return self._pinned[name]
        files = self._files(name)
        if number is not None:
            if number not in files:
                raise PromptError(f"There is no prompts/{name}/v{number}.md; there are {_listed(files)}.")
            return _read(name, files[number])
        for path in (files[each] for each in sorted(files, reverse=True)):
            prompt = _read(name, path)
            if prompt.front.status == "live":
                return prompt
        raise PromptError(f"No version of the prompt {name!r} has `status: live`; there are {_listed(files)}.")

    def _files(self, name: str) -> dict[int, Path]:
        found = sorted((self._folder / name).glob("v*.md"))
        return {int(match[1]): path for path in found if (match := _FILE_NAME.fullmatch(path.name))}


def _listed(files: dict[int, Path]) -> str:
    return ", ".join(f"v{number}" for number in sorted(files)) or "none"


def _read(name: str, path: Path) -> PromptFile:
    shown = f"prompts/{name}/{path.name}"
    try:
        source = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise PromptError(f"{shown} cannot be read: {error}.") from None
    return read_prompt(name, source, shown)


def read_prompt(name: str, source: str, shown: str = "the prompt") -> PromptFile:
    """A prompt from the text of its file. `shown`: what an error calls it.

    Raises:
        PromptError: it is none.
    """
    try:
        metadata, body = frontmatter.parse(source)
        front = FrontMatter.model_validate(metadata)
        used = meta.find_undeclared_variables(_TEMPLATES.parse(body))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise PromptError(f"{shown}: `{where}` in the front matter cannot be used: {first['msg']}.") from None
    except (YAMLError, TemplateError) as error:
        raise PromptError(f"{shown} cannot be read: {error}.") from None
    if used != set(front.variables):
        differing = ", ".join(sorted(used ^ set(front.variables)))
        raise PromptError(f"{shown}: `variables` must list exactly what the text uses; look at {differing}.")
    if not body.strip():
        raise PromptError(f"{shown} has no text below its front matter.")
    version = hashlib.sha256(source.encode()).hexdigest()[:VERSION_LENGTH]
    return PromptFile(name, version, source, front, body.strip())
