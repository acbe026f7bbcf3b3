"""Marks that need a reader: facts in other words, statements without a source, contradictions. By a model, with a prompt of
its own, whose agreement with people is measured (`evals.agreement`)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from core.llm.calls import Call, Purpose
from core.llm.errors import SchemaBroken
from core.llm.prompts import Prompt
from core.llm.structured import parse
from core.privacy.types import MaskedText
from evals.cases import Case
from evals.remembering import CaseFailed, Remembering
from evals.verdict import Verdict, verdict_on


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

    @property
    def reference(self) -> str:
        """As runs name it: marks of two different judges say nothing about each other."""
        return f"{self.prompt.reference} {self.model}"

    async def __call__(self, door: Remembering, judged: Judged) -> Verdict:
        """The verdict.

        Raises:
            CaseFailed: there is none that could be used.
            NotAsked: it was not asked.
        """
        call = Call(purpose=Purpose.JUDGE, prompt=self.prompt, model=self.model, question=_document(judged))
        try:
            return (await parse(door, call, verdict_on(len(judged.facts)))).value
        except SchemaBroken as error:
            await door.forget_marks()  # remembered, they would be what the next try gets too
            raise CaseFailed(str(error)) from error


def facts_in_words(case: Case) -> list[str]:
    """What a judge looks for: the facts of a case, or where nobody has taken it apart its reference."""
    return [" | ".join(wordings) for wordings in case.facts] or ([case.reference] if case.reference else [])


def _document(judged: Judged) -> MaskedText:
    said = {
        "question": judged.question,
        "sources": list(judged.sources),
        "facts": list(judged.facts),
        "answer": judged.answer,
    }
    return MaskedText(json.dumps(said, ensure_ascii=False, indent=1))
