"""The listener's memory in PostgreSQL: cursors and coverage. It waits while the server is away."""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import structlog
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from tenacity import AsyncRetrying, retry_if_exception

from core.contracts.messages import ChatRef
from core.db.models import ListenedChat, Message
from core.db.session import Database, is_transient
from core.streams.broker import PAUSES
from ingestion.storing import put_chats
from ingestion.telegram.folding import fold
from ingestion.telegram.parcels import Advance, Range

log = structlog.get_logger(__name__)

T = TypeVar("T")

EVERYTHING = 2**31 - 1
"""More messages than a chat can have: Telegram's ids are of 32 bits."""

_OPEN = text("""
    INSERT INTO listened_chats (chat_id, pts, told_at, top_id, shared)
    VALUES (:chat_id, :pts, :told_at, :top_id, :shared) ON CONFLICT DO NOTHING
""")
# Two processes never listen with one session; `greatest` is for a cursor that was set back after Redis lost something.
_MOVE = text("""
    UPDATE listened_chats SET pts = greatest(pts, :pts), told_at = coalesce(:told_at, told_at), updated_at = now()
    WHERE chat_id = :chat_id
""")
_TOPS = text("""
    UPDATE listened_chats SET top_id = greatest(listened_chats.top_id, r.top_id), updated_at = now()
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(chat_id bigint, top_id bigint)
    WHERE listened_chats.chat_id = r.chat_id
""")
_COVER = text("""
    INSERT INTO coverage (chat_id, held)
    SELECT r.chat_id, range_agg(int8range(r.low, r.high, '[]'))
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(chat_id bigint, low bigint, high bigint)
    WHERE EXISTS (SELECT FROM chats c WHERE c.chat_id = r.chat_id)
    GROUP BY r.chat_id ORDER BY r.chat_id
    ON CONFLICT (chat_id) DO UPDATE SET held = coverage.held + excluded.held
""")
_UNKNOWN = text("""
    SELECT lower(hole) AS low, upper(hole) - 1 AS high
    FROM unnest(int8multirange(int8range(:low, :high, '[]')) - coalesce(
        (SELECT held FROM coverage WHERE chat_id = :chat_id), int8multirange())) AS hole
    ORDER BY hole DESC
""")
_HELD = text("""
    SELECT 1 FROM messages WHERE chat_id = :chat_id UNION ALL SELECT 1 FROM coverage WHERE chat_id = :chat_id LIMIT 1
""")
_ASK = text("""
    UPDATE listened_chats SET wanted_depth = :depth, updated_at = now() WHERE chat_id = :chat_id RETURNING chat_id
""")
_DEPTHS = text("SELECT chat_id, wanted_depth FROM listened_chats WHERE wanted_depth > 0")
_COUNT = text("SELECT count(*) FROM messages WHERE chat_id = :chat_id AND message_id > :above")


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where one box, or one chat, stands in the ledger."""

    pts: int | None
    told_at: datetime | None
    top_id: int


class Ledger:
    """Reads and moves the cursors. Every method may be repeated."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def cursors(self) -> Mapping[int, Cursor]:
        """All of them, by stored chat id; the account's under `ACCOUNT`."""

        async def read() -> Mapping[int, Cursor]:
            async with self._database.reading() as session:
                rows = (await session.scalars(select(ListenedChat))).all()
            return {row.chat_id: Cursor(row.pts, row.told_at, row.top_id) for row in rows}

        return await _patiently(read)

    async def open(
        self, chat_id: int, *, ref: ChatRef | None, pts: int | None, told_at: datetime | None, top_id: int, shared: bool
    ) -> None:
        """Make the rows of a chat, or the account, that is new. A cursor that is there stays as it is."""
        values = {"chat_id": chat_id, "pts": pts, "told_at": told_at, "top_id": top_id, "shared": shared}

        async def write(session: AsyncSession) -> None:
            if ref is not None:
                await put_chats(session, [ref])
            await session.execute(_OPEN, values)

        await self._write(write)

    async def fold(self, former: int, heir: int) -> bool:
        """Make what is held of a basic group the supergroup's that it has become. True where there was something."""

        async def write() -> bool:
            async with self._database.transaction() as session:
                return await fold(session, former, heir)

        return await _patiently(write)

    async def move(self, advances: Sequence[Advance]) -> None:
        """Move the cursors, and note what is covered."""
        tops: dict[int, int] = {}
        covered = []
        boxes = {one.box_id: one for one in advances if one.box_id is not None}  # the last one of each counts
        for one in advances:
            tops |= one.tops
            covered += [
                {"chat_id": chat_id, "low": low, "high": high}
                for chat_id, ranges in one.covered.items()
                for low, high in ranges
            ]

        async def write(session: AsyncSession) -> None:
            for box_id, one in sorted(boxes.items()):
                await session.execute(_MOVE, {"chat_id": box_id, "pts": one.pts, "told_at": one.told_at})
            if tops:
                rows = [{"chat_id": chat_id, "top_id": top} for chat_id, top in tops.items()]
                await session.execute(_TOPS, {"rows": json.dumps(rows)})
            if covered:
                await session.execute(_COVER, {"rows": json.dumps(covered)})

        await self._write(write)

    async def unknown(self, chat_id: int, within: Range) -> Sequence[Range]:
        """What nobody has read of a chat within a range of ids, the newest range first."""
        low, high = within
        if high < low:  # a chat without a message; PostgreSQL has no range from 1 to 0
            return []
        return [(row[0], row[1]) for row in await self._rows(_UNKNOWN, chat_id=chat_id, low=low, high=high)]

    async def is_unread(self, chat_id: int) -> bool:
        """Whether nothing of a chat is held, so that there is nothing to compare with."""
        return not list(await self._rows(_HELD, chat_id=chat_id))

    async def depths(self) -> Mapping[int, int]:
        """How many messages of history were asked for, by stored chat id; only chats of which any were."""
        return {row[0]: row[1] for row in await self._rows(_DEPTHS)}

    async def count(self, chat_id: int, above: int) -> int:
        """How many messages of a chat are stored with ids above this one."""
        ((found,),) = await self._rows(_COUNT, chat_id=chat_id, above=above)
        return int(found)

    async def editions(self, chat_id: int, low: int, high: int) -> Mapping[int, int]:
        """The stored edition of every message in a range of ids."""

        async def read() -> Mapping[int, int]:
            columns = select(Message.message_id, Message.edit_version)
            wanted = columns.where(Message.chat_id == chat_id, Message.message_id.between(low, high))
            async with self._database.reading() as session:
                return {row[0]: row[1] for row in await session.execute(wanted)}

        return await _patiently(read)

    async def _rows(self, query: object, **values: object) -> Iterable[tuple[int, ...]]:
        async def read() -> Iterable[tuple[int, ...]]:
            async with self._database.reading() as session:
                return [tuple(row) for row in await session.execute(query, values)]  # type: ignore[call-overload]

        return await _patiently(read)

    async def _write(self, work: Callable[[AsyncSession], Awaitable[None]]) -> None:
        async def write() -> None:
            async with self._database.transaction() as session:
                await work(session)

        await _patiently(write)


async def ask_history(session: AsyncSession, chat_id: int, depth: int) -> bool:
    """Ask the listener for a chat's newest `depth` messages, now or at its next start. False: it does not know the chat."""
    return await session.scalar(_ASK, {"chat_id": chat_id, "depth": depth}) is not None


async def _patiently(work: Callable[[], Awaitable[T]]) -> T:
    attempts = AsyncRetrying(
        retry=retry_if_exception(is_transient),
        wait=PAUSES,
        before_sleep=lambda state: log.warning("postgresql is away, waiting", attempt=state.attempt_number),
        reraise=True,
    )
    result: T = await attempts(work)
    return result
