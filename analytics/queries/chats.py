"""*Chats*: how much is said, how soon staff answers, what share is resolved; down to a thread's messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from sqlalchemy import text

from analytics.queries.fetching import fetched
from analytics.queries.inputs import Period, Step, scoped, seen
from analytics.responding import UNANSWERED, Responses, ResponseTimes, response_times_of, responses_of
from core.db.session import ReadSession
from core.domain.access import AccessScope
from core.domain.chats import message_link
from core.privacy.types import MaskedText

LONGEST = 400
"""Characters of a message that are shown in a list."""
TITLES = 1_000
"""Chats that can be chosen by their titles, those in which something was said last."""
MESSAGES = 500
"""Messages of a thread that are shown, its latest."""

ThreadState: TypeAlias = Literal["all", "asked", "open", "answered", "resolved", "unresolved"]
"""Which threads a list has: `asked`: a client asks something; `open`: somebody waits; `answered`: staff has answered what was
asked; the others by the analysis (`threads.resolved`)."""

_ASKED = f"asked_at >= :since AND asked_at < :until AND {seen('t.chat_id')}"

# The chats are added up before the zone is asked: a year has 8,760 hours, and 40 times as many rows.
_HOURS = f"""
    SELECT hour, sum(messages) AS messages, sum(staff_messages) AS staff_messages, sum(urgent) AS urgent FROM chat_hours h
    WHERE h.hour >= :since AND h.hour < :until AND {seen("h.chat_id")} GROUP BY hour
"""  # noqa: S608 - only the conditions of this package are put in

_BEGAN = text(f"SELECT min(h.hour) AS hour FROM chat_hours h WHERE {seen('h.chat_id')}")  # noqa: S608

_VOLUME = text(f"""
    SELECT date_trunc(:step, hour, :zone) AS at, CAST(sum(messages) AS bigint) AS messages,
        CAST(sum(staff_messages) AS bigint) AS staff_messages, CAST(sum(urgent) AS bigint) AS urgent
    FROM ({_HOURS}) AS hours GROUP BY 1 ORDER BY 1
""")  # noqa: S608

_PATTERN = text(f"""
    SELECT CAST(extract(isodow FROM hour AT TIME ZONE :zone) AS int) AS weekday,
        CAST(extract(hour FROM hour AT TIME ZONE :zone) AS int) AS hour, CAST(sum(messages) AS bigint) AS messages,
        CAST(sum(messages - staff_messages) AS bigint) AS client_messages
    FROM ({_HOURS}) AS hours GROUP BY 1, 2 ORDER BY 1, 2
""")  # noqa: S608

# Two arrays: PostgreSQL would sort a year four times for the percentiles, and a row for each question takes as long to send.
_RESPONSES = text(f"""
    SELECT coalesce(array_agg(CAST(floor(date_part('epoch', asked_at) / 3600) AS int)), '{{}}') AS hours,
        coalesce(array_agg(coalesce(CAST(date_part('epoch', answered_at - asked_at) AS int), {UNANSWERED})), '{{}}') AS seconds
    FROM threads t WHERE {_ASKED}
""")  # noqa: S608

_CHATS = text(f"""
    WITH said AS (
        SELECT chat_id, CAST(sum(messages) AS bigint) AS messages, CAST(sum(staff_messages) AS bigint) AS staff_messages,
            CAST(sum(urgent) AS bigint) AS urgent
        FROM chat_hours h WHERE h.hour >= :since AND h.hour < :until AND {seen("h.chat_id")} GROUP BY 1
    ), asked AS (
        SELECT chat_id, count(*) AS asked, count(*) FILTER (WHERE resolved) AS resolved,
            count(*) FILTER (WHERE NOT resolved) AS unresolved,
            array_agg(CAST(date_part('epoch', answered_at - asked_at) AS int)) FILTER (WHERE answered_at IS NOT NULL) AS seconds
        FROM threads t WHERE {_ASKED} GROUP BY 1
    ), open AS (
        SELECT chat_id, count(*) AS waiting FROM threads t
        WHERE open_at IS NOT NULL AND resolved IS NOT TRUE AND open_at >= :since AND open_at < :until
            AND {seen("t.chat_id")} GROUP BY 1
    )
    SELECT c.chat_id, c.title AS chat, c.kind, coalesce(messages, 0) AS messages,
        coalesce(staff_messages, 0) AS staff_messages, coalesce(urgent, 0) AS urgent, coalesce(asked, 0) AS asked,
        coalesce(resolved, 0) AS resolved, coalesce(unresolved, 0) AS unresolved, coalesce(waiting, 0) AS waiting,
        coalesce(seconds, '{{}}') AS seconds
    FROM chats c LEFT JOIN said USING (chat_id) LEFT JOIN asked USING (chat_id) LEFT JOIN open USING (chat_id)
    WHERE {seen("c.chat_id")} ORDER BY messages DESC, c.title, c.chat_id
""")  # noqa: S608

_TITLES = text(f"""
    SELECT c.chat_id, c.title AS chat, (SELECT max(hour) FROM chat_hours h WHERE h.chat_id = c.chat_id) AS last_hour
    FROM chats c WHERE {seen("c.chat_id")} ORDER BY last_hour DESC NULLS LAST, c.title, c.chat_id LIMIT {TITLES}
""")  # noqa: S608

_STATES: dict[ThreadState, str] = {
    "all": "true",
    "asked": "t.asked_at IS NOT NULL",
    "open": "t.open_at IS NOT NULL AND t.resolved IS NOT TRUE",
    "answered": "t.answered_at IS NOT NULL",
    "resolved": "t.resolved",
    "unresolved": "NOT t.resolved",
}
_THREADS = {
    state: text(f"""
        WITH page AS (
            SELECT * FROM threads t
            WHERE t.last_at >= :since AND t.last_at < :until AND {condition} AND {seen("t.chat_id")}
            ORDER BY t.last_at DESC, t.chat_id, t.thread_id LIMIT :limit OFFSET :offset
        )
        SELECT page.chat_id, c.title AS chat, page.thread_id, page.began_at, page.last_at, page.last_by_staff,
            page.messages, page.staff_messages, page.asker, page.asked_id, page.asked_at, page.answered_at, page.open_at,
            page.resolved, left(coalesce(m.text, ''), {LONGEST}) AS text
        FROM page JOIN chats c USING (chat_id)
            LEFT JOIN messages m ON m.chat_id = page.chat_id AND m.message_id = coalesce(page.asked_id, page.thread_id)
        ORDER BY page.last_at DESC, page.chat_id, page.thread_id
    """)  # noqa: S608
    for state, condition in _STATES.items()
}

_MESSAGES = text(f"""
    SELECT * FROM (
        SELECT m.chat_id, m.message_id, m.sender, m.is_staff, m.sent_at, m.reply_to, m.parent_id, m.link_how, m.lane, m.text,
            a.category, a.urgent, a.sentiment, a.summary
        FROM messages m LEFT JOIN appraisals a USING (chat_id, message_id)
        WHERE m.chat_id = :chat_id AND m.thread_id = :thread_id AND {seen("m.chat_id")}
        ORDER BY m.sent_at DESC, m.message_id DESC LIMIT {MESSAGES}
    ) AS latest ORDER BY sent_at, message_id
""")  # noqa: S608


@dataclass(frozen=True, slots=True)
class Volume:
    """What was said in one step of time. Whole hours count: a period should begin and end with one."""

    at: datetime
    """When the step begins, in the period's zone."""
    messages: int
    staff_messages: int
    urgent: int


@dataclass(frozen=True, slots=True)
class WeekHour:
    """What was said in one hour of the week, all weeks of the period together."""

    weekday: int
    """1 is Monday."""
    hour: int
    """0 to 23, in the period's zone."""
    messages: int
    client_messages: int


@dataclass(frozen=True, slots=True)
class ChatRow:
    """One chat in the period."""

    chat_id: int
    chat: MaskedText
    kind: str
    messages: int
    staff_messages: int
    urgent: int
    responses: Responses
    waiting: int
    """Questions of the period that are open at this moment, by the threads alone."""
    resolved: int
    unresolved: int

    @property
    def resolved_share(self) -> float | None:
        """Of the threads that the analysis can tell about; None where there is none."""
        judged = self.resolved + self.unresolved
        return self.resolved / judged if judged else None


@dataclass(frozen=True, slots=True)
class ChatTitle:
    """A chat to choose."""

    chat_id: int
    chat: MaskedText
    last_hour: datetime | None
    """In which the latest was said; None where nothing has a place in the threads yet."""


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """One thread."""

    chat_id: int
    chat: MaskedText
    thread_id: int
    began_at: datetime
    last_at: datetime
    last_by_staff: bool
    messages: int
    staff_messages: int
    asker: str | None
    """Pseudonym."""
    asked_id: int | None
    asked_at: datetime | None
    answered_at: datetime | None
    open_at: datetime | None
    """Since when somebody waits; None where nobody does."""
    resolved: bool | None
    text: MaskedText
    """The beginning of what was asked, or of the first message; empty where that is not held."""

    @property
    def link(self) -> str | None:
        """To what was asked, or to the first message, in Telegram."""
        return message_link(self.chat_id, self.thread_id if self.asked_id is None else self.asked_id)


@dataclass(frozen=True, slots=True)
class ThreadMessage:
    """One message of a thread."""

    chat_id: int
    message_id: int
    sender: str
    """Pseudonym."""
    is_staff: bool
    sent_at: datetime
    reply_to: int | None
    parent_id: int | None
    link_how: str | None
    lane: str
    text: MaskedText
    category: str | None
    """With the next three, what the analysis says of the message alone, where it does."""
    urgent: bool | None
    sentiment: float | None
    summary: MaskedText | None

    @property
    def link(self) -> str | None:
        """To the message in Telegram."""
        return message_link(self.chat_id, self.message_id)


async def began(session: ReadSession, scope: AccessScope, period: Period) -> datetime | None:
    """The hour of the first message that is held, None where none is; of the period only its zone matters."""
    (row,) = await fetched(session, _BEGAN, scoped(scope), period.zone)
    first: datetime | None = row["hour"]
    return first


async def volume(session: ReadSession, scope: AccessScope, period: Period, step: Step) -> Sequence[Volume]:
    """How much was said, step by step; steps in which nothing was said are left out."""
    values = {**scoped(scope), **period.values(), "step": step}
    rows = await fetched(session, _VOLUME, values, period.zone)
    return [Volume(**row) for row in rows]


async def week_pattern(session: ReadSession, scope: AccessScope, period: Period) -> Sequence[WeekHour]:
    """How much is said at which hour of the week."""
    rows = await fetched(session, _PATTERN, {**scoped(scope), **period.values()}, period.zone)
    return [WeekHour(**row) for row in rows]


async def response_times(session: ReadSession, scope: AccessScope, period: Period) -> ResponseTimes:
    """How soon what was asked in the period was answered."""
    (row,) = await fetched(session, _RESPONSES, {**scoped(scope), **period.values()}, period.zone)
    return response_times_of(row["hours"], row["seconds"], period.zone)


async def chats(session: ReadSession, scope: AccessScope, period: Period) -> Sequence[ChatRow]:
    """Every chat that may be seen, the busiest first."""
    rows = await session.execute(_CHATS, {**scoped(scope), **period.values()})
    return [
        ChatRow(
            chat_id=row.chat_id,
            chat=MaskedText(row.chat),
            kind=row.kind,
            messages=row.messages,
            staff_messages=row.staff_messages,
            urgent=row.urgent,
            responses=responses_of(row.asked, row.seconds),
            waiting=row.waiting,
            resolved=row.resolved,
            unresolved=row.unresolved,
        )
        for row in rows
    ]


async def titles(session: ReadSession, scope: AccessScope, period: Period) -> Sequence[ChatTitle]:
    """The chats that may be seen, that with the latest message first; of the period only its zone matters."""
    rows = await fetched(session, _TITLES, scoped(scope), period.zone)
    return [ChatTitle(**row) for row in rows]


async def threads(
    session: ReadSession,
    scope: AccessScope,
    period: Period,
    *,
    state: ThreadState = "asked",
    limit: int = 50,
    offset: int = 0,
) -> Sequence[ThreadRow]:
    """Threads in which something was said last in the period, the latest first."""
    values = {**scoped(scope), **period.values(), "limit": limit, "offset": offset}
    rows = await fetched(session, _THREADS[state], values, period.zone)
    return [ThreadRow(**row) for row in rows]


async def thread_messages(
    session: ReadSession, scope: AccessScope, period: Period, chat_id: int, thread_id: int
) -> Sequence[ThreadMessage]:
    """The messages of a thread, in their order; of the period only its zone matters. None where the chat may not be seen."""
    values = {**scoped(scope), "chat_id": chat_id, "thread_id": thread_id}
    rows = await fetched(session, _MESSAGES, values, period.zone)
    return [ThreadMessage(**row) for row in rows]
