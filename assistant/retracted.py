"""Saying anew what was blanked: an answer whose source was deleted, a card whose question was.

`ingestion.bot_tables` empties what shows deleted words, in the transaction of the deletion; here the words are found that
shall stand there instead. In a private chat nothing can be changed once it was delivered: the row stays empty.
"""

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from assistant import handover, messages, suggestions
from assistant.shown import words_of
from assistant.texts.card_phrases import QUESTION_GONE, SOURCE_GONE
from assistant.texts.render import plain_html
from core.db.models import BotMessage, Question
from core.domain.language import DEFAULT, language_of

AT_ONCE = 100
"""Messages of one transaction."""


async def say_anew(session: AsyncSession) -> int:
    """Fill what was blanked; returns how many messages."""
    reachable = or_(BotMessage.chat_id < 0, BotMessage.sealed_chat.is_not(None))
    blank = select(BotMessage).where(BotMessage.html == "", BotMessage.failed.is_(None), reachable)
    found = (await session.scalars(blank.limit(AT_ONCE).with_for_update(skip_locked=True))).all()
    for message in found:
        match message.kind:
            case "card" if await handover.show_again(session, message.subject, message.chat_id):
                pass
            case "suggestion" if await suggestions.show_again(session, message.subject, message.chat_id):
                pass
            case "answer":
                await _tell(session, message, await _source_gone(session, message))
            case _:
                await _tell(session, message, plain_html(QUESTION_GONE[DEFAULT]))
    return len(found)


async def _source_gone(session: AsyncSession, message: BotMessage) -> str:
    question = await session.get(Question, message.subject)
    words = await words_of(session, question) if question else ""
    return plain_html(SOURCE_GONE[language_of(words)])


async def _tell(session: AsyncSession, message: BotMessage, html: str) -> None:
    await messages.put(
        session,
        kind=message.kind,  # type: ignore[arg-type]  # the table's own check
        subject=message.subject,
        chat_id=message.chat_id,
        sealed_chat=None,
        topic_id=message.topic_id,
        reply_to=message.reply_to,
        html=html,
    )
