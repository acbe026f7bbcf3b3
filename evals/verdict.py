"""What a judge says of an answer. Pure."""

from functools import cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, create_model

Quoted = Annotated[list[Annotated[str, Field(max_length=2_000)]], Field(max_length=10)]


class Verdict(BaseModel):
    """The marks of one answer."""

    model_config = ConfigDict(extra="forbid")

    facts: list[bool]
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


@cache
def verdict_on(facts: int) -> type[Verdict]:
    """What is asked of a judge who is shown so many facts: a mark for each, no more and no less.

    >>> len(verdict_on(2)(facts=[True, False], unsupported=[], contradictions=[], refuses=False).facts)
    2
    """
    return create_model("Verdict", __base__=Verdict, facts=(list[bool], Field(min_length=facts, max_length=facts)))
