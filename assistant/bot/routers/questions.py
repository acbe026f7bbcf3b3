"""Questions: every text in a private chat; in a group `/ask`, the bot's name, or a reply to it."""

from datetime import UTC, datetime
from typing import Final

import structlog
from aiogram import F, Router
from aiogram.types import Message
from sqlalchemy.ext.asyncio import AsyncSession

from assistant.access import NoAccess, scope_of
from assistant.bot.desk import Desk, Visitor, language_in
from assistant.bot.reading import (
    Said,
    Told,
    is_command,
    is_from_a_person,
    is_group,
    is_private,
    replied_to,
    said,
    told,
    topic_of,
)
from assistant.questions import intake
from assistant.questions.records import Asked, Ignored, Limit, Origin, Refused, Taken
from assistant.texts.phrases import (
    EMPTY_ASK,
    ONLY_TEXT,
    PER_DAY,
    PER_MINUTE,
    QUEUE_FULL,
    STRANGER,
    TOO_LONG,
    UNKNOWN_GROUP,
    UNREADABLE,
    Phrase,
)
from core.errors import MaskingError
from core.metrics import BOT_QUESTIONS
from core.privacy.types import MaskedText

log = structlog.get_logger(__name__)

_LIMITS: Final[dict[Limit, Phrase]] = {
    Limit.TOO_LONG: TOO_LONG,
    Limit.PER_MINUTE: PER_MINUTE,
    Limit.PER_DAY: PER_DAY,
    Limit.QUEUE_FULL: QUEUE_FULL,
}


def router() -> Router:
    """The handlers of this module. Made anew for each bot: a router belongs to one dispatcher."""
    router = Router(name="questions")
    router.message.register(in_private, F.chat.func(is_private), F.func(is_from_a_person))
    router.message.register(in_group, F.chat.func(is_group), F.func(is_from_a_person))
    router.edited_message.register(edited, F.func(is_from_a_person))
    return router


async def in_private(message: Message, desk: Desk) -> None:
    """Any text is a question; what is none gets a polite word. A forwarded command is no question either."""
    words = said(message, desk.me)
    if is_command(message) and message.forward_origin is not None:
        return
    if words.is_empty:
        word = EMPTY_ASK if is_command(message) else ONLY_TEXT
        desk.say(message, word[language_in(message)])
        return
    await _ask(message, words, Origin.PRIVATE, desk)


async def in_group(message: Message, desk: Desk) -> None:
    """A message that is meant for the bot. `/ask` alone, as a reply, asks what was replied to."""
    how = told(message, desk.me)
    if how is Told.NOT:
        return
    words = said(message, desk.me)
    replied = replied_to(message)
    if words.is_empty and replied is not None and how is not Told.REPLY:
        words = said(replied, desk.me)
    if words.is_empty:
        if how is Told.COMMAND:
            desk.say(message, EMPTY_ASK[language_in(message)])
        return
    await _ask(message, words, Origin.GROUP, desk)


async def edited(message: Message, desk: Desk) -> None:
    """A later edition of a question has it answered anew, in place."""
    words = said(message, desk.me)
    if message.forward_origin is None and not words.is_empty:
        await _ask(message, words, Origin.PRIVATE if is_private(message.chat) else Origin.GROUP, desk)


async def _ask(message: Message, words: Said, origin: Origin, desk: Desk) -> None:
    """Store the question in one transaction, or tell why not. Of the edits most are of what never was a question, and
    whose author expects no word."""
    try:
        text = await desk.mask(words, message.from_user)
    except MaskingError:
        BOT_QUESTIONS.labels("not_masked").inc()
        if message.edit_date is None:
            desk.say(message, UNREADABLE[language_in(message)])
        return
    visitor = await desk.visitor(message)
    outcome = await desk.write(lambda session: _take(session, message, text, visitor, origin, desk))
    _tell(message, outcome, desk)


async def _take(
    session: AsyncSession, message: Message, text: MaskedText, visitor: Visitor, origin: Origin, desk: Desk
) -> Taken | Ignored | Refused | NoAccess:
    rules = desk.rules.current()
    role = (await desk.standing(session, visitor)).role
    scope = scope_of(role, visitor.place, rules)
    if role is None or isinstance(scope, NoAccess):
        assert isinstance(scope, NoAccess)
        return scope
    replied = replied_to(message)
    asked = Asked(
        chat_id=visitor.place.chat_id,
        sealed_chat=visitor.sealed_chat,
        topic_id=topic_of(message),
        message_id=message.message_id,
        edit_version=message.edit_date or 0,
        sent_at=message.date,
        text=text,
        asker=visitor.name,
        role=role,
        origin=origin,
        replies_to=replied.message_id if replied is not None else None,
    )
    take = intake.take if message.edit_date is None else intake.edited
    return await take(session, asked, rules.bot, datetime.now(UTC))


def _tell(message: Message, outcome: Taken | Ignored | Refused | NoAccess, desk: Desk) -> None:
    language = language_in(message)
    match outcome:
        case Taken():
            BOT_QUESTIONS.labels(outcome.how).inc()
            desk.to_answer.ring()
            desk.typing(message)
        case Ignored():
            BOT_QUESTIONS.labels("ignored").inc()
        case Refused():
            BOT_QUESTIONS.labels(outcome.limit).inc()
            desk.say(message, _LIMITS[outcome.limit][language])
        case NoAccess() if message.edit_date is None:
            BOT_QUESTIONS.labels("no_access").inc()
            phrase = STRANGER if is_private(message.chat) else UNKNOWN_GROUP
            desk.say(message, phrase[language].format(chat_id=message.chat.id))
