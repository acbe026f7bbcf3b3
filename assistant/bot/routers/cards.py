"""Buttons of the cards in the staff chat."""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from aiogram import Router
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery

from assistant import handover, suggestions
from assistant.bot.desk import Desk
from assistant.bot.pressing import answer, pressed
from assistant.suggestions import Outcome
from assistant.texts.card_phrases import CARD_GONE, DECIDED, DISMISSED, HOW_TO_EDIT, NO_DRAFT, SENT, SNOOZED
from assistant.texts.cards import HANDOVER, SUGGESTION, HandoverVerb, SuggestionVerb
from assistant.texts.phrases import GONE, STAFF_BUTTONS, THANKS, Phrase
from core.contracts.messages import UnitsChanged

_WORDS: Final[dict[Outcome, Phrase]] = {
    Outcome.SENT: SENT,
    Outcome.DISMISSED: DISMISSED,
    Outcome.SNOOZED: SNOOZED,
    Outcome.TO_EDIT: HOW_TO_EDIT,
    Outcome.DECIDED: DECIDED,
    Outcome.NO_DRAFT: NO_DRAFT,
    Outcome.NOT_STAFF: STAFF_BUTTONS,
    Outcome.GONE: CARD_GONE,
}


class HandoverPress(CallbackData, prefix=HANDOVER):
    """Of a hand-over that was answered."""

    verb: HandoverVerb
    handover_id: UUID


class SuggestionPress(CallbackData, prefix=SUGGESTION):
    """Of a suggestion."""

    verb: SuggestionVerb
    suggestion_id: UUID


def router() -> Router:
    """The handlers of this module. Made anew for each bot: a router belongs to one dispatcher."""
    router = Router(name="cards")
    router.callback_query.register(press_handover, HandoverPress.filter())
    router.callback_query.register(press_suggestion, SuggestionPress.filter())
    router.callback_query.register(press_unknown)
    return router


async def press_handover(query: CallbackQuery, callback_data: HandoverPress, desk: Desk) -> None:
    """Let the clients of other chats find an answer of staff, or not any more."""
    found, public = await pressed(query, desk), callback_data.verb is HandoverVerb.PUBLISH
    if found is None or not found.actor.role.is_staff:
        answer(query, STAFF_BUTTONS, desk)
        return
    changed = await desk.write(lambda session: handover.set_public(session, found.spot, public=public))
    if isinstance(changed, UnitsChanged):
        desk.units_changed(changed)
    desk.to_show.ring()
    answer(query, THANKS if isinstance(changed, UnitsChanged) else CARD_GONE, desk)


async def press_suggestion(query: CallbackQuery, callback_data: SuggestionPress, desk: Desk) -> None:
    """Send, edit, dismiss or snooze."""
    found, now = await pressed(query, desk), datetime.now(UTC)
    if found is None:
        answer(query, STAFF_BUTTONS, desk)
        return
    outcome = await desk.write(
        lambda session: suggestions.press(session, found.spot, found.actor, callback_data.verb, now)
    )
    desk.to_show.ring()
    answer(query, _WORDS[outcome], desk, alert=outcome is Outcome.TO_EDIT)


async def press_unknown(query: CallbackQuery, desk: Desk) -> None:
    """A button of another version, or one that was made up. It must not turn for ever."""
    answer(query, GONE, desk)
