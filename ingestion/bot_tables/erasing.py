"""Erasing one person from the bot's tables: as who asked, who voted, and who answered for the team."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.eval_tables import forget_cases, withdraw_cases
from ingestion.bot_tables.retracting import blank

_QUESTIONS = text("SELECT question_id FROM questions WHERE asker = :person OR chat_id = :private_chat")
_ANSWERS = text("SELECT answer_id FROM answers WHERE question_id = ANY(CAST(:questions AS uuid[]))")
_HANDOVERS = text("SELECT handover_id FROM handovers WHERE question_id = ANY(CAST(:questions AS uuid[]))")
_DELETE_QUESTIONS = text("DELETE FROM questions WHERE question_id = ANY(CAST(:questions AS uuid[]))")
_SUGGESTIONS = text("""
    DELETE FROM suggestions USING messages
    WHERE messages.chat_id = suggestions.chat_id AND messages.message_id = suggestions.message_id
        AND (messages.sender = :person OR messages.chat_id = :private_chat)
    RETURNING suggestion_id, answer_id
""")
_VOTES = text("DELETE FROM feedback WHERE voter = :person RETURNING answer_id")
_VETTED = text("""
    DELETE FROM vetted_answers WHERE asker = :person OR vetted_by = :person OR chat_id = :private_chat
    RETURNING 'vetted:' || vetted_id
""")
_UNITS = text("DELETE FROM data_units WHERE node_id = ANY(CAST(:units AS text[])) RETURNING node_id")
_RESTED = text("SELECT DISTINCT answer_id FROM citations WHERE unit_id = ANY(CAST(:units AS text[]))")
# What the person said for the team, and that it was they.
_REPLIES = text("UPDATE handovers SET reply = '', answered_by = NULL WHERE answered_by = :person RETURNING handover_id")
_DECISIONS = text("""
    UPDATE suggestions SET draft = NULL, decided_by = NULL WHERE decided_by = :person RETURNING suggestion_id
""")
_SHOWN = text("DELETE FROM bot_messages WHERE subject = ANY(CAST(:subjects AS uuid[])) OR chat_id = :private_chat")
_SAID = text("DELETE FROM bot_messages WHERE kind = 'reply' AND subject = ANY(CAST(:subjects AS uuid[]))")


@dataclass(frozen=True, slots=True)
class ErasedAsked:
    """What was removed of the bot's."""

    questions: int
    votes: int
    vetted: int
    suggestions: int
    units: int
    answers: Sequence[UUID]
    """What was answered to them, gone with their questions, and what rested on vetted answers of theirs: to be deleted."""


async def erase_asked(session: AsyncSession, who: Mapping[str, str | int]) -> ErasedAsked:
    """Erase what a person asked, with what the bot shows of it. `who`: `person` and `private_chat`. Before their messages
    go, by which their suggestions are found."""
    person, private_chat = {"person": who["person"]}, {"private_chat": who["private_chat"]}
    questions = (await session.scalars(_QUESTIONS, who)).all()
    answered = (await session.scalars(_ANSWERS, {"questions": questions})).all()
    handovers = (await session.scalars(_HANDOVERS, {"questions": questions})).all()
    suggested = (await session.execute(_SUGGESTIONS, who)).all()
    subjects = [*questions, *handovers, *(row.suggestion_id for row in suggested)]
    await session.execute(_SHOWN, {"subjects": subjects, **private_chat})
    await forget_cases(session, questions)
    votes = await _count(session, _VOTES, person)  # before the answers go, and theirs on them
    await session.execute(_DELETE_QUESTIONS, {"questions": questions})
    await _unsay(session, person)
    vetted = (await session.scalars(_VETTED, who)).all()
    units = (await session.scalars(_UNITS, {"units": vetted})).all()
    rested = (await session.scalars(_RESTED, {"units": vetted})).all()
    await withdraw_cases(session, vetted)
    return ErasedAsked(
        questions=len(questions),
        votes=votes,
        vetted=len(vetted),
        suggestions=len(suggested),
        units=len(units),
        answers=[*answered, *(row.answer_id for row in suggested if row.answer_id is not None), *rested],
    )


async def _unsay(session: AsyncSession, person: Mapping[str, str | int]) -> None:
    """Erase what the person said as a member of the team. That something was answered stays known, and its card says so."""
    handovers = (await session.scalars(_REPLIES, person)).all()
    decisions = (await session.scalars(_DECISIONS, person)).all()
    await session.execute(_SAID, {"subjects": [*handovers, *decisions]})
    await blank(session, "card", handovers)
    await blank(session, "suggestion", decisions)


async def _count(session: AsyncSession, statement: TextClause, values: Mapping[str, str | int]) -> int:
    return len((await session.execute(statement, values)).all())
