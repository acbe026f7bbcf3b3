"""Cases from files, frozen by their hashes, and the operator's own from the table."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pydantic import ValidationError
from sqlalchemy import select

from core.db.models import EvalCase
from core.db.session import ReadSession
from core.errors import BadInput
from evals.cases import Case

DATASETS: Final = Path(__file__).with_name("datasets")
"""The datasets that come with Otklik: questions to the sample chats."""
SUMS: Final = DATASETS / "SHA256SUMS"
"""In the form of `sha256sum`, so that `sha256sum -c SHA256SUMS` checks it too."""
SAMPLES: Final = ("sample", "followups", "contradictions", "attacks", "others", "unanswerable")
"""All that ask about the sample chats."""

OWN: Final = "own"
"""Names the accepted cases of this installation; no file has this name."""
SIZE_LIMIT: Final = 64_000_000
"""Bytes of a file. A labelled case has some hundreds."""


def from_file(name: str) -> Sequence[Case]:
    """The cases of a dataset that comes with Otklik, by its name, or of any other file, by its path.

    Raises:
        BadInput: there is none, a line is wrong, or a frozen file was changed; the text says which.
    """
    is_shipped = name in SAMPLES
    path = DATASETS / f"{name}.jsonl" if is_shipped else Path(name)
    content = read_frozen(path) if is_shipped else _read(path)
    return checked(
        [_case(path.name, number, line) for number, line in enumerate(content.split(b"\n"), 1) if line.strip()]
    )


def checked(cases: Sequence[Case]) -> Sequence[Case]:
    """The cases, if each has a name of its own.

    Raises:
        BadInput: two have the same; results could not be told apart.
    """
    twice = [name for name, times in Counter(case.id for case in cases).items() if times > 1]
    if twice:
        raise BadInput(f"Two cases have the id {twice[0]!r}; give each an id of its own.")
    return cases


async def own_cases(session: ReadSession) -> Sequence[Case]:
    """The cases that were harvested here and accepted, the oldest first."""
    accepted = select(EvalCase).where(EvalCase.state == "accepted").order_by(EvalCase.made_at, EvalCase.case_id)
    return [case_of(row) for row in await session.scalars(accepted)]


def case_of(row: EvalCase) -> Case:
    """A harvested case in the form of the datasets.

    Raises:
        ValidationError: it does not say yet what a right answer is.
    """
    vetted = tuple(one for one in row.rests_on if one.startswith("vetted:"))
    pairs = (one.rsplit(":", 1) for one in row.rests_on if one not in vetted)
    return Case(
        id=str(row.case_id),
        question=row.question,
        before=tuple(row.before),
        language=row.language,
        chat_id=row.chat_id,
        relevant_messages=() if row.must_refuse else tuple((int(chat), int(message)) for chat, message in pairs),
        relevant_units=() if row.must_refuse else vetted,
        facts=tuple(tuple(fact) for fact in row.facts),
        reference=row.reference,
        must_refuse=row.must_refuse,
        must_not_say=tuple(row.must_not_say),
        tags=(row.origin,),
        source=f"{row.origin}:{row.source}",
    )


def read_frozen(path: Path) -> bytes:
    """A file that comes with Otklik, if it is as it was frozen.

    Raises:
        BadInput: it is not.
    """
    content = _read(path)
    _check_frozen(path, content)
    return content


def frozen_sums() -> dict[str, str]:
    """SHA-256 by file name, as they are written down."""
    pairs = (line.split() for line in SUMS.read_text(encoding="utf-8").splitlines())
    return {name: digest for digest, name in pairs}


def _check_frozen(path: Path, content: bytes) -> None:
    if frozen_sums().get(path.name) != hashlib.sha256(content).hexdigest():
        raise BadInput(
            f"{path.name} is not what {SUMS.name} says: figures from before would be compared with those of other "
            f"questions. Undo the change, or run `sha256sum *.jsonl > {SUMS.name}` beside it and let the change be reviewed."
        )


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise BadInput(
            f"The dataset {str(path)!r} cannot be read: {error.strerror}. There are {OWN}, {', '.join(SAMPLES)}; any other is "
            "named by its path."
        ) from None
    if len(content) > SIZE_LIMIT:
        raise BadInput(f"{path} is larger than {SIZE_LIMIT} bytes; is it the right file?")
    return content


def _case(file: str, number: int, line: bytes) -> Case:
    try:
        return Case.model_validate(json.loads(line))
    except ValueError as error:
        first = error.errors(include_input=False, include_url=False)[0] if isinstance(error, ValidationError) else None
        what = f"{'.'.join(map(str, first['loc'])) or 'the case'}: {first['msg']}" if first else str(error)
        raise BadInput(f"{file}, line {number}: {what.replace('Value error, ', '')}.") from None
