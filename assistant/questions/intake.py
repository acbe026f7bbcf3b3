"""The door of questions: a message to the bot becomes part of a question, once, or is refused with a reason.

Everything happens in the caller's transaction; what was taken is answered from the rows, whatever dies meanwhile. The bot
is one process, so whoever waits for questions is told by an event in it, and needs no NOTIFY.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, insert, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from assistant import messages
from assistant.questions.editing import Edit, why_ignored
from assistant.questions.joining import CHARACTERS, Arrival, Begins, Joins, Latest, place
from assistant.questions.limits import Load, exceeded
from assistant.questions.records import Asked, How, Ignored, Limit, Origin, Refused, Taken, Why
from core.db.locks import KEEPING
from core.db.models import DeletedMessage, Handover, Question, QuestionMessage
from core.rules import BotRules

OPEN = ("waiting", "answering")

_LOCK = text("SELECT pg_advisory_xact_lock(4, hashtext(:asker))")
"""One message of a person at a time: a webhook delivers side by side, and of two that both begin a question neither would
see the other to join it."""


async def take(session: AsyncSession, asked: Asked, rules: BotRules, now: datetime) -> Taken | Ignored | Refused:
    """Put a new message where it belongs. Delivered twice it is taken once."""
    await _lock(session, asked)
    if await session.get(QuestionMessage, (asked.chat_id, asked.message_id)):
        return Ignored(Why.KNOWN)
    if await session.get(DeletedMessage, (asked.chat_id, asked.message_id)):
        return Ignored(Why.DELETED)
    if len(asked.text) > CHARACTERS:
        return Refused(Limit.TOO_LONG)
    match place(await _arrival(session, asked), await _latest(session, asked), rules):
        case Joins(question_id=question_id):
            await _add_message(session, asked, question_id)
            question = await session.get_one(Question, question_id)
            return _open_again(question, asked, How.JOINED, asked.sent_at, rules, now)
        case Begins(follows=follows):
            return await _begin(session, asked, follows, rules, now)


async def edited(session: AsyncSession, asked: Asked, rules: BotRules, now: datetime) -> Taken | Ignored | Refused:
    """Take a later edition of a message: its question, answered already or not, is answered anew with it."""
    await _lock(session, asked)
    message = await session.get(QuestionMessage, (asked.chat_id, asked.message_id))
    if message is None:
        return Ignored(Why.UNKNOWN)
    question = await session.get_one(Question, message.question_id, with_for_update=True)
    edited_at = datetime.fromtimestamp(asked.edit_version, UTC)
    same_words = message.text == asked.text
    why = why_ignored(Edit(message.edit_version, asked.edit_version, same_words, question.asked_at, edited_at))
    if why is not None:
        return Ignored(why)
    limit = await _limit_of_edit(session, asked, question, message, rules, now)
    if limit is not None:
        return Refused(limit)
    message.text, message.edit_version = asked.text, asked.edit_version
    return _open_again(question, asked, How.REOPENED, edited_at, rules, now)


async def _lock(session: AsyncSession, asked: Asked) -> None:
    await session.execute(KEEPING)
    await session.execute(_LOCK, {"asker": asked.asker})


async def _latest(session: AsyncSession, asked: Asked) -> Latest | None:
    """Locked: a worker that is just finishing it has to wait, or is waited for."""
    same_conversation = select(Question).where(
        Question.chat_id == asked.chat_id,
        Question.asker == asked.asker,
        Question.topic_id.is_not_distinct_from(asked.topic_id),
        Question.state != "dropped",
    )
    last = same_conversation.order_by(Question.asked_at.desc(), Question.question_id).limit(1)
    latest = (await session.scalars(last.with_for_update())).one_or_none()
    if latest is None:
        return None
    count, characters = await _size(session, latest.question_id)
    return Latest(
        question_id=latest.question_id,
        origin=Origin(latest.origin),
        is_open=latest.state in OPEN,
        last_at=latest.last_at,
        closed_at=latest.closed_at,
        follows=latest.follows,
        messages=count,
        characters=characters,
    )


async def _size(session: AsyncSession, question_id: UUID) -> tuple[int, int]:
    """Messages and characters."""
    size = select(func.count(), func.coalesce(func.sum(func.length(QuestionMessage.text)), 0))
    count, characters = (await session.execute(size.where(QuestionMessage.question_id == question_id))).one()
    return count, characters


async def _arrival(session: AsyncSession, asked: Asked) -> Arrival:
    return Arrival(
        sent_at=asked.sent_at,
        origin=asked.origin,
        characters=len(asked.text),
        replied=await _replied(session, asked.chat_id, asked.replies_to),
    )


async def _replied(session: AsyncSession, chat_id: int, message_id: int | None) -> UUID | None:
    """The question that the bot's message answers, or that staff answered through it."""
    said = None if message_id is None else await messages.find(session, chat_id, message_id)
    if said is None:
        return None
    handed_over = select(Handover.question_id).where(Handover.handover_id == said.subject).scalar_subquery()
    answered = select(Question.question_id).where(
        Question.chat_id == chat_id, or_(Question.question_id == said.subject, Question.question_id == handed_over)
    )
    return (await session.scalars(answered)).one_or_none()


async def _load(session: AsyncSession, asker: str, moment: datetime) -> Load:
    """What was asked before this moment. What the bot said unasked is nobody's question."""
    costs = func.sum(1 + Question.reopened)
    in_minute = costs.filter(Question.asked_at > moment - timedelta(minutes=1))
    own_open = func.count().filter(Question.state.in_(OPEN))
    own = select(func.coalesce(in_minute, 0), func.coalesce(costs, 0), own_open).where(
        Question.asker == asker, Question.origin != Origin.UNASKED, Question.asked_at > moment - timedelta(days=1)
    )
    minute, day, open_ = (await session.execute(own)).one()
    everybody = (await session.execute(select(func.count()).where(Question.state.in_(OPEN)))).scalar_one()
    return Load(in_minute=minute, in_day=day, own_open=open_, open=everybody)


async def _limit_of_edit(
    session: AsyncSession, asked: Asked, question: Question, message: QuestionMessage, rules: BotRules, now: datetime
) -> Limit | None:
    _, characters = await _size(session, question.question_id)
    if characters - len(message.text) + len(asked.text) > CHARACTERS:
        return Limit.TOO_LONG
    if question.state == "waiting":
        return None  # it costs no answer more
    return exceeded(await _load(session, asked.asker, now), rules)


async def _begin(
    session: AsyncSession, asked: Asked, follows: UUID | None, rules: BotRules, now: datetime
) -> Taken | Refused:
    due_at = now + timedelta(seconds=rules.burst_seconds)
    sent_at = min(asked.sent_at, now)  # Telegram's clock and ours are two
    load = await _load(session, asked.asker, sent_at)
    limit = exceeded(load, rules)
    if limit is not None:
        return Refused(limit)
    question = insert(Question).values(
        asker=asked.asker,
        role=asked.role,
        chat_id=asked.chat_id,
        sealed_chat=asked.sealed_chat,
        topic_id=asked.topic_id,
        origin=asked.origin,
        follows=follows,
        behind=load.own_open,
        asked_at=sent_at,
        last_at=sent_at,
        due_at=due_at,
    )
    question_id = (await session.execute(question.returning(Question.question_id))).scalar_one()
    await _add_message(session, asked, question_id)
    return Taken(question_id, How.BEGAN, due_at)


async def _add_message(session: AsyncSession, asked: Asked, question_id: UUID) -> None:
    await session.execute(
        insert(QuestionMessage).values(
            chat_id=asked.chat_id,
            message_id=asked.message_id,
            question_id=question_id,
            edit_version=asked.edit_version,
            text=asked.text,
        )
    )


def _open_again(question: Question, asked: Asked, how: How, sent_at: datetime, rules: BotRules, now: datetime) -> Taken:
    """Whatever is being made of the former revision will not be shown, and a little later the new one is taken up."""
    question.reopened += question.state != "waiting"
    question.state, question.leased_until, question.closed_at = "waiting", None, None
    question.revision += 1
    question.tries = 0
    question.role, question.sealed_chat = asked.role, asked.sealed_chat
    question.last_at = max(question.last_at, min(sent_at, now))
    question.due_at = now + timedelta(seconds=rules.burst_seconds)
    return Taken(question.question_id, how, question.due_at)
