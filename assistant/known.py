"""Whom and which chats Otklik knows: the facts for `assistant.access` that stand in the tables."""

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.models import Chat, Message


async def has_written(session: AsyncSession, person: str) -> bool:
    """Whether this pseudonym stands under a message that is held."""
    return bool(await session.scalar(select(exists().where(Message.sender == person))))


async def is_held(session: AsyncSession, chat_id: int) -> bool:
    """Whether messages of this chat are, or were, taken in."""
    return bool(await session.scalar(select(exists().where(Chat.chat_id == chat_id))))
