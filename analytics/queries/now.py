"""*Now*: who waits for an answer, what was urgent, and how much goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import text

from analytics.queries.fetching import fetched
from analytics.queries.inputs import Period, scoped, seen
from core.db.session import ReadSession
from core.domain.access import AccessScope
from core.domain.chats import message_link
from core.privacy.types import MaskedText

LONGEST = 400
"""Characters of a message that are shown in a list."""
LATELY_DAYS = 30
"""So long before the period's end the analysis' word alone makes somebody wait. A question waits as long as it is open."""

# By the threads: an open question (`core.domain.threads`) that the analysis has not called settled, nor the fast lane one
# that needs no answer. By the analysis: a message of the last weeks that requires a response though no rule saw a question
# in it, while staff has said nothing in its thread since. What the bot has answered, or is about to, waits for nobody; where
# it refused or failed the client still waits. Hand-overs wait by themselves.
_WAITING = f"""
    found AS (
        SELECT t.chat_id, t.open_id AS message_id, t.open_at AS since, 'question' AS why FROM threads t
        WHERE t.open_at >= :since AND t.open_at < :until AND t.resolved IS NOT TRUE AND {seen("t.chat_id")}
            AND NOT EXISTS (SELECT FROM appraisals a WHERE a.chat_id = t.chat_id AND a.message_id = t.open_id
                AND a.requires_response IS FALSE)
        UNION ALL
        SELECT a.chat_id, a.message_id, m.sent_at, 'analysis' FROM appraisals a
        JOIN messages m USING (chat_id, message_id)
        JOIN threads t ON t.chat_id = m.chat_id AND t.thread_id = m.thread_id
        WHERE a.requires_response AND {seen("a.chat_id")} AND m.sent_at >= :since AND m.sent_at < :until
            AND m.sent_at >= CAST(:until AS timestamptz) - interval '{LATELY_DAYS} days'
            AND a.made_at >= CAST(:until AS timestamptz) - interval '{LATELY_DAYS} days'
            AND t.open_id IS NULL AND NOT t.last_by_staff AND NOT m.is_staff
            AND NOT (t.resolved IS TRUE AND t.judged_at >= m.sent_at)
            AND NOT EXISTS (SELECT FROM messages s WHERE s.chat_id = m.chat_id AND s.thread_id = m.thread_id
                AND s.is_staff AND (s.sent_at, s.message_id) > (m.sent_at, m.message_id))
    ), waiting AS (
        SELECT * FROM found WHERE NOT EXISTS (
            SELECT FROM question_messages qm JOIN questions q USING (question_id)
            WHERE qm.chat_id = found.chat_id AND qm.message_id = found.message_id
                AND q.state IN ('waiting', 'answering', 'answered'))
        UNION ALL
        SELECT q.chat_id, (SELECT max(message_id) FROM question_messages m WHERE m.question_id = q.question_id),
            h.opened_at, 'handover' FROM handovers h JOIN questions q USING (question_id)
        WHERE h.state = 'open' AND h.opened_at >= :since AND h.opened_at < :until AND {seen("q.chat_id")}
    )
"""  # noqa: S608 - only the conditions of this package are put in

_LIST = text(f"""
    WITH {_WAITING}, first AS (SELECT * FROM waiting ORDER BY since, chat_id, message_id LIMIT :limit)
    SELECT first.chat_id, coalesce(c.title, '') AS chat, first.message_id, m.thread_id, first.since, first.why,
        left(coalesce(m.text, qm.text, ''), {LONGEST}) AS text, a.category, coalesce(a.urgent, m.lane = 'HIGH', false) AS urgent,
        a.summary, coalesce(s.draft, a.suggestion) AS suggestion
    FROM first LEFT JOIN chats c USING (chat_id) LEFT JOIN messages m USING (chat_id, message_id)
        LEFT JOIN question_messages qm USING (chat_id, message_id)
        LEFT JOIN appraisals a USING (chat_id, message_id) LEFT JOIN suggestions s USING (chat_id, message_id)
    ORDER BY first.since, first.chat_id, first.message_id
""")  # noqa: S608

_ALERTS = text(f"""
    SELECT a.chat_id, c.title AS chat, a.message_id, m.thread_id, m.sent_at, a.made_at, left(m.text, {LONGEST}) AS text,
        a.state, a.analysed_by, a.category, a.urgent, a.sentiment, a.requires_response, a.summary, a.suggestion,
        EXISTS (SELECT FROM messages s WHERE s.chat_id = m.chat_id AND s.thread_id = m.thread_id AND s.is_staff
            AND (s.sent_at, s.message_id) > (m.sent_at, m.message_id)) AS answered
    FROM appraisals a JOIN chats c USING (chat_id) JOIN messages m USING (chat_id, message_id)
    WHERE a.window_id IS NULL AND a.made_at >= :since AND a.made_at < :until AND {seen("a.chat_id")}
    ORDER BY a.made_at DESC, a.chat_id, a.message_id LIMIT :limit
""")  # noqa: S608

_COUNTERS = text(f"""
    WITH {_WAITING}, hours AS (
        SELECT CAST(coalesce(sum(messages), 0) AS bigint) AS messages, count(DISTINCT chat_id) AS chats,
            CAST(coalesce(sum(messages - staff_messages), 0) AS bigint) AS by_clients,
            CAST(coalesce(sum(urgent), 0) AS bigint) AS urgent, CAST(coalesce(sum(messages) FILTER (
                WHERE hour >= date_trunc('hour', CAST(:now AS timestamptz), 'UTC')), 0) AS bigint) AS this_hour
        FROM chat_hours h
        WHERE h.hour >= date_trunc('day', CAST(:now AS timestamptz), :zone) AND h.hour <= :now AND {seen("h.chat_id")}
    )
    SELECT (SELECT count(*) FROM waiting) AS waiting, (SELECT min(since) FROM waiting) AS waiting_since,
        hours.messages AS messages_today, hours.by_clients AS client_messages_today, hours.urgent AS urgent_today,
        hours.chats AS chats_today, hours.this_hour AS messages_this_hour,
        (SELECT count(*) FROM suggestions s WHERE s.state IN ('open', 'snoozed') AND {seen("s.chat_id")}) AS suggestions,
        (SELECT count(*) FROM questions q WHERE q.state IN ('waiting', 'answering') AND {seen("q.chat_id")}) AS bot_questions
    FROM hours
""")  # noqa: S608


@dataclass(frozen=True, slots=True)
class Waiting:
    """A client who waits for an answer at this moment."""

    chat_id: int
    chat: MaskedText
    message_id: int | None
    """The message to answer; None where a handed-over question's messages are gone."""
    thread_id: int | None
    """None where it was asked of the bot in private: there is no thread to look into."""
    since: datetime
    why: Literal["question", "analysis", "handover"]
    """An unanswered question by the rules; what the analysis says requires a response; a question handed over by the bot."""
    text: MaskedText
    """The beginning of the message."""
    category: str | None
    urgent: bool
    summary: MaskedText | None
    suggestion: MaskedText | None
    """A draft, where there is one."""

    @property
    def link(self) -> str | None:
        """To the message in Telegram."""
        return None if self.message_id is None else message_link(self.chat_id, self.message_id)


@dataclass(frozen=True, slots=True)
class Alert:
    """A message of the fast lane, and what became of it."""

    chat_id: int
    chat: MaskedText
    message_id: int
    thread_id: int | None
    sent_at: datetime
    made_at: datetime
    """When it was noticed."""
    text: MaskedText
    state: str
    """`ready` and `analysing`: it is not read yet; `done`; `set_aside`: given up."""
    analysed_by: str | None
    category: str | None
    urgent: bool | None
    """Whether its urgency was confirmed; None until it is read."""
    sentiment: float | None
    requires_response: bool | None
    summary: MaskedText | None
    suggestion: MaskedText | None
    answered: bool
    """Staff has spoken in its thread since."""

    @property
    def link(self) -> str | None:
        """To the message in Telegram."""
        return message_link(self.chat_id, self.message_id)


@dataclass(frozen=True, slots=True)
class Counters:
    """How much goes on. Today is the day of the period's zone."""

    waiting: int
    waiting_since: datetime | None
    """The one who waits longest."""
    messages_today: int
    client_messages_today: int
    urgent_today: int
    """Client messages in the HIGH lane."""
    chats_today: int
    """In which anything was said."""
    messages_this_hour: int
    suggestions: int
    """Cards in the staff chat that nobody has decided on."""
    bot_questions: int
    """Asked of the bot, not answered yet."""


async def waiting(session: ReadSession, scope: AccessScope, period: Period, limit: int = 50) -> Sequence[Waiting]:
    """Those who have waited since some moment of the period and still do, the longest first."""
    values = {**scoped(scope), **period.values(), "limit": limit}
    rows = await fetched(session, _LIST, values, period.zone)
    return [Waiting(**row) for row in rows]


async def alerts(session: ReadSession, scope: AccessScope, period: Period, limit: int = 50) -> Sequence[Alert]:
    """What the fast lane noticed in the period, the latest first."""
    values = {**scoped(scope), **period.values(), "limit": limit}
    rows = await fetched(session, _ALERTS, values, period.zone)
    return [Alert(**row) for row in rows]


async def counters(session: ReadSession, scope: AccessScope, period: Period, now: datetime) -> Counters:
    """The figures of the moment; those who wait are counted as in `waiting`."""
    values = {**scoped(scope), **period.values(), "now": now}
    (row,) = await fetched(session, _COUNTERS, values, period.zone)
    return Counters(**row)
