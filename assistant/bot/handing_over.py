"""Giving a question to a human, with the nearest units of the history on the card."""

from sqlalchemy.ext.asyncio import AsyncSession

from assistant import handover
from assistant.access import NoAccess, Place, scope_of
from assistant.bot.desk import Desk
from assistant.bot.pressing import Pressed
from assistant.shown import Spot
from core.domain.access import Role
from core.privacy.types import RawText


async def hand_over(at: Pressed, why: handover.Why, desk: Desk) -> handover.Opened | handover.Refusal:
    """Open the hand-over of what the bot answers there, or bring its card up to date. The search comes before the
    transaction: it takes tens of milliseconds."""
    staff_chat = desk.rules.current().access.staff_chat
    candidates = await _nearest(at.spot, staff_chat, desk) if staff_chat else []

    async def open_(session: AsyncSession) -> handover.Opened | handover.Refusal:
        return await handover.hand_over(
            session, at.spot, at.actor, why,
            candidates=candidates, sealed_chat=at.visitor.sealed_chat, staff_chat=staff_chat,
        )  # fmt: skip

    return await desk.write(open_)


async def _nearest(spot: Spot, staff_chat: int, desk: Desk) -> list[str]:
    """Ids of the units that staff may see and that fit the question best."""
    words = await desk.write(lambda session: handover.question_words(session, spot))
    place = Place(staff_chat, is_private=False, is_held=False)
    scope = scope_of(Role.AGENT, place, desk.rules.current())
    if not words or isinstance(scope, NoAccess):
        return []
    hits = await desk.answerer.search(RawText(words), scope, handover.CANDIDATES)
    return [hit.unit_id for hit in hits]
