"""Dead letters: entries that could not be handled. Listed, looked into, and sent again by a person."""

from collections.abc import Sequence

from redis.asyncio import Redis
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.models import DeadLetter
from core.db.session import ReadSession
from core.streams.entry import DATA, Entry

ERROR_LIMIT = 500


async def bury(session: AsyncSession, stream: str, entries: Sequence[tuple[Entry, str]]) -> None:
    """Keep entries that failed, each with its reason. A second burial of the same entry changes nothing."""
    rows = [
        {"stream": stream, "entry_id": entry.id, "body": entry.body, "error": error[:ERROR_LIMIT]}
        for entry, error in entries
    ]
    await session.execute(upsert(DeadLetter).on_conflict_do_nothing(), rows)


async def list_dead_letters(session: ReadSession, limit: int) -> Sequence[DeadLetter]:
    """The newest dead letters."""
    return (await session.scalars(select(DeadLetter).order_by(DeadLetter.id.desc()).limit(limit))).all()


async def count_dead_letters(session: ReadSession) -> int:
    """How many there are."""
    return (await session.scalar(select(func.count()).select_from(DeadLetter))) or 0


async def resend(session: AsyncSession, client: Redis, ids: Sequence[int] | None) -> int:
    """Put dead letters back into their streams and forget them; all of them where `ids` is None.

    The rows go with the caller's commit, after the entries are in Redis: a crash in between sends an entry twice,
    which every consumer survives, and loses none.
    """
    chosen = delete(DeadLetter).returning(DeadLetter.stream, DeadLetter.body)
    if ids is not None:
        chosen = chosen.where(DeadLetter.id.in_(ids))
    letters = (await session.execute(chosen)).all()
    for stream, body in letters:
        await client.xadd(stream, {DATA: body})
    return len(letters)
