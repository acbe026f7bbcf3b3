"""From what people said of answers to candidates for cases: votes with their reasons and corrections, what staff replied to
questions that were handed over, and drafts that staff sent.

Nothing becomes a case by itself: a person accepts, edits or rejects each (`evals.candidates`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import numpy as np
from sqlalchemy import RowMapping, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.locks import KEEPING
from core.db.models import EvalCase
from core.db.session import Database, ReadSession
from core.domain.language import language_of
from core.embeddings.base import UnitEmbedding
from core.privacy.types import MaskedText

SAME: Final = 0.94
"""Cosine from which two questions of one scope mean the same. Of 24,248 pairs of labelled questions with no source in common
five reach it, and all five ask the same in other words; the nearest that do not have 0.934. Of 50 pairs with the same
source, which mostly ask for different sides of it, none does."""

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


@dataclass(slots=True)
class Harvested:
    """What a harvest brought; the fields of `otklik evals harvest --json`."""

    new: int = 0
    changed: int = 0
    """Candidates that are known, of which people have said more since."""
    same: int = 0
    """Those that mean what another case asks already."""
    decided: int = 0
    """Those that a person has decided about."""
    by_origin: dict[str, int] = field(default_factory=dict)
    """Of the new ones."""


async def harvest(database: Database, embedder: UnitEmbedding, since: datetime) -> Harvested:
    """Make candidates of what people said since then. Safe to repeat: a source has one candidate, the latest."""
    async with database.reading() as session:
        drafts = await drafted(session, since)
        known = _Known([row async for row in await session.stream_scalars(select(EvalCase))])
    found = Harvested()
    for start in range(0, len(drafts), AT_ONCE):
        piece = drafts[start : start + AT_ONCE]
        vectors = [await embedder.aget_query_embedding(draft.question) for draft in piece]
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
    order = ("staff_reply", "corrected", "suggested", "liked", "disliked", "escalated")
    return sorted([*handed_over, *voted, *sent], key=lambda draft: (order.index(draft.origin), str(draft.source)))


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


class _Known:
    """The cases there are, by their source and by their meaning."""

    def __init__(self, rows: Sequence[EvalCase]) -> None:
        self._states = {row.source: row.state for row in rows}
        self._sources: dict[int | None, list[UUID]] = {}
        self._vectors: dict[int | None, list[Sequence[float]]] = {}
        for row in rows:
            if row.state != "withdrawn":
                self.add(row.source, row.chat_id, row.embedding, row.state)

    def add(self, source: UUID, chat_id: int | None, vector: Sequence[float], state: str = "candidate") -> None:
        """Remember one more."""
        self._states[source] = state
        self._sources.setdefault(chat_id, []).append(source)
        self._vectors.setdefault(chat_id, []).append(vector)

    def state(self, source: UUID) -> str | None:
        """Of the case with this source, if there is one."""
        return self._states.get(source)

    def asks_the_same(self, chat_id: int | None, vector: Sequence[float]) -> bool:
        """Whether another case of the same scope does."""
        held = self._vectors.get(chat_id)
        return bool(held) and float((np.asarray(held) @ np.asarray(vector)).max()) >= SAME


async def _take(session: AsyncSession, draft: Draft, vector: Sequence[float], known: _Known, found: Harvested) -> None:
    match known.state(draft.source):
        case None if known.asks_the_same(draft.chat_id, vector):
            found.same += 1
        case None:
            await session.execute(insert(EvalCase).values(_row(draft, vector)).on_conflict_do_nothing())
            known.add(draft.source, draft.chat_id, vector)
            found.new += 1
            found.by_origin[draft.origin] = found.by_origin.get(draft.origin, 0) + 1
        case "candidate":
            row = _row(draft, vector)
            upsert = insert(EvalCase).values(row)
            differs = EvalCase.origin.is_distinct_from(draft.origin) | EvalCase.reference.is_distinct_from(
                draft.reference
            )
            changed = upsert.on_conflict_do_update(
                index_elements=["source"], set_=row, where=(EvalCase.state == "candidate") & differs
            )
            found.changed += (await session.execute(changed.returning(EvalCase.case_id))).first() is not None
        case _:
            found.decided += 1


def _row(draft: Draft, vector: Sequence[float]) -> dict[str, Any]:
    return {
        "origin": draft.origin,
        "source": draft.source,
        "question_id": draft.question_id,
        "question": draft.question,
        "before": [said for said in draft.before if said],
        "language": language_of(draft.question),
        "chat_id": draft.chat_id,
        "rests_on": list(draft.rests_on),
        "reference": draft.reference,
        "must_refuse": draft.must_refuse,
        "remark": draft.remark,
        "embedding": list(vector),
    }
