"""What `otklik threads` and `otklik status` read from the tables."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from redis.asyncio import Redis
from sqlalchemy import select, text

from core.contracts.streams import STREAMS
from core.db.models import BudgetAlarm, Chat, Message
from core.db.session import ReadSession
from core.domain.chats import ChatKind, marked_chat_id
from core.errors import BadInput
from core.index.vectors import count_units
from core.llm.budget import TOTAL, Budgets, Period, Spent
from core.llm.calls import Purpose
from core.llm.ledger import Purse
from core.llm.spending import spending
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

# Longer than any call may run: their process died in the middle, and nobody knows what they cost.
_UNSETTLED = text("""
    SELECT count(*) FROM model_calls WHERE settled_at IS NULL
        AND opened_at < now() - CASE api WHEN 'batches' THEN interval '25 hours' ELSE interval '5 minutes' END
""")
_WINDOWS = text("SELECT state, count(*) FROM analysis_windows WHERE state <> 'done' GROUP BY state ORDER BY state")


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


async def status_document(session: ReadSession, redis: Redis, purse: Purse) -> dict[str, Any]:
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
        "windows": {row.state: row.count for row in await session.execute(_WINDOWS)},
        "spend": await _spend(session, purse),
    }


async def _spend(session: ReadSession, purse: Purse) -> dict[str, Any]:
    """What a call whose price nobody knows has cost at most counts as spent."""
    now = datetime.now(UTC)
    money = await spending(session, now, purse.zone)
    told = (BudgetAlarm.period == "day") & (BudgetAlarm.begins == Period.DAY.begins(now, purse.zone))
    told |= (BudgetAlarm.period == "month") & (BudgetAlarm.begins == Period.MONTH.begins(now, purse.zone))
    alarms = await session.scalars(select(BudgetAlarm).where(told).order_by(BudgetAlarm.raised_at))
    names = sorted({name for name, _ in money.taken} - {TOTAL} | {purpose.value for purpose in purse.budgets.purposes})
    return {
        "today": float(money.spent[TOTAL, Period.DAY]),
        "month": float(money.spent[TOTAL, Period.MONTH]),
        "budget": float(purse.budgets.month),
        "budget_today": float(purse.budgets.day),
        "reserved": float(money.taken[TOTAL, Period.MONTH] - money.spent[TOTAL, Period.MONTH]),
        "purposes": {name: _of_purpose(name, money.spent, purse.budgets) for name in names},
        "unsettled": await session.scalar(_UNSETTLED),
        "alarms": [{"budget": one.budget, "period": one.period, "percent": one.percent} for one in alarms],
    }


def _of_purpose(name: str, spent: Spent, budgets: Budgets) -> dict[str, float | None]:
    own = budgets.purposes.get(Purpose(name))
    return {
        "today": float(spent.get((name, Period.DAY), 0)),
        "month": float(spent.get((name, Period.MONTH), 0)),
        "budget": float(own.month) if own else None,
        "budget_today": float(own.day) if own else None,
    }
