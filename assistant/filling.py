"""Filling a gap: what staff says to a question that the bot refused becomes a vetted answer.

Nobody is told of it: who asked has gone by now, or waits for the hand-over. The next one who asks is answered.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from assistant import vetted
from assistant.vetted import Origin, Vetted
from core.contracts.messages import UnitsChanged
from core.db.models import Answer, Chat, Message, Question, Suggestion
from core.domain.access import AccessScope
from core.errors import BadInput
from core.privacy.types import MaskedText


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question came from."""

    chat_id: int
    asker: str
    """Pseudonym; whose words go with the person."""


async def fill(
    session: AsyncSession,
    answer_id: UUID,
    words: MaskedText,
    *,
    by: str,
    scope: AccessScope,
    chat_id: int | None = None,
) -> UnitsChanged:
    """Vouch for an answer to the question that was refused with this one; a second time takes the place of the first.
    Returns what has to be published after the commit.

    `by`: pseudonym. `scope`: what its author may see. `chat_id`: whose people shall find it, where the question came from
    no chat: from a terminal, or from somewhere that is gone.

    Raises:
        BadInput: there is no such refusal (any more), its chat is not open to them, or none is named.
    """
    refused = await session.get(Answer, answer_id, with_for_update=True)
    if refused is None or not refused.refused or not refused.question:
        raise BadInput("The question is gone: it was deleted, or asked anew in other words.")
    place = await _place_of(session, refused) or await _chosen(session, chat_id, by)
    if place is None or not scope.allows(place.chat_id):
        raise BadInput("Choose a chat that you may see: its people will find the answer.")
    answer = Vetted(
        question=MaskedText(refused.question),
        answer=words,
        chat_id=place.chat_id,
        asker=place.asker,
        origin=Origin.CORRECTION,
        source=answer_id,
        vetted_by=by,
    )
    await vetted.vet(session, answer)
    return UnitsChanged(chat_id=place.chat_id)


async def _place_of(session: AsyncSession, answer: Answer) -> Place | None:
    """The chat that it was asked in: of the bot, or of staff, for whom a draft could not be made."""
    if answer.question_id is not None:
        question = await session.get(Question, answer.question_id)
        return None if question is None else Place(question.chat_id, question.asker)
    asked = (
        select(Message.chat_id, Message.sender)
        .join(Suggestion, (Suggestion.chat_id == Message.chat_id) & (Suggestion.message_id == Message.message_id))
        .where(Suggestion.answer_id == answer.answer_id)
    )
    found = (await session.execute(asked)).first()
    return None if found is None else Place(found.chat_id, found.sender)


async def _chosen(session: AsyncSession, chat_id: int | None, by: str) -> Place | None:
    """A chat that was named: the words are then those of whoever fills the gap."""
    if chat_id is None or await session.get(Chat, chat_id) is None:
        return None
    return Place(chat_id, by)
