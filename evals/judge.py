"""Marks that need a reader: facts in other words, statements without a source, contradictions. By a model, with a prompt of
its own, whose agreement with people is measured (`evals.agreement`)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from core.llm.calls import Call, Purpose
from core.llm.gateway import Door
from core.llm.prompts import Prompt
from core.llm.structured import parse
from core.privacy.types import MaskedText
from evals.cases import Case
from evals.remembering import CaseFailed

FACTS = 20
"""Facts of a case, at most; what is labelled has four."""

Quoted = Annotated[list[Annotated[str, Field(max_length=2_000)]], Field(max_length=10)]


class Verdict(BaseModel):
    """What the judge says of an answer."""

    model_config = ConfigDict(extra="forbid")

    facts: list[bool] = Field(max_length=FACTS)
    """Of each fact, whether the answer says it."""
    unsupported: Quoted
    """Statements that no source supports."""
    contradictions: Quoted
    """Statements that a source contradicts."""
    refuses: bool

    @property
    def faithful(self) -> bool:
        """Whether every statement rests on the sources."""
        return not self.unsupported


@dataclass(frozen=True, slots=True)
class Judged:
    """What a judge is shown. Everything is masked."""

    question: MaskedText
    sources: Sequence[MaskedText]
    facts: Sequence[str]
    """One in its wordings, with ` | ` between."""
    answer: MaskedText


@dataclass(frozen=True, slots=True)
class Judge:
    """A prompt and a model."""

    prompt: Prompt
    model: str

    async def __call__(self, door: Door, judged: Judged) -> Verdict:
        """The verdict.

        Raises:
            CaseFailed: there is none that could be used.
        """
        call = Call(purpose=Purpose.JUDGE, prompt=self.prompt, model=self.model, question=_document(judged))
        verdict = (await parse(door, call, Verdict)).value
        if len(verdict.facts) != len(judged.facts):
            raise CaseFailed(f"The judge marked {len(verdict.facts)} of {len(judged.facts)} facts.")
        return verdict


def facts_in_words(case: Case) -> list[str]:
    """The facts of a case as a judge is told them."""
    return [" | ".join(wordings) for wordings in case.facts]


def _document(judged: Judged) -> MaskedText:
    said = {
        "question": judged.question,
        "sources": list(judged.sources),
        "facts": list(judged.facts),
        "answer": judged.answer,
    }
    return MaskedText(json.dumps(said, ensure_ascii=False, indent=1))
