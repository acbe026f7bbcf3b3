"""What the bot shows: rows that say it, and the bookkeeping of whoever makes Telegram agree with them.

A service says what shall be shown with `put`, in its own transaction. The messenger takes what is due with `claim` and
reports with `reserved`, `shown`, `later` and `failed` (docs/decisions/0007-bot-messages.md). Times are the database's.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import case, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.models import BotMessage

LEASE_SECONDS = 30
"""For so long a claimed message is nobody else's. A request to Telegram must have ended before."""
REASON_LENGTH = 200
"""Characters of the reason of a failure that are kept."""

Kind = Literal["answer", "card", "reply", "suggestion", "alarm", "report"]
Button = tuple[str, str]
"""Its text; and its callback data, or the https link that it opens."""

# The oldest unshown message of each chat: a chat reads in the order in which things were said to it, and waits as a whole
# while one of its messages has to. A report waits by itself: it takes seconds to be made, and no card should wait for it.
_CLAIM = text("""
    WITH heads AS (
        SELECT DISTINCT ON (chat_id, kind = 'report') bot_message_id FROM bot_messages
        WHERE shown < wanted AND failed IS NULL ORDER BY chat_id, kind = 'report', made_at, bot_message_id
    ), picked AS (
        SELECT bot_message_id FROM bot_messages JOIN heads USING (bot_message_id)
        WHERE shown < wanted AND failed IS NULL AND due_at <= now()
        ORDER BY due_at LIMIT :limit FOR UPDATE OF bot_messages SKIP LOCKED
    )
    UPDATE bot_messages SET due_at = now() + make_interval(secs => :lease), tries = tries + 1
    FROM picked WHERE bot_messages.bot_message_id = picked.bot_message_id
    RETURNING bot_messages.*
""")

_NEXT_DUE = text("""
    SELECT extract(epoch FROM min(due_at) - clock_timestamp())::float8 FROM (
        SELECT DISTINCT ON (chat_id, kind = 'report') due_at FROM bot_messages
        WHERE shown < wanted AND failed IS NULL ORDER BY chat_id, kind = 'report', made_at, bot_message_id
    ) AS heads
""")


async def put(
    session: AsyncSession,
    *,
    kind: Kind,
    subject: UUID,
    chat_id: int,
    sealed_chat: bytes | None,
    topic_id: int | None,
    reply_to: int | None,
    html: str,
    buttons: Sequence[Sequence[Button]] = (),
) -> UUID:
    """Say what the message about this subject shall show, there from now on or in the place of what it showed before.

    `sealed_chat`: a private chat's real id, sealed; None for groups. `html`: masked, within Telegram's limits. Saying the
    same again changes nothing. Where the message is stays as it was first said. Returns its `bot_message_id`.
    """
    said = {"html": html, "buttons": [[list(button) for button in row] for row in buttons]}
    where = {"chat_id": chat_id, "topic_id": topic_id, "reply_to": reply_to, "sealed_chat": sealed_chat}
    new = insert(BotMessage).values(kind=kind, subject=subject, **where, **said)
    differs = or_(BotMessage.html != new.excluded.html, BotMessage.buttons != new.excluded.buttons)
    # What is on its way, or waits for Telegram's patience, keeps its time: two requests at once could show it twice.
    row = new.on_conflict_do_update(
        index_elements=["kind", "subject"],
        set_={
            **said,
            "wanted": BotMessage.wanted + 1,
            "due_at": case((BotMessage.shown == BotMessage.wanted, func.now()), else_=BotMessage.due_at),
            "tries": 0,
            "failed": None,
            "sealed_chat": func.coalesce(new.excluded.sealed_chat, BotMessage.sealed_chat),
        },
        where=differs,
    )
    changed = await session.scalar(row.returning(BotMessage.bot_message_id))
    if changed is not None:
        return changed
    same = select(BotMessage.bot_message_id).where(BotMessage.kind == kind, BotMessage.subject == subject)
    return (await session.scalars(same)).one()


async def claim(session: AsyncSession, limit: int) -> Sequence[BotMessage]:
    """At most so many messages that Telegram does not show yet as they shall be, and that may be shown now.

    One of a chat, the oldest, and none of a chat of which one is claimed or waits; reports beside them. They are the caller's for
    `LEASE_SECONDS`; after a crash somebody else's. `tries` counts the claims since the message was last shown.
    """
    statement = select(BotMessage).from_statement(_CLAIM.bindparams(limit=limit, lease=LEASE_SECONDS))
    return (await session.scalars(statement)).all()


async def next_due(session: AsyncSession) -> float | None:
    """Seconds until `claim` finds something, not positive where it does now; None while there is nothing to show."""
    seconds: float | None = await session.scalar(_NEXT_DUE)
    return seconds


async def reserved(session: AsyncSession, bot_message_id: UUID, message_id: int) -> None:
    """Its placeholder is there under this id: from now on it is edited, never sent again."""
    await _change(session, bot_message_id, message_id=message_id)


async def shown(session: AsyncSession, bot_message_id: UUID, wanted: int) -> None:
    """Telegram shows it as it was `wanted` when it was claimed. With nothing newer wanted the seal goes."""
    await _change(
        session,
        bot_message_id,
        shown=func.greatest(BotMessage.shown, wanted),
        shown_at=func.now(),
        due_at=func.now(),
        tries=0,
        sealed_chat=case((BotMessage.wanted > wanted, BotMessage.sealed_chat), else_=None),
    )


async def later(session: AsyncSession, bot_message_id: UUID, seconds: float) -> None:
    """It could not be shown now, and nothing of its chat shall be tried for so long."""
    await _change(session, bot_message_id, due_at=func.now() + func.make_interval(0, 0, 0, 0, 0, 0, seconds))


async def failed(session: AsyncSession, bot_message_id: UUID, reason: str) -> None:
    """It can never be shown: the bot was blocked, or the chat is gone. What is `put` afterwards is tried again."""
    await _change(session, bot_message_id, failed=reason[:REASON_LENGTH], sealed_chat=None)


async def give_up(session: AsyncSession, kind: Kind, made_before: datetime, reason: str) -> None:
    """What could not be shown until now shall not be shown any more."""
    stale = (BotMessage.kind == kind, BotMessage.made_at < made_before)
    unshown = (BotMessage.shown < BotMessage.wanted, BotMessage.failed.is_(None))
    await session.execute(update(BotMessage).where(*stale, *unshown).values(failed=reason))


async def moved(session: AsyncSession, chat_id: int, new_chat_id: int) -> None:
    """A group has become a supergroup, which has a history of its own: what is not shown yet is shown there, anew."""
    unshown = (BotMessage.chat_id == chat_id, BotMessage.shown < BotMessage.wanted, BotMessage.failed.is_(None))
    there = {"chat_id": new_chat_id, "message_id": None, "reply_to": None, "topic_id": None, "due_at": func.now()}
    await session.execute(update(BotMessage).where(*unshown).values(**there))


async def find(session: AsyncSession, chat_id: int, message_id: int) -> BotMessage | None:
    """What the bot shows under this id: to what a reply, a reaction or a pressed button belongs."""
    there = select(BotMessage).where(BotMessage.chat_id == chat_id, BotMessage.message_id == message_id)
    return (await session.scalars(there)).one_or_none()


async def _change(session: AsyncSession, bot_message_id: UUID, **values: object) -> None:
    await session.execute(update(BotMessage).where(BotMessage.bot_message_id == bot_message_id).values(**values))
