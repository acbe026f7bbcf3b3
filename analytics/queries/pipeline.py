"""*Pipeline*: what is held of each chat, what waits, what failed, and which alarms were raised.

How deep the streams are stands in Redis: `core.streams.broker.depth`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text

from analytics.queries.fetching import fetched
from analytics.queries.inputs import Period, scoped, seen
from core.db.session import ReadSession
from core.domain.access import AccessScope
from core.privacy.types import MaskedText

HOLES = 20
"""Holes of a chat that are named, the latest."""

_COVERAGE = text(f"""
    SELECT c.chat_id, c.title AS chat, c.kind, CAST(coalesce(h.messages, 0) AS bigint) AS messages, h.last_hour,
        (SELECT upper(range) - 1 FROM unnest(v.held) AS range ORDER BY range LIMIT 1) AS complete_to,
        ARRAY(SELECT ARRAY[lower(hole), upper(hole) - 1] FROM unnest(int8multirange(range_merge(v.held)) - v.held) AS hole
            ORDER BY hole DESC LIMIT {HOLES}) AS holes,
        (SELECT count(*) FROM unnest(int8multirange(range_merge(v.held)) - v.held)) AS hole_count,
        (SELECT count(*) FROM unmasked u WHERE u.chat_id = c.chat_id AND NOT EXISTS (
            SELECT FROM messages m WHERE m.chat_id = u.chat_id AND m.message_id = u.message_id)) AS unmasked,
        l.updated_at AS heard_at
    FROM chats c LEFT JOIN coverage v USING (chat_id) LEFT JOIN listened_chats l USING (chat_id) LEFT JOIN (
        SELECT chat_id, sum(messages) AS messages, max(hour) AS last_hour FROM chat_hours GROUP BY chat_id
    ) AS h USING (chat_id)
    WHERE {seen("c.chat_id")} ORDER BY c.title, c.chat_id
""")  # noqa: S608 - only the conditions of this package are put in

_DEAD = text("""
    SELECT id, stream, entry_id, error, failed_at FROM dead_letters WHERE CAST(:every_chat AS boolean)
    ORDER BY id DESC LIMIT :limit
""")

_BACKLOG = text(f"""
    SELECT (SELECT count(*) FROM data_units u WHERE u.embedding IS NULL AND {seen("u.chat_id")}) AS unembedded,
        (SELECT count(*) FROM messages m WHERE NOT m.threaded AND {seen("m.chat_id")}) AS unplaced,
        (SELECT count(*) FROM messages m WHERE m.window_id IS NULL AND {seen("m.chat_id")}) AS unwindowed,
        (SELECT min(m.stored_at) FROM messages m WHERE m.window_id IS NULL AND {seen("m.chat_id")}) AS unwindowed_since,
        (SELECT count(*) FROM appraisals a WHERE a.state IN ('ready', 'analysing') AND {seen("a.chat_id")}) AS urgent,
        (SELECT count(*) FROM dead_letters WHERE CAST(:every_chat AS boolean)) AS dead_letters
""")  # noqa: S608
_WINDOWS = text(f"""
    SELECT state, count(*) AS windows FROM analysis_windows w WHERE state <> 'done' AND {seen("w.chat_id")} GROUP BY state
""")  # noqa: S608

_ALARMS = text("""
    SELECT period, begins, budget, percent, raised_at FROM budget_alarms
    WHERE CAST(:every_chat AS boolean) AND raised_at >= :since AND raised_at < :until
    ORDER BY raised_at DESC, percent DESC
""")


@dataclass(frozen=True, slots=True)
class ChatCoverage:
    """What is held of one chat."""

    chat_id: int
    chat: MaskedText
    kind: str
    messages: int
    """With a place in the threads."""
    last_hour: datetime | None
    """The hour of the latest."""
    complete_to: int | None
    """The id up to which nothing is missing since the first that is held; None where nothing is known."""
    holes: Sequence[Sequence[int]]
    """First and last id of what is missing after that, the latest `HOLES` of them."""
    hole_count: int
    unmasked: int
    """Messages that could not be masked and wait where they came from."""
    heard_at: datetime | None
    """When the listener last moved on in it; None where it does not listen, or hears it with the account's own events."""


@dataclass(frozen=True, slots=True)
class DeadLetterRow:
    """An entry of a stream that could not be handled. Its body is left to `otklik dead-letters show`."""

    id: int
    stream: str
    entry_id: str
    error: str
    failed_at: datetime


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is still to be done."""

    unembedded: int
    """Units that wait for their vector."""
    unplaced: int
    """Messages that wait for their place in a thread."""
    unwindowed: int
    """Messages that are in no window yet."""
    unwindowed_since: datetime | None
    urgent: int
    """Messages of the fast lane that nobody has read yet."""
    dead_letters: int
    windows: Mapping[str, int]
    """Windows that are not analysed, by state: `ready`, `analysing`, `submitted`, `set_aside`."""


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """A share of a budget that was reached."""

    period: str
    """`day` or `month`."""
    begins: date
    budget: str
    """`total`, or a purpose."""
    percent: int
    raised_at: datetime


async def coverage(session: ReadSession, scope: AccessScope, period: Period) -> Sequence[ChatCoverage]:
    """What is held of each chat; of the period only its zone matters."""
    rows = await fetched(session, _COVERAGE, scoped(scope), period.zone)
    return [ChatCoverage(**row) for row in rows]


async def dead_letters(
    session: ReadSession, scope: AccessScope, period: Period, limit: int = 100
) -> Sequence[DeadLetterRow]:
    """The latest dead letters, for those who may see every chat; of the period only its zone matters."""
    rows = await fetched(session, _DEAD, {**scoped(scope), "limit": limit}, period.zone)
    return [DeadLetterRow(**row) for row in rows]


async def backlog(session: ReadSession, scope: AccessScope, period: Period) -> Backlog:
    """What is still to be done; of the period only its zone matters."""
    (row,) = await fetched(session, _BACKLOG, scoped(scope), period.zone)
    windows = await fetched(session, _WINDOWS, scoped(scope), period.zone)
    return Backlog(**row, windows={one["state"]: one["windows"] for one in windows})


async def alarms(session: ReadSession, scope: AccessScope, period: Period) -> Sequence[AlarmRow]:
    """The alarms of the budgets in the period, the latest first, for those who may see every chat."""
    rows = await fetched(session, _ALARMS, {**scoped(scope), **period.values()}, period.zone)
    return [AlarmRow(**row) for row in rows]
