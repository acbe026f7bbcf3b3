"""The rows that the dashboard reads instead of messages: one for each thread, one for each chat and hour.

Both are made anew from the messages, in the transaction that changes these, while the chat's `PLACER_LOCK` is held.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.verdicts import LATEST
from core.domain.threads import Spoken, summarise

_SUMMED = "began_at, last_at, last_by_staff, messages, staff_messages, asker, asked_id, asked_at, answered_at, open_id, open_at"
_COLUMNS = f"{_SUMMED}, verdict, judged_at"


def _of(table: str) -> str:
    return ", ".join(f"{table}.{column}" for column in _COLUMNS.split(", "))


# A row that stays as it was is not touched.
_THREADS = text(f"""
    WITH given AS (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given(thread_id bigint, began_at timestamptz,
            last_at timestamptz, last_by_staff boolean, messages bigint, staff_messages bigint, asker text, asked_id bigint,
            asked_at timestamptz, answered_at timestamptz, open_id bigint, open_at timestamptz)
    ), touched AS (
        SELECT thread_id FROM given
    ), {LATEST}, gone AS (
        DELETE FROM threads WHERE chat_id = :chat_id AND thread_id = ANY(CAST(:gone AS bigint[]))
    )
    INSERT INTO threads (chat_id, thread_id, {_COLUMNS})
    SELECT :chat_id, thread_id, {_COLUMNS} FROM (
        SELECT given.*, latest.verdict, latest.judged_at FROM given LEFT JOIN latest USING (thread_id)
    ) AS summed ORDER BY thread_id
    ON CONFLICT (chat_id, thread_id) DO UPDATE SET ({_COLUMNS}) = ROW({_of("excluded")})
    WHERE ({_of("threads")}) IS DISTINCT FROM ({_of("excluded")})
""")  # noqa: S608 - only the names above are put in

# Hour by hour: as a join of hours and messages PostgreSQL once read all 77,000 messages of a chat for each of its hours.
_HOURS = text("""
    WITH touched AS (
        SELECT hour FROM unnest(CAST(:hours AS timestamptz[])) AS hour
        UNION SELECT hour FROM chat_hours WHERE chat_id = :chat_id AND stale
    ), counted AS (
        SELECT hour, said.* FROM touched, LATERAL (
            SELECT count(*) AS messages, count(*) FILTER (WHERE m.is_staff) AS staff_messages,
                count(*) FILTER (WHERE m.lane = 'HIGH' AND NOT m.is_staff) AS urgent, count(DISTINCT m.sender) AS people
            FROM messages m WHERE m.chat_id = :chat_id AND m.sent_at >= hour AND m.sent_at < hour + interval '1 hour'
        ) AS said WHERE said.messages > 0
    ), gone AS (
        DELETE FROM chat_hours h USING touched WHERE h.chat_id = :chat_id AND h.hour = touched.hour
            AND NOT EXISTS (SELECT FROM counted WHERE counted.hour = h.hour)
    )
    INSERT INTO chat_hours (chat_id, hour, messages, staff_messages, urgent, people)
    SELECT :chat_id, hour, messages, staff_messages, urgent, people FROM counted ORDER BY hour
    ON CONFLICT (chat_id, hour) DO UPDATE SET messages = excluded.messages, staff_messages = excluded.staff_messages,
        urgent = excluded.urgent, people = excluded.people, stale = false
    WHERE (chat_hours.messages, chat_hours.staff_messages, chat_hours.urgent, chat_hours.people, chat_hours.stale)
        IS DISTINCT FROM (excluded.messages, excluded.staff_messages, excluded.urgent, excluded.people, false)
""")


async def put_threads(
    session: AsyncSession, chat_id: int, thread_ids: Collection[int], held: Mapping[int, Sequence[Spoken]]
) -> None:
    """Write these threads of a chat as they are held now; those that `held` does not have are gone."""
    rows = [{"thread_id": thread, **asdict(summarise(said))} for thread, said in held.items()]
    gone = sorted(set(thread_ids) - held.keys())
    values = {"chat_id": chat_id, "rows": json.dumps(rows, default=datetime.isoformat), "gone": gone}
    await session.execute(_THREADS, values)


async def recount_hours(session: AsyncSession, chat_id: int, moments: Collection[datetime]) -> None:
    """Count the hours of a chat anew in which these moments are, and those that an edition has made stale."""
    hours = sorted({moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0) for moment in moments})
    await session.execute(_HOURS, {"chat_id": chat_id, "hours": hours})
