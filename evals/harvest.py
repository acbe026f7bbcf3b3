"""From what people said of answers to candidates for cases: votes with their reasons and corrections, what staff replied to
questions that were handed over, and drafts that staff sent.

Nothing becomes a case by itself: a person accepts, edits or rejects each (`evals.candidates`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import RowMapping, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.locks import KEEPING
from core.db.models import EvalCase
from core.db.session import Database, ReadSession
from core.domain.language import language_of
from core.embeddings.base import UnitEmbedding
from core.privacy.types import MaskedText

ORDER: Final = ("staff_reply", "corrected", "suggested", "liked", "disliked", "escalated")
"""Origins, the most telling first: of two that ask the same the first becomes the case."""
SAME: Final = 0.94
"""Cosine from which two questions of one scope mean the same. Of 24,248 pairs of labelled questions with no source in common
five reach it, and all five ask the same in other words; the nearest that do not have 0.934. Of 50 pairs with the same
source, which mostly ask for different sides of it, none does."""

CONTENT: Final = ("origin", "question", "before", "reference", "must_refuse", "rests_on", "remark")
"""The columns that a later harvest may have more to say about."""
AT_ONCE: Final = 500
"""Candidates that are stored in one transaction."""

_CHAIN = """
    ARRAY(
        WITH RECURSIVE chain AS (
            SELECT question_id, follows, 1 AS back FROM questions WHERE question_id = q.follows
            UNION ALL
            SELECT p.question_id, p.follows, back + 1 FROM questions AS p JOIN chain ON p.question_id = chain.follows
            WHERE back < 3
        )
        SELECT string_agg(m.text, E'\\n' ORDER BY m.message_id)
        FROM chain JOIN question_messages AS m USING (question_id) GROUP BY back ORDER BY back DESC
    )
"""
_SCOPE = "CASE WHEN q.role = 'client' THEN q.chat_id END"
_CITED = """
    ARRAY(
        SELECT DISTINCT c.chat_id || ':' || id FROM citations AS c, unnest(c.message_ids) AS id WHERE c.answer_id = {answer}
        UNION SELECT c.unit_id FROM citations AS c WHERE c.answer_id = {answer} AND c.message_ids = '{{}}'
    ) AS cited
"""
_VETTED = "ARRAY(SELECT 'vetted:' || v.vetted_id FROM vetted_answers AS v WHERE v.source = {source}) AS vetted"

_VOTED = text(f"""
    SELECT a.answer_id AS source, q.question_id, a.question, {_CHAIN} AS before, {_SCOPE} AS chat_id, a.refused,
        CASE WHEN a.model IS NULL AND NOT a.refused THEN substr(a.answer, strpos(a.answer, E'\\n\\n') + 2)
            ELSE a.answer END AS answer,
        votes.*, {_VETTED.format(source="a.answer_id")}, {_CITED.format(answer="a.answer_id")}
    FROM answers AS a JOIN questions AS q ON q.question_id = a.question_id
    JOIN LATERAL (
        SELECT count(*) FILTER (WHERE vote = 1) AS ups, count(*) FILTER (WHERE vote = -1) AS downs,
            array_remove(array_agg(DISTINCT reason), NULL) AS reasons,
            (array_agg(correction ORDER BY role = 'client', voted_at DESC) FILTER (WHERE correction IS NOT NULL))[1]
                AS correction,
            max(voted_at) AS said_at
        FROM feedback WHERE feedback.answer_id = a.answer_id
    ) AS votes ON votes.ups + votes.downs > 0
    WHERE a.question <> '' AND a.source_deleted_at IS NULL AND votes.said_at >= :since
""")  # noqa: S608 - only the constants above are put in

_HANDED_OVER = text(f"""
    SELECT h.handover_id AS source, q.question_id, said.question, {_CHAIN} AS before, {_SCOPE} AS chat_id, h.reply,
        {_VETTED.format(source="h.handover_id")}
    FROM handovers AS h JOIN questions AS q USING (question_id)
    JOIN LATERAL (
        SELECT string_agg(m.text, E'\\n' ORDER BY m.message_id) AS question
        FROM question_messages AS m WHERE m.question_id = q.question_id
    ) AS said ON said.question IS NOT NULL
    WHERE coalesce(h.answered_at, h.opened_at) >= :since AND h.reply IS DISTINCT FROM ''
""")  # noqa: S608

_SENT = text(f"""
    SELECT s.suggestion_id AS source, m.text AS question, s.chat_id, s.draft,
        s.chat_id || ':' || s.message_id AS asked, {_CITED.format(answer="s.answer_id")}
    FROM suggestions AS s JOIN messages AS m USING (chat_id, message_id)
    WHERE s.state = 'sent' AND s.draft <> '' AND s.decided_at >= :since
""")  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A candidate before it is stored."""

    origin: str
    source: UUID
    question_id: UUID | None
    question: MaskedText
    before: Sequence[str] = ()
    chat_id: int | None
    reference: str = ""
    must_refuse: bool = False
    rests_on: Sequence[str] = ()
    remark: str = ""

    @property
    def meaning(self) -> str:
        """What is embedded: the question behind what it follows, without which "and then?" always means the same."""
        return "\n".join((*self.before, self.question))


@dataclass(slots=True)
class Harvested:
    """What a harvest brought; the fields of `otklik evals harvest --json`."""

    new: int = 0
    changed: int = 0
    """Candidates that are known, of which people have said more since."""
    same: int = 0
    """Those that mean what another case asks already."""
    decided: int = 0
    """Those that a person has edited or decided about."""
    by_origin: dict[str, int] = field(default_factory=dict)
    """Of the new ones."""


async def harvest(database: Database, embedder: UnitEmbedding, since: datetime) -> Harvested:
    """Make candidates of what people said since then. Safe to repeat: a source has one candidate, the latest."""
    async with database.reading() as session:
        drafts = await drafted(session, since)
        known = _Known([row async for row in await session.stream_scalars(select(EvalCase))])
    found = Harvested()
    for start in range(0, len(drafts), AT_ONCE):
        piece = [draft for draft in drafts[start : start + AT_ONCE] if known.wants(draft, found)]
        vectors = [await embedder.aget_query_embedding(draft.meaning) for draft in piece]
        async with database.transaction() as session:
            await session.execute(KEEPING)
            # What was deleted while the questions were embedded is not there any more, or has other words.
            still = {draft.source: draft for draft in await drafted(ReadSession(session), since)}
            for draft, vector in zip(piece, vectors, strict=True):
                if still.get(draft.source) == draft:
                    await _take(session, draft, vector, known, found)
    return found


async def drafted(session: ReadSession, since: datetime) -> Sequence[Draft]:
    """All candidates that the tables have, the most telling of each question first."""
    values = {"since": since}
    handed_over = [_from_handover(row) for row in (await session.execute(_HANDED_OVER, values)).mappings()]
    voted = [_from_votes(row) for row in (await session.execute(_VOTED, values)).mappings()]
    sent = [_from_suggestion(row) for row in (await session.execute(_SENT, values)).mappings()]
    return sorted([*handed_over, *voted, *sent], key=lambda draft: (ORDER.index(draft.origin), str(draft.source)))


def _from_votes(row: RowMapping) -> Draft:
    """What the votes say together: a correction weighs most, then a "no"."""
    common: dict[str, Any] = {
        "source": row["source"],
        "question_id": row["question_id"],
        "question": MaskedText(row["question"]),
        "before": row["before"],
        "chat_id": row["chat_id"],
        "remark": ", ".join(sorted(row["reasons"] or ())),
    }
    if row["correction"]:
        return Draft(origin="corrected", reference=row["correction"], rests_on=row["vetted"], **common)
    if row["downs"]:
        return Draft(origin="disliked", must_refuse="should_not_have_said" in (row["reasons"] or ()), **common)
    if row["refused"]:
        return Draft(origin="liked", must_refuse=True, **common)
    return Draft(origin="liked", reference=row["answer"], rests_on=row["cited"], **common)


def _from_handover(row: RowMapping) -> Draft:
    return Draft(
        origin="escalated" if row["reply"] is None else "staff_reply",
        source=row["source"],
        question_id=row["question_id"],
        question=MaskedText(row["question"]),
        before=row["before"],
        chat_id=row["chat_id"],
        reference=row["reply"] or "",
        rests_on=row["vetted"],
    )


def _from_suggestion(row: RowMapping) -> Draft:
    """It is gone with the client's message, too."""
    return Draft(
        origin="suggested",
        source=row["source"],
        question_id=None,
        question=MaskedText(row["question"]),
        chat_id=row["chat_id"],
        reference=row["draft"],
        rests_on=[*row["cited"], row["asked"]],
    )


@dataclass(slots=True)
class _Held:
    """A case that is there."""

    source: UUID
    origin: str
    content: dict[str, Any]
    is_open: bool
    """Nobody has edited it or decided about it."""


class _Known:
    """The cases there are, by their source and by their meaning."""

    def __init__(self, rows: Sequence[EvalCase]) -> None:
        self._by_source: dict[UUID, _Held] = {}
        self._scopes: dict[tuple[int | None, int], _Scope] = {}
        for row in rows:
            content = {name: getattr(row, name) for name in CONTENT}
            held = _Held(row.source, row.origin, content, row.state == "candidate" and row.edited_at is None)
            self._by_source[row.source] = held
            if row.state != "withdrawn":
                self._scope(row.chat_id, row.embedding).add(held, row.embedding)

    def wants(self, draft: Draft, found: Harvested) -> bool:
        """Whether a draft may bring something: it is new, or says more than the open case with its source."""
        held = self._by_source.get(draft.source)
        if held is not None and not held.is_open:
            found.decided += 1
        return held is None or (held.is_open and held.content != _content(draft))

    def of(self, draft: Draft) -> _Held | None:
        """The case with its source."""
        return self._by_source.get(draft.source)

    def nearest(self, draft: Draft, vector: Sequence[float]) -> _Held | None:
        """A case of the same scope that asks the same."""
        return self._scope(draft.chat_id, vector).nearest(vector)

    def put(self, draft: Draft, vector: Sequence[float], place: _Held | None) -> None:
        """Remember what was stored, as a case of its own or in the place of one."""
        if place is None:
            place = _Held(draft.source, draft.origin, _content(draft), is_open=True)
            self._scope(draft.chat_id, vector).add(place, vector)
        place.source, place.origin, place.content = draft.source, draft.origin, _content(draft)
        self._by_source[draft.source] = place

    def _scope(self, chat_id: int | None, vector: Sequence[float]) -> "_Scope":
        """Vectors of another length are of another model, and say nothing about these."""
        return self._scopes.setdefault((chat_id, len(vector)), _Scope(len(vector)))


class _Scope:
    """The meanings of one scope's cases, in a matrix that doubles when it is full: ten thousand are compared in 4 ms."""

    def __init__(self, dimension: int) -> None:
        self._held: list[_Held] = []
        self._vectors: NDArray[np.float32] = np.zeros((64, dimension), np.float32)

    def add(self, held: _Held, vector: Sequence[float]) -> None:
        """One more."""
        if len(self._held) == len(self._vectors):
            self._vectors = np.concatenate([self._vectors, np.zeros_like(self._vectors)])
        self._vectors[len(self._held)] = vector
        self._held.append(held)

    def nearest(self, vector: Sequence[float]) -> _Held | None:
        """The one that means the same, if there is one."""
        if not self._held:
            return None
        cosines = self._vectors[: len(self._held)] @ np.asarray(vector, np.float32)
        best = int(cosines.argmax())
        return self._held[best] if cosines[best] >= SAME else None


async def _take(session: AsyncSession, draft: Draft, vector: Sequence[float], known: _Known, found: Harvested) -> None:
    """Store a draft: as a new case, or in the place of what it says more than."""
    place = known.of(draft)
    if place is None:
        place = known.nearest(draft, vector)
        if place is not None and not (place.is_open and ORDER.index(draft.origin) < ORDER.index(place.origin)):
            found.same += 1
            return
    row = _content(draft) | {
        "source": draft.source,
        "question_id": draft.question_id,
        "chat_id": draft.chat_id,
        "language": language_of(draft.question),
        "embedding": list(vector),
    }
    if not await _is_stored(session, row, place):
        return  # another harvest was faster, or a person has just decided
    if place is None:
        found.new += 1
        found.by_origin[draft.origin] = found.by_origin.get(draft.origin, 0) + 1
    else:
        found.changed += 1
    known.put(draft, vector, place)


async def _is_stored(session: AsyncSession, row: Mapping[str, Any], place: _Held | None) -> bool:
    if place is None:
        added = insert(EvalCase).values(row).on_conflict_do_nothing(index_elements=["source"])
        return (await session.execute(added.returning(EvalCase.case_id))).first() is not None
    is_open = (EvalCase.state == "candidate", EvalCase.edited_at.is_(None))
    changed = update(EvalCase).where(EvalCase.source == place.source, *is_open).values(row)
    return (await session.execute(changed.returning(EvalCase.case_id))).first() is not None


def _content(draft: Draft) -> dict[str, Any]:
    """The columns `CONTENT` of its row."""
    return {
        "origin": draft.origin,
        "question": draft.question,
        "before": [said for said in draft.before if said],
        "reference": draft.reference,
        "must_refuse": draft.must_refuse,
        "rests_on": sorted(draft.rests_on),
        "remark": draft.remark,
    }
