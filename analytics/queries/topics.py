"""*Topics*: what is talked about, what is new or rising, in which mood, with examples."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from analytics.queries.fetching import fetched
from analytics.queries.inputs import Period, Step, scoped, seen
from analytics.trends import Trend, trend_of
from core.db.session import ReadSession
from core.domain.access import AccessScope
from core.domain.chats import message_link
from core.privacy.types import MaskedText

LONGEST = 400
"""Characters of a message that are shown as an example."""

# A window counts to when its last message was sent.
_TOPICS = text(f"""
    WITH counted AS (
        SELECT f.topic_id,
            CAST(coalesce(sum(cardinality(f.message_ids)) FILTER (WHERE w.last_at >= :since), 0) AS bigint) AS messages,
            CAST(coalesce(sum(cardinality(f.message_ids)) FILTER (WHERE w.last_at < :since), 0) AS bigint) AS before,
            sum(f.sentiment * cardinality(f.message_ids)) FILTER (WHERE w.last_at >= :since)
                / nullif(sum(cardinality(f.message_ids)) FILTER (WHERE w.last_at >= :since), 0) AS sentiment,
            count(*) FILTER (WHERE w.last_at >= :since AND f.resolved) AS resolved,
            count(*) FILTER (WHERE w.last_at >= :since AND NOT f.resolved) AS unresolved
        FROM analysis_windows w JOIN window_topics f USING (window_id)
        WHERE w.last_at >= :before AND w.last_at < :until AND {seen("w.chat_id")}
        GROUP BY f.topic_id
    ), most AS (
        SELECT * FROM counted WHERE messages > 0 ORDER BY messages DESC, topic_id LIMIT :limit
    )
    SELECT most.topic_id, t.chat_id, c.title AS chat, t.name, most.messages, most.before, most.sentiment, most.resolved,
        most.unresolved, (SELECT min(w.last_at) FROM window_topics f JOIN analysis_windows w USING (window_id)
            WHERE f.topic_id = most.topic_id) AS first_at
    FROM most JOIN topics t USING (topic_id) JOIN chats c USING (chat_id)
    ORDER BY most.messages DESC, t.name, most.topic_id
""")  # noqa: S608 - only the conditions of this package are put in

_COURSE = text(f"""
    SELECT f.topic_id, date_trunc(:step, w.last_at, :zone) AS at,
        CAST(sum(cardinality(f.message_ids)) AS bigint) AS messages,
        sum(f.sentiment * cardinality(f.message_ids)) / sum(cardinality(f.message_ids)) AS sentiment
    FROM window_topics f JOIN analysis_windows w USING (window_id)
    WHERE f.topic_id = ANY(CAST(:topics AS uuid[])) AND cardinality(f.message_ids) > 0
        AND w.last_at >= :since AND w.last_at < :until AND {seen("w.chat_id")}
    GROUP BY 1, 2 ORDER BY 2, 1
""")  # noqa: S608

_MOOD = text(f"""
    SELECT date_trunc(:step, w.last_at, :zone) AS at, avg(w.sentiment) AS sentiment, count(*) AS windows,
        count(*) FILTER (WHERE w.sentiment <= :angry) AS angry
    FROM analysis_windows w
    WHERE w.sentiment IS NOT NULL AND w.last_at >= :since AND w.last_at < :until AND {seen("w.chat_id")}
    GROUP BY 1 ORDER BY 1
""")  # noqa: S608

_EXAMPLES = text(f"""
    WITH latest AS (
        SELECT w.chat_id, w.last_at, f.message_ids, f.problem, f.resolved FROM window_topics f
        JOIN analysis_windows w USING (window_id)
        WHERE f.topic_id = :topic_id AND w.last_at >= :since AND w.last_at < :until AND {seen("w.chat_id")}
        ORDER BY w.last_at DESC LIMIT :limit
    )
    SELECT latest.chat_id, m.message_id, m.thread_id, m.sent_at, left(m.text, {LONGEST}) AS text, latest.problem,
        latest.resolved
    FROM latest, LATERAL (
        SELECT m.message_id, m.thread_id, m.sent_at, m.text FROM messages m
        WHERE m.chat_id = latest.chat_id AND m.message_id = ANY(latest.message_ids)
            AND m.sent_at >= :since AND m.sent_at < :until
        ORDER BY m.is_staff, m.sent_at, m.message_id LIMIT 1
    ) AS m
    ORDER BY m.sent_at DESC, latest.chat_id, m.message_id
""")  # noqa: S608

ANGRY = -0.3
"""A window at or below this mood counts as angry."""


@dataclass(frozen=True, slots=True)
class TopicRow:
    """One topic of one chat in the period."""

    topic_id: UUID
    chat_id: int
    chat: MaskedText
    name: MaskedText
    messages: int
    """That are about it."""
    before: int
    """Likewise in the period before, of the same length."""
    sentiment: float | None
    """-1 to 1; the mean over its messages."""
    resolved: int
    """Windows in which it was resolved,"""
    unresolved: int
    """and in which it was not; the rest cannot tell."""
    first_at: datetime
    """When it was first talked about."""
    trend: Trend


@dataclass(frozen=True, slots=True)
class TopicStep:
    """A topic in one step of time."""

    topic_id: UUID
    at: datetime
    """When the step begins, in the period's zone."""
    messages: int
    sentiment: float


@dataclass(frozen=True, slots=True)
class MoodStep:
    """The mood of clients in one step of time."""

    at: datetime
    """When the step begins, in the period's zone."""
    sentiment: float
    """-1 to 1; the mean over windows."""
    windows: int
    angry: int
    """Windows at or below `ANGRY`."""


@dataclass(frozen=True, slots=True)
class Example:
    """A message about a topic: the first of a client in a window that was sent in the period."""

    chat_id: int
    message_id: int
    thread_id: int | None
    sent_at: datetime
    text: MaskedText
    problem: MaskedText | None
    """What did not work, in the analysis' words."""
    resolved: bool | None

    @property
    def link(self) -> str | None:
        """To the message in Telegram."""
        return message_link(self.chat_id, self.message_id)


async def topics(session: ReadSession, scope: AccessScope, period: Period, limit: int = 100) -> Sequence[TopicRow]:
    """What was talked about in the period, the most first, and how that compares with the period before
    (`analytics.trends`)."""
    before = period.before()
    values = {**scoped(scope), **period.values(), "before": before.since, "limit": limit}
    rows = await fetched(session, _TOPICS, values, period.zone)
    return [
        TopicRow(**row, trend=trend_of(row["messages"], row["before"], is_new=row["first_at"] >= period.since))
        for row in rows
    ]


async def course(
    session: ReadSession, scope: AccessScope, period: Period, topic_ids: Sequence[UUID], step: Step
) -> Sequence[TopicStep]:
    """These topics, step by step; steps in which nobody spoke of one are left out."""
    values = {**scoped(scope), **period.values(), "topics": list(topic_ids), "step": step}
    rows = await fetched(session, _COURSE, values, period.zone)
    return [TopicStep(**row) for row in rows]


async def mood(session: ReadSession, scope: AccessScope, period: Period, step: Step) -> Sequence[MoodStep]:
    """The mood of clients, step by step."""
    values = {**scoped(scope), **period.values(), "step": step, "angry": ANGRY}
    rows = await fetched(session, _MOOD, values, period.zone)
    return [MoodStep(**row) for row in rows]


async def examples(
    session: ReadSession, scope: AccessScope, period: Period, topic_id: UUID, limit: int = 10
) -> Sequence[Example]:
    """Messages about a topic, the latest first."""
    values = {**scoped(scope), **period.values(), "topic_id": topic_id, "limit": limit}
    rows = await fetched(session, _EXAMPLES, values, period.zone)
    return [Example(**row) for row in rows]
