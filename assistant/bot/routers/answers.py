"""What people do with an answer: vote by button or reaction, say why, look at its sources, ask for a human."""

from datetime import UTC, datetime
from typing import Final, Literal
from uuid import UUID

from aiogram import F, Router
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, MessageReactionUpdated, ReactionTypeEmoji
from sqlalchemy.ext.asyncio import AsyncSession

from assistant import feedback, handover
from assistant.bot.desk import Desk
from assistant.bot.given import GivenAnswer, given_answer, show
from assistant.bot.handing_over import hand_over
from assistant.bot.pressing import Pressed, answer, pressed
from assistant.shown import Actor, Spot
from assistant.texts.buttons import ANSWER, AnswerVerb, Keyboard, back_buttons, reason_buttons
from assistant.texts.phrases import GONE, HANDED_OVER, NO_STAFF_CHAT, NOT_YOURS, THANKS, WHAT_IS_WRONG, Phrase
from assistant.texts.render import sources_html
from core.metrics import BOT_VOTES

VOTES: Final[dict[str, Literal[1, -1]]] = {"👍": 1, "👎": -1}
_REFUSED: Final[dict[handover.Refusal, Phrase]] = {
    handover.Refusal.GONE: GONE,
    handover.Refusal.NOT_YOURS: NOT_YOURS,
    handover.Refusal.NO_STAFF_CHAT: NO_STAFF_CHAT,
}


class AnswerPress(CallbackData, prefix=ANSWER):
    """What `assistant.texts.buttons` made a button send."""

    verb: AnswerVerb
    answer_id: UUID


def router() -> Router:
    """The handlers of this module. Made anew for each bot: a router belongs to one dispatcher."""
    router = Router(name="answers")
    router.callback_query.register(ask_human, AnswerPress.filter(F.verb == AnswerVerb.HUMAN))
    router.callback_query.register(press, AnswerPress.filter())
    router.message_reaction.register(react)
    return router


async def press(query: CallbackQuery, callback_data: AnswerPress, desk: Desk) -> None:
    """Anybody who reads an answer may vote on it and see its sources."""
    found = await pressed(query, desk)
    if found is None:
        answer(query, GONE, desk)
        return
    word = await desk.write(lambda session: _press(session, found, callback_data))
    if callback_data.verb.is_reason and word is THANKS:
        await hand_over(found, "downvoted", desk)
    desk.to_show.ring()
    answer(query, word, desk)


async def ask_human(query: CallbackQuery, desk: Desk) -> None:
    """Who asked, or staff, gives the question to a human."""
    found = await pressed(query, desk)
    if found is None:
        answer(query, GONE, desk)
        return
    outcome = await hand_over(found, "asked", desk)
    desk.to_show.ring()
    word = _REFUSED[outcome] if isinstance(outcome, handover.Refusal) else HANDED_OVER
    answer(query, word, desk, alert=True)


async def react(reaction: MessageReactionUpdated, desk: Desk) -> None:
    """A thumb under an answer is a vote; taken away it takes the vote back. Who stays anonymous has none."""
    if reaction.user is None:
        return
    visitor = await desk.visitor_of(reaction.user, reaction.chat)
    spot, values = Spot(visitor.place.chat_id, reaction.message_id), _votes(reaction)
    now = datetime.now(UTC)

    async def count(session: AsyncSession) -> None:
        role = (await desk.standing(session, visitor)).role
        if role is None:
            return
        actor = Actor(visitor.name, role)
        if not values:
            outcome = await feedback.withdraw_reaction(session, spot, actor)
        else:
            outcome = await feedback.vote(session, spot, actor, values[-1], now, by=feedback.By.REACTION)
        if isinstance(outcome, feedback.Counted):
            BOT_VOTES.labels({1: "up", -1: "down"}[values[-1]] if values else "withdrawn").inc()

    await desk.write(count)


async def _press(session: AsyncSession, at: Pressed, button: AnswerPress) -> Phrase | None:
    """Do what the button says; returns what to tell the person."""
    now, given = datetime.now(UTC), await given_answer(session, button.answer_id)
    if given is None:
        return GONE
    word: Phrase | None = None
    if button.verb in (AnswerVerb.UP, AnswerVerb.DOWN) or button.verb.is_reason:
        if not await _vote(session, at, button, now):
            return GONE
        word = WHAT_IS_WRONG if button.verb is AnswerVerb.DOWN else THANKS
    html, buttons = _view(given, button.verb, now)
    return word if await show(session, at, given, html, buttons) else GONE


async def _vote(session: AsyncSession, at: Pressed, button: AnswerPress, now: datetime) -> bool:
    if button.verb.is_reason:
        outcome = await feedback.give_reason(session, at.spot, at.actor, button.verb.value, button.answer_id, now)
    else:
        value: Literal[1, -1] = 1 if button.verb is AnswerVerb.UP else -1
        by, answer_id = feedback.By.BUTTON, button.answer_id
        outcome = await feedback.vote(session, at.spot, at.actor, value, now, by=by, answer_id=answer_id)
        BOT_VOTES.labels(button.verb.value).inc()
    return isinstance(outcome, feedback.Counted)


def _view(answer: GivenAnswer, verb: AnswerVerb, now: datetime) -> tuple[str, Keyboard]:
    """What the message shows after this button."""
    if verb is AnswerVerb.SOURCES:
        return sources_html(answer.sources, answer.language, now), back_buttons(answer.answer_id, answer.language)
    buttons = reason_buttons(answer.answer_id, answer.language) if verb is AnswerVerb.DOWN else answer.buttons()
    return answer.html(now), buttons


def _votes(reaction: MessageReactionUpdated) -> list[Literal[1, -1]]:
    """The thumbs that stand there now, in the order in which they were set."""
    emoji = [one.emoji for one in reaction.new_reaction if isinstance(one, ReactionTypeEmoji)]
    return [VOTES[one] for one in emoji if one in VOTES]
