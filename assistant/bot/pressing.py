"""Who pressed a button, and under which message."""

from dataclasses import dataclass

from aiogram.types import CallbackQuery

from assistant.bot.desk import Desk, Visitor
from assistant.shown import Actor, Spot
from assistant.texts.phrases import Phrase, of_locale


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button of a message of the bot, and who pressed it."""

    spot: Spot
    visitor: Visitor
    actor: Actor


async def pressed(query: CallbackQuery, desk: Desk) -> Pressed | None:
    """Where, and by whom; None for people whom the bot does not serve there."""
    if query.message is None:
        return None
    visitor = await desk.visitor_of(query.from_user, query.message.chat)
    role = (await desk.write(lambda session: desk.standing(session, visitor))).role
    if role is None:
        return None
    return Pressed(Spot(visitor.place.chat_id, query.message.message_id), visitor, Actor(visitor.name, role))


def answer(query: CallbackQuery, word: Phrase | None, desk: Desk, *, alert: bool = False) -> None:
    """End the button's turning, with a word in the language of who pressed it."""
    text = None if word is None else word[of_locale(query.from_user.language_code)]
    desk.errands.run(desk.bot.answer_callback_query(query.id, text, show_alert=alert or None))
