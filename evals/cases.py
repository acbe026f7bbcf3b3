"""A case: a question with what is known of its right answer."""

import hashlib
import json
from collections.abc import Iterable
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.domain.access import AccessScope
from core.domain.language import Language

Short = Annotated[str, Field(min_length=1, max_length=500)]
Fact = Annotated[tuple[Short, ...], Field(min_length=1)]
Question = Annotated[str, Field(min_length=1, max_length=4_096)]

FACTS = 20
"""Facts of a case, at most; what is labelled has four."""
FINGERPRINT = 16
"""Hexadecimal digits of a SHA-256 that name a set of cases."""


class Case(BaseModel):
    """One line of a dataset. `evals/datasets/README.md` tells what each field is for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(min_length=1, max_length=64)]
    question: Question
    before: tuple[Question, ...] = ()
    """What the same person asked just before, the oldest first."""
    language: Language
    """Of the question, and so of the answer."""
    chat_id: int | None = None
    """The chat of a client, who may see nothing else but what is public; None for staff, who may see all."""
    relevant_messages: tuple[tuple[int, int], ...] = ()
    """`(chat, message)`: a source that holds one of them is right."""
    relevant_units: tuple[str, ...] = ()
    """Units that are right and hold no message: vetted answers."""
    facts: Annotated[tuple[Fact, ...], Field(max_length=FACTS)] = ()
    """What a right answer says: of each fact some wordings, any one of which counts."""
    reference: Annotated[str, Field(max_length=4_096)] = ""
    """A right answer, as a colleague would put it."""
    must_refuse: bool = False
    """The history does not answer it, or not to this asker."""
    must_not_say: tuple[Short, ...] = ()
    """Wordings that a right answer never has: an outdated value, another client's datum, the payload of an attack."""
    tags: tuple[str, ...] = ()
    source: str = ""
    """Where the case is from."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        known = self.relevant_messages or self.relevant_units
        if self.must_refuse and (known or self.facts):
            raise ValueError("a case with `must_refuse` has no relevant messages and no facts")
        if not self.must_refuse and not (known or self.facts or self.reference):
            raise ValueError("nothing is known of the right answer; give relevant_messages, facts or a reference")
        return self

    @property
    def scope(self) -> AccessScope:
        """What the asker may search."""
        return AccessScope.operator() if self.chat_id is None else AccessScope.client(self.chat_id)


def fingerprint(cases: Iterable[Case]) -> str:
    """Names a set of cases by all that they say, in whatever order they come."""
    lines = sorted(json.dumps(case.model_dump(mode="json"), ensure_ascii=False, sort_keys=True) for case in cases)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:FINGERPRINT]
