"""The queue of questions: a worker claims one, holds it while it answers, and closes it. The rows are all there is.

A claim is told by its question's `(revision, tries)`: whoever has lost theirs, because the person wrote on or because they
were away for longer than the lease, can change nothing any more.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import case, exists, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from assistant.questions.records import Claim, Ending, GivenUp, Origin
from core.db.models import Answer, Handover, Question, QuestionMessage
from core.domain.access import Role
from core.privacy.types import MaskedText
from core.rules import BotRules

LEASE = timedelta(seconds=30)
"""For so long a question is nobody else's; renew it every third of that. It is also what a killed worker costs."""
MAX_TRIES = 5
"""A question that has killed or defeated its worker so often will do it again."""
HANDICAP = timedelta(seconds=30)
"""How far each open question of a person puts their next one behind those of others. Nobody waits for ever: it is a head
start, not a rank."""

# In a chat one's questions are answered one at a time, in their order: the second may lean on the answer to the first.
_CLAIM = text("""
    SELECT * FROM questions AS q
    WHERE (state = 'waiting' AND due_at <= :now OR state = 'answering' AND leased_until <= :now)
        AND tries < :max_tries
        AND NOT EXISTS (
            SELECT FROM questions AS other
            WHERE other.asker = q.asker AND other.chat_id = q.chat_id AND other.state IN ('waiting', 'answering')
                AND other.question_id <> q.question_id
                AND (other.leased_until > :now OR (other.asked_at, other.question_id) < (q.asked_at, q.question_id))
        )
    ORDER BY due_at + behind * CAST(:handicap AS interval), question_id LIMIT 1
    FOR UPDATE SKIP LOCKED
""")

_GIVE_UP = text("""
    SELECT * FROM questions AS q
    WHERE (state = 'waiting' OR state = 'answering' AND leased_until <= :now)
        AND (
            tries >= :max_tries OR last_at < :too_old
            OR NOT EXISTS (SELECT FROM question_messages AS m WHERE m.question_id = q.question_id)
        )
    FOR UPDATE SKIP LOCKED
""")

# Of each person in each chat the first question, and not before the one that is being answered is left or lost.
_NEXT_DUE = text("""
    SELECT min(free_at) FROM (
        SELECT greatest(
            max(leased_until),
            (array_agg(coalesce(leased_until, due_at) ORDER BY asked_at, question_id))[1]
        ) AS free_at
        FROM questions WHERE state IN ('waiting', 'answering') GROUP BY asker, chat_id
    ) AS heads
""")


async def claim(session: AsyncSession, now: datetime) -> Claim | None:
    """The question that is to be answered next, if any may be answered now. It is the caller's for `LEASE`.

    Call `give_up` before: a question that was tried out holds up those behind it.
    """
    free = _CLAIM.bindparams(now=now, max_tries=MAX_TRIES, handicap=HANDICAP)
    question = (await session.scalars(select(Question).from_statement(free))).one_or_none()
    if question is None:
        return None
    question.state, question.leased_until = "answering", now + LEASE
    question.tries += 1
    await session.flush()
    return await _claimed(session, question)


async def renew(session: AsyncSession, held: Claim, now: datetime) -> bool:
    """Hold on to it for another `LEASE`. False: it is lost, and what is being made of it will not be shown."""
    return await _change(session, held, leased_until=now + LEASE)


async def finish(session: AsyncSession, held: Claim, *, answer_id: UUID, refused: bool, now: datetime) -> bool:
    """It is answered. False: it is lost, and this answer must be neither shown nor kept."""
    state = "refused" if refused else "answered"
    mine = await _change(session, held, state=state, answer_id=answer_id, **_closed(now))
    if mine:
        await _link(session, held, answer_id)
    return mine


async def drop(session: AsyncSession, held: Claim, now: datetime, *, answer_id: UUID | None = None) -> bool:
    """Nothing will be said to it: nobody asked, and nothing strong was found, or staff was quicker. `answer_id`: what would
    have been said. False: it is lost."""
    mine = await _change(session, held, state="dropped", **_closed(now))
    if mine and answer_id is not None:
        await _link(session, held, answer_id)
    return mine


async def retry(session: AsyncSession, held: Claim, pause: timedelta, now: datetime) -> bool:
    """Something was away; try again after the pause. False: it is lost."""
    return await _change(session, held, state="waiting", leased_until=None, due_at=now + pause)


async def give_up(session: AsyncSession, rules: BotRules, now: datetime) -> Sequence[GivenUp]:
    """Close what will not be answered any more, and tell what it was: those who asked in vain are owed a word."""
    too_old = now - timedelta(hours=rules.give_up_hours)
    hopeless = _GIVE_UP.bindparams(now=now, max_tries=MAX_TRIES, too_old=too_old)
    given_up = []
    for question in await session.scalars(select(Question).from_statement(hopeless)):
        held = await _claimed(session, question)
        ending = _ending(held, too_old)
        state = "failed" if ending is Ending.TRIED_OUT else "dropped"
        await session.execute(
            update(Question).where(Question.question_id == held.question_id).values(state=state, **_closed(now))
        )
        given_up.append(GivenUp(held, ending))
    return given_up


async def next_due(session: AsyncSession) -> datetime | None:
    """When `claim` may find something; past where it may now. None while nothing is open."""
    moment: datetime | None = await session.scalar(_NEXT_DUE)
    return moment


def _ending(question: Claim, too_old: datetime) -> Ending:
    if not question.message_ids:
        return Ending.NO_MESSAGES
    return Ending.TOO_OLD if question.last_at < too_old else Ending.TRIED_OUT


def _closed(now: datetime) -> dict[str, object]:
    """The seal goes, except where staff has still to answer."""
    waits_for_staff = exists().where(Handover.question_id == Question.question_id, Handover.state == "open")
    return {"leased_until": None, "closed_at": now, "sealed_chat": case((waits_for_staff, Question.sealed_chat))}


async def _link(session: AsyncSession, held: Claim, answer_id: UUID) -> None:
    """Whatever becomes of the question later, what was answered to it is found."""
    await session.execute(update(Answer).where(Answer.answer_id == answer_id).values(question_id=held.question_id))


async def _change(session: AsyncSession, held: Claim, **values: object) -> bool:
    mine = (Question.question_id == held.question_id, Question.revision == held.revision, Question.tries == held.tries)
    changed = update(Question).where(*mine, Question.state == "answering").values(**values)
    return await session.scalar(changed.returning(Question.question_id)) is not None


async def _claimed(session: AsyncSession, question: Question) -> Claim:
    parts = select(QuestionMessage.message_id, QuestionMessage.text)
    ordered = parts.where(QuestionMessage.question_id == question.question_id).order_by(QuestionMessage.message_id)
    said = (await session.execute(ordered)).all()
    return Claim(
        question_id=question.question_id,
        revision=question.revision,
        tries=question.tries,
        asker=question.asker,
        role=Role(question.role),
        chat_id=question.chat_id,
        sealed_chat=question.sealed_chat,
        topic_id=question.topic_id,
        origin=Origin(question.origin),
        follows=question.follows,
        answer_id=question.answer_id,
        asked_at=question.asked_at,
        last_at=question.last_at,
        text=MaskedText("\n".join(part.text for part in said)),
        message_ids=tuple(part.message_id for part in said),
    )
