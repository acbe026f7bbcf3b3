"""What a person decides about harvested cases: accept, edit, reject; and accepted ones in the form of a dataset."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import String, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.models import EvalCase
from core.db.session import ReadSession
from core.domain.language import language_of
from core.errors import BadInput
from core.privacy.types import MaskedText
from evals.cases import FACTS, Fact, Question, Short
from evals.loading import case_of

OPEN = ("candidate", "accepted", "rejected")
"""A withdrawn case has no words any more: there is nothing to decide."""


class Edited(BaseModel):
    """What a person may change of a case."""

    model_config = ConfigDict(extra="forbid")

    question: Question
    before: list[Question]
    reference: Annotated[str, Field(max_length=4_096)]
    facts: Annotated[list[Fact], Field(max_length=FACTS)]
    must_refuse: bool
    must_not_say: list[Short]


@dataclass(frozen=True, slots=True)
class Shown:
    """A case as a person looks at it."""

    case_id: UUID
    origin: str
    state: str
    chat_id: int | None
    question: MaskedText
    before: Sequence[str]
    reference: str
    facts: Sequence[Sequence[str]]
    must_refuse: bool
    must_not_say: Sequence[str]
    remark: str
    made_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    is_whole: bool
    """It says what a right answer is: it can be accepted as it stands."""


async def shown(session: ReadSession, state: str, limit: int) -> Sequence[Shown]:
    """The cases in a state, the oldest first, without what only the harvest needs."""
    return [
        Shown(
            case_id=row.case_id,
            origin=row.origin,
            state=row.state,
            chat_id=row.chat_id,
            question=MaskedText(row.question),
            before=row.before,
            reference=row.reference,
            facts=row.facts,
            must_refuse=row.must_refuse,
            must_not_say=row.must_not_say,
            remark=row.remark,
            made_at=row.made_at,
            decided_at=row.decided_at,
            decided_by=row.decided_by,
            is_whole=_is_whole(row),
        )
        for row in await waiting(session, limit, state)
    ]


def _is_whole(row: EvalCase) -> bool:
    try:
        case_of(row)
    except ValidationError:
        return False
    return True


async def waiting(session: ReadSession, limit: int, state: str = "candidate") -> Sequence[EvalCase]:
    """The cases in a state, the oldest first."""
    found = select(EvalCase).where(EvalCase.state == state).order_by(EvalCase.made_at, EvalCase.case_id).limit(limit)
    return (await session.scalars(found)).all()


async def find(session: ReadSession | AsyncSession, name: str) -> EvalCase:
    """The case whose id begins so.

    Raises:
        BadInput: there is none, or more than one, or its words are gone.
    """
    begins = cast(EvalCase.case_id, String).startswith(name.lower(), autoescape=True)
    found = (await session.scalars(select(EvalCase).where(begins).limit(2))).all()
    if len(found) != 1 or not name:
        raise BadInput(f"{'No' if not found else 'More than one'} case has an id that begins with {name!r}.")
    if found[0].state not in OPEN:
        raise BadInput(f"The case {name} was withdrawn: a message that it rested on was deleted.")
    return found[0]


async def accept(session: AsyncSession, case_id: UUID, by: str) -> None:
    """From now on answers are measured by it.

    Raises:
        BadInput: it does not say yet what a right answer is.
    """
    row = await _locked(session, case_id)
    try:
        case_of(row)
    except ValidationError as error:
        what = error.errors(include_input=False, include_url=False)[0]["msg"].removeprefix("Value error, ")
        raise BadInput(f"The case cannot be accepted: {what}. Edit it first.") from None
    row.state, row.decided_at, row.decided_by = "accepted", func.now(), by


async def reject(session: AsyncSession, case_id: UUID, by: str) -> None:
    """It says nothing worth measuring, and is not harvested again."""
    row = await _locked(session, case_id)
    row.state, row.decided_at, row.decided_by = "rejected", func.now(), by


async def edit(session: AsyncSession, case_id: UUID, changed: Edited, masked: Callable[[str], MaskedText]) -> None:
    """Change its words; it waits to be accepted (again) then. What a person writes is masked like everything.

    Raises:
        BadInput: the case is gone.
        MaskingError: something could not be masked; nothing was changed.
    """
    row = await _locked(session, case_id)
    row.question = masked(changed.question)
    row.language = language_of(row.question)
    row.before = [masked(said) for said in changed.before]
    row.reference = masked(changed.reference) if changed.reference else ""
    row.facts = [[masked(wording) for wording in fact] for fact in changed.facts]
    row.must_refuse = changed.must_refuse
    row.must_not_say = [masked(wording) for wording in changed.must_not_say]
    row.edited_at = func.now()
    row.state, row.decided_at, row.decided_by = "candidate", None, None


def editable(row: EvalCase) -> str:
    """A case as a person edits it: JSON, with what may be changed."""
    fields = {name: getattr(row, name) for name in Edited.model_fields}
    return json.dumps(fields, ensure_ascii=False, indent=2)


def edited(words: str) -> Edited:
    """What a person made of it.

    Raises:
        BadInput: it is not the JSON of a case any more.
    """
    try:
        return Edited.model_validate_json(words)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the case"
        raise BadInput(f"The case stays as it was: {where}: {first['msg']}.") from None


def exported(rows: Sequence[EvalCase]) -> str:
    """Cases as the lines of a dataset."""
    lines: list[Mapping[str, Any]] = [case_of(row).model_dump(mode="json") for row in rows]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


async def _locked(session: AsyncSession, case_id: UUID) -> EvalCase:
    row = await session.get(EvalCase, case_id, with_for_update=True)
    if row is None or row.state not in OPEN:
        raise BadInput("The case is gone: a message or a person that it rested on was deleted.")
    return row
