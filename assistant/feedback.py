"""Votes on answers: one for a person and an answer, changeable, with a reason and a correction where it is a "no".

A correction of staff becomes a vetted answer at once; one of a client is kept beside the vote, and staff reads it on the
card of the hand-over. Both belong to the vote: who changes it to a "yes" takes them back.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from assistant import vetted
from assistant.shown import Actor, Spot, question_at, words_of
from assistant.vetted import Origin, Vetted
from core.contracts.messages import UnitsChanged
from core.db.models import Feedback, Question, VettedAnswer
from core.privacy.types import MaskedText

Vote = Literal[1, -1]

CORRECTABLE: Final = timedelta(minutes=10)
"""So long after a "no" a reply to the answer is read as its correction, and later as the next question."""


class By(StrEnum):
    """What a vote can be taken back with: a reaction that is withdrawn takes back only what came by a reaction."""

    BUTTON = "button"
    REACTION = "reaction"


class Refusal(StrEnum):
    """Why nothing was counted."""

    GONE = "gone"
    """There is no answer of the bot there, or another one by now."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The vote stands."""

    question_id: UUID
    answer_id: UUID


@dataclass(frozen=True, slots=True)
class Corrected:
    """The correction is kept."""

    question_id: UUID
    answer_id: UUID
    units: UnitsChanged | None
    """To be published after the commit; None where the correction waits for staff."""


async def vote(
    session: AsyncSession,
    spot: Spot,
    actor: Actor,
    value: Vote,
    now: datetime,
    *,
    by: By,
    answer_id: UUID | None = None,
) -> Counted | Refusal:
    """Count a vote. `answer_id`: what the pressed button was made for; None for a reaction, which means what stands
    there."""
    return await _counted(session, spot, actor, value, by, answer_id, now)


async def withdraw_reaction(session: AsyncSession, spot: Spot, actor: Actor) -> Counted | Refusal:
    """Take a vote back that came by a reaction. One that was given otherwise, or explained, stays."""
    question = await question_at(session, spot)
    if question is None or question.answer_id is None:
        return Refusal.GONE
    theirs = (Feedback.answer_id == question.answer_id, Feedback.voter == actor.person)
    await session.execute(delete(Feedback).where(*theirs, Feedback.by == By.REACTION))
    return Counted(question.question_id, question.answer_id)


async def give_reason(
    session: AsyncSession, spot: Spot, actor: Actor, reason: str, answer_id: UUID, now: datetime
) -> Counted | Refusal:
    """Say why an answer is voted down; whoever has not voted it down yet does so."""
    counted = await _counted(session, spot, actor, -1, By.BUTTON, answer_id, now)
    if isinstance(counted, Counted):
        given = await _given(session, counted.answer_id, actor)
        given.reason, given.by = reason, By.BUTTON
    return counted


async def correct(
    session: AsyncSession, spot: Spot, actor: Actor, words: MaskedText, now: datetime
) -> Corrected | Refusal:
    """Keep what the answer should have been, in the place of what the same person said before."""
    counted = await _counted(session, spot, actor, -1, By.BUTTON, None, now)
    if not isinstance(counted, Counted):
        return counted
    given = await _given(session, counted.answer_id, actor)
    given.correction, given.by, given.voted_at = words, By.BUTTON, now
    question = await session.get_one(Question, counted.question_id)
    asked = await words_of(session, question)
    if not actor.role.is_staff or not asked:
        return Corrected(counted.question_id, counted.answer_id, None)
    correction = Vetted(
        question=asked,
        answer=words,
        chat_id=question.chat_id,
        asker=question.asker,
        origin=Origin.CORRECTION,
        source=counted.answer_id,
        vetted_by=actor.person,
    )
    await vetted.vet(session, correction)
    return Corrected(counted.question_id, counted.answer_id, UnitsChanged(chat_id=question.chat_id))


async def awaits_correction(session: AsyncSession, spot: Spot, actor: Actor, words: MaskedText, now: datetime) -> bool:
    """Whether what this person replies to the answer there is its correction rather than their next question."""
    question = await question_at(session, spot)
    if question is None or question.answer_id is None:
        return False
    given = await session.get(Feedback, (question.answer_id, actor.person))
    return given is not None and given.vote == -1 and reads_as_correction(words, given.voted_at, now)


def reads_as_correction(words: MaskedText, voted_down_at: datetime, now: datetime) -> bool:
    """Whether a reply to an answer corrects it, from whoever voted it down.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    >>> [reads_as_correction(MaskedText(words), noon, noon) for words in ("Нужно обновить кассу.", "А если не поможет?")]
    [True, False]
    """
    return now - voted_down_at <= CORRECTABLE and not words.rstrip().endswith("?")


async def _counted(
    session: AsyncSession, spot: Spot, actor: Actor, value: Vote, by: By, answer_id: UUID | None, now: datetime
) -> Counted | Refusal:
    question = await question_at(session, spot)
    if question is None or question.answer_id is None or answer_id not in (None, question.answer_id):
        return Refusal.GONE
    row = {
        "answer_id": question.answer_id,
        "voter": actor.person,
        "role": actor.role,
        "vote": value,
        "by": by,
        "voted_at": now,
    }
    await session.execute(insert(Feedback).values(row).on_conflict_do_nothing())
    given = await _given(session, question.answer_id, actor)
    if given.vote != value:
        given.vote, given.by, given.role, given.voted_at = value, by, actor.role, now
        given.reason = given.correction = None
        await _take_back(session, question.answer_id, actor)
    return Counted(question.question_id, question.answer_id)


async def _given(session: AsyncSession, answer_id: UUID, actor: Actor) -> Feedback:
    key = answer_id, actor.person
    return await session.get_one(Feedback, key, with_for_update=True)


async def _take_back(session: AsyncSession, answer_id: UUID, actor: Actor) -> None:
    """Withdraw the vetted answer that this person's correction had become."""
    own = select(VettedAnswer.vetted_id).where(
        VettedAnswer.source == answer_id,
        VettedAnswer.origin == Origin.CORRECTION,
        VettedAnswer.vetted_by == actor.person,
    )
    vetted_id = await session.scalar(own)
    if vetted_id is not None:
        await vetted.withdraw(session, vetted_id)
