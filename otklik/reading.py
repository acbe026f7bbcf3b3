"""What `otklik threads` and `otklik status` read from the tables."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from redis.asyncio import Redis
from sqlalchemy import select, text

from core.contracts.streams import STREAMS
from core.db.models import Chat, Message
from core.db.session import ReadSession
from core.domain.chats import ChatKind, marked_chat_id
from core.errors import BadInput
from core.index.vectors import count_units
from core.streams.broker import depth
from core.streams.dead_letters import count_dead_letters

# A hole is what lies between the ranges that are held. A chat is complete up to the end of its first range.
_CHATS = text("""
    SELECT c.chat_id, c.title, (SELECT count(*) FROM messages m WHERE m.chat_id = c.chat_id) AS messages,
        (SELECT upper(range) - 1 FROM unnest(v.held) AS range ORDER BY range LIMIT 1) AS complete_to,
        ARRAY(SELECT ARRAY[lower(hole), upper(hole) - 1]
              FROM unnest(int8multirange(range_merge(v.held)) - v.held) AS hole ORDER BY hole) AS holes
    FROM chats c LEFT JOIN coverage v USING (chat_id) ORDER BY c.title, c.chat_id
""")
# One that a later try has stored waits no more.
_UNMASKED = text("""
    SELECT count(*) FROM unmasked u
    WHERE NOT EXISTS (SELECT FROM messages m WHERE m.chat_id = u.chat_id AND m.message_id = u.message_id)
""")
_SPENT = text("SELECT coalesce(sum(price), 0) FROM model_calls WHERE opened_at >= :since")


async def resolve_chats(session: ReadSession, wanted: Sequence[int]) -> list[int]:
    """The stored ids of chats, given as stored or as an export or a `t.me/c/` link writes them.

    Raises:
        BadInput: no such chat is held; the text lists those that are.
    """
    held = {chat.chat_id: chat.title for chat in await session.scalars(select(Chat))}
    found = []
    for given in wanted:
        kinds = (ChatKind.PRIVATE, ChatKind.SUPERGROUP, ChatKind.GROUP)
        match = next((one for kind in kinds if (one := marked_chat_id(given, kind)) in held), None)
        if match is None:
            known = "; ".join(f"{chat_id} {title}" for chat_id, title in list(held.items())[:10])
            raise BadInput(f"No chat {given} is held. {f'There are: {known}' if known else 'Import one first'}.")
        found.append(match)
    return found


async def threads_of(session: ReadSession, chat_id: int) -> list[dict[str, Any]]:
    """Every message of a chat with its link, in order: the JSON of `otklik threads`."""
    rows = await session.scalars(select(Message).where(Message.chat_id == chat_id).order_by(Message.message_id))
    return [
        {
            "message_id": row.message_id,
            "reply_to": row.reply_to,
            "parent": row.parent_id,
            "thread_id": row.thread_id,
            "how": row.link_how,
            "evidence": row.link_evidence,
        }
        for row in rows
    ]


async def status_document(session: ReadSession, redis: Redis) -> dict[str, Any]:
    """The JSON of `otklik status`."""
    units = await count_units(session)
    streams = {}
    for stream in STREAMS:
        found = await depth(redis, stream)
        streams[stream.name] = {"length": found.length, "pending": found.pending, "lag": found.lag}
    return {
        "chats": [dict(row) for row in (await session.execute(_CHATS)).mappings()],
        "streams": streams,
        "dead_letters": await count_dead_letters(session),
        "unmasked": await session.scalar(_UNMASKED),
        "units": units.units,
        "unembedded": units.unembedded,
        "spend": await _spend(session),
    }


async def _spend(session: ReadSession) -> dict[str, Any]:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    since = {"today": today, "month": today.replace(day=1)}
    spent = {name: await session.scalar(_SPENT, {"since": start}) for name, start in since.items()}
    return {name: float(amount or 0) for name, amount in spent.items()} | {"budget": None}
