"""What the analysis says of threads: `threads.verdict`, worked out anew wherever a finding or a thread has changed.

Findings speak of messages, and messages move between threads; so nobody adds a finding to a thread. Who changes findings
has locked their window before, and threads come after it, everywhere.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

LATEST: Final = """
    said AS (
        SELECT m.thread_id, w.last_at, CASE WHEN bool_or(f.resolved IS FALSE) THEN false
            WHEN bool_or(f.resolved IS NULL) THEN NULL ELSE true END AS verdict
        FROM touched JOIN messages m ON m.chat_id = :chat_id AND m.thread_id = touched.thread_id
            JOIN analysis_windows w ON w.window_id = m.window_id
            JOIN window_topics f ON f.window_id = m.window_id AND m.message_id = ANY(f.message_ids)
        GROUP BY m.thread_id, w.last_at
    ), latest AS (
        SELECT DISTINCT ON (thread_id) thread_id, last_at AS judged_at, verdict FROM said ORDER BY thread_id, last_at DESC
    )
"""
"""What was said of the threads in `touched (thread_id)` of the chat `:chat_id`. The latest window that speaks of a thread
decides; of its topics one that is unresolved, or one that nobody can tell, goes before those that are resolved
(`analytics.findings.together` does the same within a topic)."""

_RENEW: Final = text(f"""
    WITH touched AS (
        SELECT unnest(CAST(:thread_ids AS bigint[])) AS thread_id
    ), {LATEST}, renewed AS (
        SELECT thread_id, judged_at, verdict FROM touched LEFT JOIN latest USING (thread_id) ORDER BY thread_id
    )
    UPDATE threads t SET verdict = renewed.verdict, judged_at = renewed.judged_at FROM renewed
    WHERE t.chat_id = :chat_id AND t.thread_id = renewed.thread_id
        AND (t.verdict, t.judged_at) IS DISTINCT FROM (renewed.verdict, renewed.judged_at)
""")  # noqa: S608 - only the constant above is put in

_THREADS = text("""
    SELECT DISTINCT thread_id FROM messages
    WHERE window_id = ANY(CAST(:windows AS uuid[])) AND thread_id IS NOT NULL
""")


async def renew_verdicts_in(session: AsyncSession, chat_id: int, window_ids: Sequence[UUID]) -> None:
    """Work out the verdicts of the threads with messages in these windows of the chat."""
    threads = (await session.scalars(_THREADS, {"windows": list(window_ids)})).all()
    if threads:
        await session.execute(_RENEW, {"chat_id": chat_id, "thread_ids": sorted(threads)})
