"""What a deletion takes from the bot's tables: questions, suggestions, and answers that quote what is gone.

A message of the bot that shows such text is blanked: the text leaves the table with the deletion, and the bot, which
knows the words for it, says anew what shall stand there (`assistant.retracted`). Vetted answers stay: their words are the
team's own, checked for reuse, and go when the person who asked or answered is erased.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_MESSAGES = text("""
    DELETE FROM question_messages WHERE chat_id = :chat_id AND message_id = ANY(CAST(:ids AS bigint[]))
    RETURNING question_id
""")
_HAS_MESSAGES = "EXISTS (SELECT FROM question_messages AS m WHERE m.question_id = q.question_id)"
_OF_THESE = "q.question_id = ANY(CAST(:questions AS uuid[])) AND q.state IN ('waiting', 'answering')"
# What is left of a burst is another question: an answer to all of it is not shown.
_ASK_ANEW = text(f"""
    UPDATE questions AS q SET state = 'waiting', leased_until = NULL, revision = revision + 1, tries = 0
    WHERE {_OF_THESE} AND {_HAS_MESSAGES}
""")  # noqa: S608 - only the constants above are put in
_DROP = text(f"""
    UPDATE questions AS q SET state = 'dropped', leased_until = NULL, closed_at = :seen_at, sealed_chat = NULL
    WHERE {_OF_THESE} AND NOT {_HAS_MESSAGES}
""")  # noqa: S608
_UNASK = text("""
    UPDATE answers SET question = '', question_vector = NULL, evidence = evidence - 'searched' WHERE answer_id IN (
        SELECT answer_id FROM suggestions WHERE suggestion_id = ANY(CAST(:suggestions AS uuid[])))
        OR question_id = ANY(CAST(:questions AS uuid[]))
""")
_HANDOVERS = text("SELECT handover_id FROM handovers WHERE question_id = ANY(CAST(:questions AS uuid[]))")
_TAKE_BACK = text(f"""
    DELETE FROM handovers USING questions AS q
    WHERE handovers.question_id = q.question_id AND q.question_id = ANY(CAST(:questions AS uuid[]))
        AND handovers.state = 'open' AND NOT {_HAS_MESSAGES}
""")  # noqa: S608
_SUGGESTIONS = text("""
    UPDATE suggestions SET summary = '', draft = NULL, due_at = NULL,
        state = CASE WHEN state IN ('open', 'snoozed') THEN 'withdrawn' ELSE state END
    WHERE chat_id = :chat_id AND message_id = ANY(CAST(:ids AS bigint[])) RETURNING suggestion_id
""")

_ANSWERED = text("""
    SELECT q.question_id, h.handover_id FROM questions AS q LEFT JOIN handovers AS h USING (question_id)
    WHERE q.answer_id = ANY(CAST(:answers AS uuid[]))
""")
_DRAFTS = text("""
    UPDATE suggestions SET draft = NULL
    WHERE answer_id = ANY(CAST(:answers AS uuid[])) AND state IN ('open', 'snoozed') RETURNING suggestion_id
""")

# `shown = wanted`: there is nothing to show until it is said anew.
_BLANK = text("""
    UPDATE bot_messages SET html = '', buttons = '[]', shown = wanted
    WHERE kind = :kind AND subject = ANY(CAST(:subjects AS uuid[]))
""")


async def retract_messages(
    session: AsyncSession, chat_id: int, ids: Sequence[int], seen_at: datetime
) -> Sequence[UUID]:
    """Take back what was asked with these messages: an open question is dropped or asked anew, its hand-over and
    suggestions are withdrawn, and its words leave the answers' rows. Returns the questions."""
    where = {"chat_id": chat_id, "ids": ids}
    suggestions = (await session.scalars(_SUGGESTIONS, where)).all()
    questions = list(set(await session.scalars(_MESSAGES, where)))
    await session.execute(_UNASK, {"questions": questions, "suggestions": suggestions})
    await blank(session, "suggestion", suggestions)
    if not questions:
        return []
    await session.execute(_ASK_ANEW, {"questions": questions})
    await session.execute(_DROP, {"questions": questions, "seen_at": seen_at})
    await blank(session, "card", (await session.scalars(_HANDOVERS, {"questions": questions})).all())
    await session.execute(_TAKE_BACK, {"questions": questions})
    return questions


async def retract_answers(session: AsyncSession, answers: Sequence[UUID]) -> None:
    """Take back what the bot shows of these answers: to those who asked, in cards, and as drafts."""
    shown = (await session.execute(_ANSWERED, {"answers": answers})).all()
    await blank(session, "answer", [row.question_id for row in shown])
    await blank(session, "card", [row.handover_id for row in shown if row.handover_id is not None])
    await blank(session, "suggestion", (await session.scalars(_DRAFTS, {"answers": answers})).all())


async def blank(
    session: AsyncSession, kind: Literal["answer", "card", "reply", "suggestion"], subjects: Sequence[UUID]
) -> None:
    """Empty what the bot shows about these subjects, until it is said anew."""
    await session.execute(_BLANK, {"kind": kind, "subjects": subjects})
