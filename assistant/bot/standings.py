"""How much waits: for the admins' `/status`, and for the gauges."""

from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_COUNTS = text("""
    SELECT
        (SELECT count(*) FROM questions WHERE state IN ('waiting', 'answering')) AS questions,
        (SELECT count(*) FROM bot_messages WHERE shown < wanted AND failed IS NULL) AS unshown,
        (SELECT count(*) FROM handovers WHERE state = 'open') AS handovers,
        (SELECT count(*) FROM suggestions WHERE state IN ('open', 'snoozed')) AS suggestions
""")


async def standings(session: AsyncSession) -> Mapping[str, int]:
    """`questions` and `unshown` messages that wait for us, `handovers` and `suggestions` that wait for staff."""
    return dict((await session.execute(_COUNTS)).mappings().one())
