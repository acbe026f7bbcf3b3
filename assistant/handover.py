"""Handing a question over to a human: a card in the staff chat, whose reply goes back to the asker and is vetted.

A second reply of staff takes the place of the first: the asker's message is edited, and the vetted answer with it. In a
private chat that goes only until the first has been delivered, since then nothing knows the way there any more
(`sealed_chat`): staff is told, and the vetted answer is replaced all the same. What the asker writes later, also to the
reply, is their conversation with the bot (`assistant.questions`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from assistant import messages, vetted
from assistant.references import references_to
from assistant.shown import Actor, Spot, last_message_of, question_at, words_of
from assistant.texts.cards import Complaint, HandoverFacts, handover_buttons, handover_html, staff_reply_html
from assistant.vetted import Origin, Vetted
from core.contracts.messages import UnitsChanged
from core.db.models import Answer, BotMessage, Feedback, Handover, Question, VettedAnswer
from core.domain.access import Role
from core.domain.chats import message_link
from core.domain.language import language_of
from core.privacy.types import MaskedText

CANDIDATES: Final = 3
"""Units that a card names, also where they were too weak to answer from."""

Why = Literal["asked", "downvoted"]


class Refusal(StrEnum):
    """Why nothing was handed over, or answered."""

    NO_STAFF_CHAT = "no_staff_chat"
    """`[access] staff_chat` is not set: there is nobody to hand it over to."""
    NOT_YOURS = "not_yours"
    """Only who asked, or staff, may hand a question over."""
    GONE = "gone"
    """There is no such question, or no such card, any more."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The question is in the staff's hands."""

    handover_id: UUID
    anew: bool
    """False where it already was."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Staff has answered."""

    delivered: bool
    """False where an earlier reply cannot be changed any more: the asker keeps that one."""
    units: UnitsChanged | None
    """To be published after the commit; None where the question's words are gone, so that nothing is vetted."""


async def question_words(session: AsyncSession, spot: Spot) -> MaskedText | None:
    """What was asked there: what the candidates for the card are searched with; None where no question is."""
    question = await question_at(session, spot)
    return await words_of(session, question) if question else None


async def hand_over(
    session: AsyncSession,
    spot: Spot,
    actor: Actor,
    why: Why,
    *,
    candidates: Sequence[str],
    sealed_chat: bytes | None,
    staff_chat: int,
) -> Opened | Refusal:
    """Give the question that the bot answers there to staff. Done twice it is done once; the card is brought up to date,
    so that it also shows a reason or a correction that came later.

    `candidates`: ids of the nearest units, best first. `sealed_chat`: a private chat's real id, sealed, kept until the
    reply is on its way.
    """
    question = await question_at(session, spot)
    if question is None:
        return Refusal.GONE
    if question.asker != actor.person and not actor.role.is_staff:
        return Refusal.NOT_YOURS
    if not staff_chat:
        return Refusal.NO_STAFF_CHAT
    row = {"question_id": question.question_id, "why": why, "candidates": list(candidates[:CANDIDATES])}
    begun = insert(Handover).values(row).on_conflict_do_nothing(index_elements=["question_id"])
    anew = await session.scalar(begun.returning(Handover.handover_id)) is not None
    handover = await _of_question(session, question)
    if handover.state == "open" and sealed_chat is not None:
        question.sealed_chat = sealed_chat
    await _show(session, handover, question, staff_chat)
    return Opened(handover.handover_id, anew)


async def reply(
    session: AsyncSession, card: Spot, staff: Actor, words: MaskedText, now: datetime
) -> Answered | Refusal:
    """Send what a member of staff replied to a card, and keep it as a vetted answer."""
    found = await _at(session, card)
    if found is None:
        return Refusal.GONE
    handover, question = found
    handover.state, handover.reply, handover.answered_by, handover.answered_at = "answered", words, staff.person, now
    delivered = await _deliver(session, handover, question, words)
    asked = await words_of(session, question)
    if asked:
        answer = Vetted(
            question=asked,
            answer=words,
            chat_id=question.chat_id,
            asker=question.asker,
            origin=Origin.HANDOVER,
            source=handover.handover_id,
            vetted_by=staff.person,
        )
        await vetted.vet(session, answer)
    await _show(session, handover, question, card.chat_id)
    return Answered(delivered, UnitsChanged(chat_id=question.chat_id) if asked else None)


async def set_public(session: AsyncSession, card: Spot, *, public: bool) -> UnitsChanged | Refusal:
    """Let the clients of other chats find the answer, or not any more."""
    found = await _at(session, card)
    if found is None:
        return Refusal.GONE
    handover, question = found
    own = await _vetted(session, handover)
    if own is None or not await vetted.set_public(session, own.vetted_id, public=public):
        return Refusal.GONE
    await _show(session, handover, question, card.chat_id)
    return UnitsChanged(chat_id=question.chat_id)


async def show_again(session: AsyncSession, handover_id: UUID, staff_chat: int) -> bool:
    """Bring the card up to date. False where the hand-over is gone."""
    handover = await session.get(Handover, handover_id, with_for_update=True)
    if handover is None:
        return False
    await _show(session, handover, await session.get_one(Question, handover.question_id), staff_chat)
    return True


async def _deliver(session: AsyncSession, handover: Handover, question: Question, words: MaskedText) -> bool:
    """Say it to the asker, below their question; the seal goes along with it. False where there is no way to them."""
    sealed = question.sealed_chat
    if sealed is None and question.chat_id > 0:
        earlier = select(BotMessage.sealed_chat).where(
            BotMessage.kind == "reply", BotMessage.subject == handover.handover_id
        )
        sealed = await session.scalar(earlier)
        if sealed is None:
            return False
    await messages.put(
        session,
        kind="reply",
        subject=handover.handover_id,
        chat_id=question.chat_id,
        sealed_chat=sealed,
        topic_id=question.topic_id,
        reply_to=await last_message_of(session, question),
        html=staff_reply_html(words, language_of(await words_of(session, question) or words)),
    )
    if question.state not in ("waiting", "answering"):
        question.sealed_chat = None
    return True


async def _show(session: AsyncSession, handover: Handover, question: Question, staff_chat: int) -> None:
    await session.flush()
    facts = await _facts(session, handover, question)
    language = language_of(facts.question)
    await messages.put(
        session,
        kind="card",
        subject=handover.handover_id,
        chat_id=staff_chat,
        sealed_chat=None,
        topic_id=None,
        reply_to=None,
        html=handover_html(facts, language),
        buttons=handover_buttons(facts, language),
    )


async def _facts(session: AsyncSession, handover: Handover, question: Question) -> HandoverFacts:
    answer = await session.get(Answer, question.answer_id) if question.answer_id else None
    own = await _vetted(session, handover)
    last = await last_message_of(session, question)
    return HandoverFacts(
        handover_id=handover.handover_id,
        question=await words_of(session, question),
        role=Role(question.role),
        is_private=question.chat_id > 0,
        link=message_link(question.chat_id, last) if last is not None else None,
        downvoted=handover.why == "downvoted",
        answer=MaskedText(answer.answer) if answer and answer.answer and not answer.refused else None,
        complaints=await _complaints(session, question),
        nearest=await references_to(session, handover.candidates),
        reply=None if handover.reply is None else MaskedText(handover.reply),
        public=None if own is None else own.public,
    )


async def _complaints(session: AsyncSession, question: Question) -> Sequence[Complaint]:
    votes = select(Feedback).where(Feedback.answer_id == question.answer_id, Feedback.vote == -1)
    given = await session.scalars(votes.order_by(Feedback.voted_at), execution_options={"populate_existing": True})
    return [Complaint(one.reason, MaskedText(one.correction) if one.correction else None) for one in given]


async def _at(session: AsyncSession, card: Spot) -> tuple[Handover, Question] | None:
    """The hand-over of a card, and its question; both locked, the question first as everywhere."""
    said = await messages.find(session, card.chat_id, card.message_id)
    if said is None or said.kind != "card":
        return None
    handover = await session.get(Handover, said.subject)
    if handover is None:
        return None
    question = await session.get_one(Question, handover.question_id, with_for_update=True)
    await session.refresh(handover, with_for_update=True)
    return handover, question


async def _of_question(session: AsyncSession, question: Question) -> Handover:
    own = select(Handover).where(Handover.question_id == question.question_id)
    return (await session.scalars(own.with_for_update())).one()


async def _vetted(session: AsyncSession, handover: Handover) -> VettedAnswer | None:
    own = select(VettedAnswer).where(VettedAnswer.source == handover.handover_id)
    return (await session.scalars(own, execution_options={"populate_existing": True})).one_or_none()
