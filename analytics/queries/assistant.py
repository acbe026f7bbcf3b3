"""*Assistant*: what the bot was asked, what became of it, how its answers are liked, and what it could not answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text

from analytics.gaps import Asked, Gap, gaps_in
from analytics.queries.fetching import fetched
from analytics.queries.inputs import SEEN_ANSWER, Period, Step, scoped, seen
from core.db.session import ReadSession
from core.domain.access import AccessScope
from core.domain.chats import message_link
from core.index.vectors import vector_literal
from core.privacy.types import MaskedText

QUESTIONS = 500
"""Refused questions that are looked at for gaps, the latest of the period."""
GAPS = 20
"""Gaps that are shown, the largest."""

# A question that was edited has an answer for each edition: the latest counts. A draft that nobody asked for is no question.
_COUNTED = f"""
    answers a LEFT JOIN questions q ON q.answer_id = a.answer_id
    WHERE a.asked_at >= :since AND a.asked_at < :until AND {SEEN_ANSWER}
        AND (a.question_id IS NULL OR q.question_id IS NOT NULL) AND a.scope->>'channel' IS DISTINCT FROM 'suggestion'
"""

_QUESTIONS = text(f"""
    SELECT date_trunc(:step, a.asked_at, :zone) AS at, count(*) AS asked, count(*) FILTER (WHERE a.refused) AS refused,
        count(*) FILTER (WHERE NOT a.refused AND a.model IS NULL) AS quoted,
        count(*) FILTER (WHERE EXISTS (SELECT FROM handovers h WHERE h.question_id = q.question_id)) AS handed_over
    FROM {_COUNTED} GROUP BY 1 ORDER BY 1
""")  # noqa: S608 - only the conditions of this package are put in

_VOTES = text(f"""
    SELECT date_trunc(:step, f.voted_at, :zone) AS at, a.prompt, count(*) FILTER (WHERE f.vote = 1) AS up,
        count(*) FILTER (WHERE f.vote = -1) AS down
    FROM feedback f JOIN answers a USING (answer_id)
    WHERE f.voted_at >= :since AND f.voted_at < :until AND {SEEN_ANSWER}
    GROUP BY 1, 2 ORDER BY 1, 2 NULLS LAST
""")  # noqa: S608

_PROMPTS = text(f"""
    SELECT a.prompt, count(*) AS answers, min(a.asked_at) AS first_at, max(a.asked_at) AS last_at,
        CAST(coalesce(sum(v.up), 0) AS bigint) AS up, CAST(coalesce(sum(v.down), 0) AS bigint) AS down
    FROM answers a LEFT JOIN (
        SELECT answer_id, count(*) FILTER (WHERE vote = 1) AS up, count(*) FILTER (WHERE vote = -1) AS down
        FROM feedback GROUP BY answer_id
    ) AS v USING (answer_id)
    WHERE a.asked_at >= :since AND a.asked_at < :until AND NOT a.refused AND {SEEN_ANSWER}
    GROUP BY 1 ORDER BY max(a.asked_at) DESC, 1
""")  # noqa: S608

_REASONS = text(f"""
    SELECT coalesce(f.reason, 'none') AS reason, count(*) AS votes, count(f.correction) AS corrections
    FROM feedback f JOIN answers a USING (answer_id)
    WHERE f.vote = -1 AND f.voted_at >= :since AND f.voted_at < :until AND {SEEN_ANSWER}
    GROUP BY 1 ORDER BY 2 DESC, 1
""")  # noqa: S608

_ANSWERS = text(f"""
    SELECT a.answer_id, a.asked_at, q.chat_id, c.title AS chat, a.scope->>'channel' AS channel, a.question, a.answer,
        a.refused, a.language, a.prompt, a.model, a.evidence->>'reason' AS reason,
        CAST(a.latency_ms->>'total' AS bigint) AS latency_ms, a.source_deleted_at, h.state AS handover,
        (SELECT count(*) FROM feedback f WHERE f.answer_id = a.answer_id AND f.vote = 1) AS up,
        (SELECT count(*) FROM feedback f WHERE f.answer_id = a.answer_id AND f.vote = -1) AS down,
        ARRAY(SELECT jsonb_build_array(s.chat_id, s.message_ids[1]) FROM citations s WHERE s.answer_id = a.answer_id
            AND cardinality(s.message_ids) > 0 ORDER BY s.rank) AS sources
    FROM answers a LEFT JOIN questions q ON q.answer_id = a.answer_id LEFT JOIN chats c ON c.chat_id = q.chat_id
        LEFT JOIN handovers h ON h.question_id = q.question_id
    WHERE a.asked_at >= :since AND a.asked_at < :until AND {SEEN_ANSWER} AND (a.question_id IS NULL OR q.question_id IS NOT NULL)
        AND (CAST(:refused AS boolean) IS NULL OR a.refused = :refused)
    ORDER BY a.asked_at DESC, a.answer_id LIMIT :limit
""")  # noqa: S608

# Also drafts for staff that could not be made: a client asked that.
_REFUSED = text(f"""
    SELECT a.answer_id, a.question, a.asked_at, a.question_vector AS vector, coalesce(q.chat_id, s.chat_id) AS chat_id,
        coalesce(nullif(h.reply, ''), (SELECT f.correction FROM feedback f WHERE f.answer_id = a.answer_id
            AND f.correction IS NOT NULL ORDER BY f.voted_at DESC LIMIT 1)) AS said
    FROM answers a LEFT JOIN questions q ON q.answer_id = a.answer_id LEFT JOIN handovers h ON h.question_id = q.question_id
        LEFT JOIN suggestions s ON s.answer_id = a.answer_id
    WHERE a.refused AND a.question <> '' AND a.asked_at >= :since AND a.asked_at < :until AND {SEEN_ANSWER}
        AND (a.question_id IS NULL OR q.question_id IS NOT NULL)
    ORDER BY a.asked_at DESC, a.answer_id LIMIT {QUESTIONS}
""")  # noqa: S608

# A vector of another dimension is of another model, and is compared with nothing.
_ASKED = text(f"""
    SELECT a.question_vector AS vector FROM answers a JOIN index_info i ON i.dimension = cardinality(a.question_vector)
    WHERE a.answer_id = :answer_id AND {SEEN_ANSWER}
""")  # noqa: S608
_NEAREST = text(f"""
    SELECT node_id AS unit_id, chat_id, metadata_->>'answer' AS answer, 1 - (embedding <=> CAST(:vector AS halfvec)) AS fit,
        CAST(metadata_->'message_ids'->>0 AS bigint) AS message_id
    FROM data_units u
    WHERE embedding IS NOT NULL AND CAST(metadata_->>'staff_answered' AS boolean) AND {seen("u.chat_id")}
    ORDER BY embedding <=> CAST(:vector AS halfvec) LIMIT 1
""")  # noqa: S608


@dataclass(frozen=True, slots=True)
class QuestionStep:
    """What was asked of the bot in one step of time."""

    at: datetime
    """When the step begins, in the period's zone."""
    asked: int
    refused: int
    """The bot said that it does not know."""
    quoted: int
    """Of the answered: quotations, without a model."""
    handed_over: int
    """Of all, refused or not: given to a human."""

    @property
    def answered(self) -> int:
        """Those that were not refused."""
        return self.asked - self.refused


@dataclass(frozen=True, slots=True)
class VoteStep:
    """Thumbs in one step of time on the answers of one prompt version."""

    at: datetime
    """When the step begins, in the period's zone."""
    prompt: str | None
    """`name@version`; None for quotations."""
    up: int
    down: int


@dataclass(frozen=True, slots=True)
class PromptRow:
    """One prompt version by the answers it wrote in the period."""

    prompt: str | None
    """`name@version`; None for quotations."""
    answers: int
    first_at: datetime
    last_at: datetime
    up: int
    """Votes on these answers, whenever they were given."""
    down: int


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """Why answers were voted down."""

    reason: str
    """As in `feedback`; `none` where the voter named none."""
    votes: int
    corrections: int
    """Of these: with what the answer should have been."""


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One question and what became of it."""

    answer_id: UUID
    asked_at: datetime
    chat_id: int | None
    """Where it was asked; None where not of the bot in Telegram."""
    chat: MaskedText | None
    channel: str
    question: MaskedText
    answer: MaskedText
    refused: bool
    language: str
    prompt: str | None
    model: str | None
    reason: str | None
    """Why it was answered or refused (`assistant.retrieval.evidence.Reason`)."""
    latency_ms: int | None
    source_deleted_at: datetime | None
    handover: Literal["open", "answered"] | None
    up: int
    down: int
    links: Sequence[str]
    """To its sources in Telegram, as far as they have links."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What could become the vetted answer to a gap."""

    text: MaskedText
    origin: Literal["staff", "unit"]
    """What staff said to one of its questions, in a hand-over or a correction; or the answer of the nearest unit."""
    fit: float | None
    """The unit's cosine to the question; None for staff's own words."""
    unit_id: str | None
    link: str | None


@dataclass(frozen=True, slots=True)
class GapRow:
    """Something that is asked and cannot be answered."""

    gap: Gap
    chat_ids: Sequence[int]
    """Where it was asked, as far as it was in chats."""
    draft: Draft | None
    """In staff's own words; None where staff has not answered it either."""


async def questions(session: ReadSession, scope: AccessScope, period: Period, step: Step) -> Sequence[QuestionStep]:
    """What was asked, step by step."""
    rows = await fetched(session, _QUESTIONS, {**scoped(scope), **period.values(), "step": step}, period.zone)
    return [QuestionStep(**row) for row in rows]


async def votes(session: ReadSession, scope: AccessScope, period: Period, step: Step) -> Sequence[VoteStep]:
    """The thumbs of the period by the prompt versions of what they were given on."""
    rows = await fetched(session, _VOTES, {**scoped(scope), **period.values(), "step": step}, period.zone)
    return [VoteStep(**row) for row in rows]


async def prompts(session: ReadSession, scope: AccessScope, period: Period) -> Sequence[PromptRow]:
    """The prompt versions that wrote answers in the period, the latest first."""
    rows = await fetched(session, _PROMPTS, {**scoped(scope), **period.values()}, period.zone)
    return [PromptRow(**row) for row in rows]


async def reasons(session: ReadSession, scope: AccessScope, period: Period) -> Sequence[ReasonRow]:
    """Why answers were voted down, the most frequent first."""
    rows = await fetched(session, _REASONS, {**scoped(scope), **period.values()}, period.zone)
    return [ReasonRow(**row) for row in rows]


async def answers(
    session: ReadSession, scope: AccessScope, period: Period, *, refused: bool | None = None, limit: int = 50
) -> Sequence[AnswerRow]:
    """Questions with their answers, the latest first. `refused`: only those that were, or were not."""
    values = {**scoped(scope), **period.values(), "refused": refused, "limit": limit}
    rows = await fetched(session, _ANSWERS, values, period.zone)
    return [
        AnswerRow(
            **{name: value for name, value in row.items() if name != "sources"},
            links=[link for source in row["sources"] if (link := message_link(*source)) is not None],
        )
        for row in rows
    ]


async def gaps(session: ReadSession, scope: AccessScope, period: Period) -> Sequence[GapRow]:
    """What the bot refused to answer in the period, put together where it means the same (`analytics.gaps`), what was asked
    most first. Where staff has answered one of the questions, its words are the draft; else ask `nearest_draft`."""
    rows = await fetched(session, _REFUSED, {**scoped(scope), **period.values()}, period.zone)
    by_id = {row["answer_id"]: row for row in rows}
    found = gaps_in([Asked(row["answer_id"], row["question"], row["asked_at"], row["vector"]) for row in rows])[:GAPS]
    return [_gap_row(gap, [by_id[answer_id] for answer_id in gap.answer_ids]) for gap in found]


async def nearest_draft(session: ReadSession, scope: AccessScope, period: Period, answer_id: UUID) -> Draft | None:
    """What staff answered to the nearest question of the chats that may be seen. `answer_id`: the first of a gap's; of the
    period nothing matters. None where nothing was ever answered, or the question has no vector of the present model."""
    asked = await session.scalar(_ASKED, {**scoped(scope), **period.values(), "answer_id": answer_id})
    if asked is None:
        return None
    found = await fetched(session, _NEAREST, {**scoped(scope), "vector": vector_literal(asked)}, period.zone)
    return next((_draft(**row) for row in found if row["answer"]), None)


def _gap_row(gap: Gap, asked: Sequence[Mapping[str, Any]]) -> GapRow:
    said = [row for row in asked if row["said"]]
    latest = max(said, key=lambda row: row["asked_at"])["said"] if said else None
    chats = {row["chat_id"] for row in asked if row["chat_id"] is not None}
    draft = None if latest is None else Draft(MaskedText(latest), "staff", None, None, None)
    return GapRow(gap, sorted(chats), draft)


def _draft(unit_id: str, chat_id: int, answer: str, fit: float, message_id: int | None) -> Draft:
    link = None if message_id is None else message_link(chat_id, message_id)
    return Draft(MaskedText(answer), "unit", fit, unit_id, link)
