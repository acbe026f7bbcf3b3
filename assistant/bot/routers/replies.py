"""Replies to the bot's messages that are no questions: of staff to a card, and corrections of an answer voted down."""

from datetime import UTC, datetime
from typing import TypeAlias
from uuid import UUID

from aiogram import F, Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.types import Message
from sqlalchemy.ext.asyncio import AsyncSession

from assistant import feedback, handover, messages, suggestions
from assistant.bot.desk import Desk, language_in
from assistant.bot.given import given_answer, show
from assistant.bot.handing_over import hand_over
from assistant.bot.pressing import Pressed
from assistant.bot.reading import is_from_a_person, replied_to, said
from assistant.shown import Actor, Spot
from assistant.texts.card_phrases import CARD_GONE, DECIDED, DELIVERED
from assistant.texts.phrases import CORRECTED, GONE, UNREADABLE
from core.errors import MaskingError
from core.privacy.types import MaskedText

Done: TypeAlias = handover.Answered | handover.Refusal | suggestions.Outcome | feedback.Corrected | feedback.Refusal


def router() -> Router:
    """The handlers of this module. Made anew for each bot: a router belongs to one dispatcher."""
    router = Router(name="replies")
    router.message.register(reply, F.reply_to_message, F.forward_origin.is_(None), F.func(is_from_a_person))
    return router


async def reply(message: Message, desk: Desk) -> None:
    """Do what the reply means. Whatever else it is goes on to the questions."""
    replied, words = replied_to(message), said(message, desk.me)
    if replied is None or replied.from_user is None or replied.from_user.id != desk.me.id or words.is_empty:
        raise SkipHandler
    try:
        text = await desk.mask(words, message.from_user)
    except MaskingError:
        desk.say(message, UNREADABLE[language_in(message)])
        return
    visitor = await desk.visitor(message)
    spot = Spot(visitor.place.chat_id, replied.message_id)

    async def act(session: AsyncSession) -> tuple[Actor, Done] | None:
        role = (await desk.standing(session, visitor)).role
        if role is None:
            return None
        actor = Actor(visitor.name, role)
        done = await _done(session, spot, actor, text)
        if isinstance(done, feedback.Corrected):
            await _take_reasons_away(session, Pressed(spot, visitor, actor), done.answer_id)
        return None if done is None else (actor, done)

    acted = await desk.write(act)
    if acted is None:
        raise SkipHandler
    actor, done = acted
    if isinstance(done, feedback.Corrected) and done.units is None:
        await hand_over(Pressed(spot, visitor, actor), "downvoted", desk)
    desk.to_show.ring()
    _tell(message, done, desk)


async def _done(session: AsyncSession, spot: Spot, actor: Actor, text: MaskedText) -> Done | None:
    """What it did; None where it is a question like others."""
    now = datetime.now(UTC)
    row = await messages.find(session, spot.chat_id, spot.message_id)
    match row.kind if row is not None else None:
        case "card" if actor.role.is_staff:
            return await handover.reply(session, spot, actor, text, now)
        case "suggestion" if actor.role.is_staff:
            return await suggestions.send_instead(session, spot, actor, text, now)
        case "answer" if await feedback.awaits_correction(session, spot, actor, text, now):
            return await feedback.correct(session, spot, actor, text, now)
    return None


async def _take_reasons_away(session: AsyncSession, at: Pressed, answer_id: UUID) -> None:
    """Who has said what is right need not say what was wrong: the answer has its own buttons again."""
    given = await given_answer(session, answer_id)
    if given is not None:
        await show(session, at, given, given.html(datetime.now(UTC)), given.buttons())


def _tell(message: Message, done: Done, desk: Desk) -> None:
    language = language_in(message)
    if isinstance(done, (handover.Answered, feedback.Corrected)) and done.units is not None:
        desk.units_changed(done.units)
    match done:
        case handover.Answered(delivered=False):
            desk.say(message, DELIVERED[language], always=True)
        case feedback.Corrected():
            desk.say(message, CORRECTED[language], always=True)
        case suggestions.Outcome.DECIDED:
            desk.say(message, DECIDED[language], always=True)
        case handover.Refusal() | suggestions.Outcome.GONE:
            desk.say(message, CARD_GONE[language], always=True)
        case feedback.Refusal():
            desk.say(message, GONE[language], always=True)
