"""Storing what was found: all of it in one transaction, and only if nothing it rests on has changed meanwhile."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from analytics import queue
from analytics.findings import MessageFindings, TopicFinding, Waiting, WindowFindings, together
from analytics.telling import mark_untold, to_tell
from analytics.topics import settled
from core.db.models import AnalysisWindow, Appraisal, WindowTopic
from core.db.verdicts import renew_verdicts_in
from core.index.vectors import Vector
from core.privacy.types import MaskedText


async def store_window(
    session: AsyncSession,
    held: AnalysisWindow,
    found: WindowFindings,
    vectors: Mapping[MaskedText, Vector],
    now: datetime,
    *,
    cards: int,
) -> bool:
    """Put what a window brought in the place of what an earlier analysis of it had. `vectors`: of the topics' names;
    `cards`: of so many clients who wait staff wants to hear.

    False: the claim is lost, and nothing was stored.
    """
    results = {
        "analysed_by": found.analysed_by,
        "summary": found.summary,
        "sentiment": found.sentiment,
        "call_id": found.call_id,
    }
    if not await queue.finish(session, held, results, now):
        return False
    await session.execute(delete(WindowTopic).where(WindowTopic.window_id == held.window_id))
    earlier = await _taken_away(session, held)
    await _put_topics(session, held, found.topics, vectors)
    await _put_waiting(session, held, found, now)
    await mark_untold(session, held, to_tell([one.message_id for one in found.waiting], earlier, cards), now)
    await renew_verdicts_in(session, held.chat_id, [held.window_id])
    return True


async def store_message(
    session: AsyncSession, held: Appraisal, found: MessageFindings, now: datetime, *, tell: bool
) -> bool:
    """Put what an urgent message brought. `tell`: staff wants to hear of it, if its urgency is confirmed.

    False: the claim is lost, and nothing was stored.
    """
    results = {
        "analysed_by": found.analysed_by,
        "category": found.category,
        "urgent": found.urgent,
        "sentiment": found.sentiment,
        "requires_response": found.requires_response,
        "summary": found.summary,
        "suggestion": found.suggestion,
        "sources": list(found.sources),
        "untold": tell and found.urgent and found.requires_response,
        "call_id": found.call_id,
    }
    return await queue.finish(session, held, results, now)


async def _taken_away(session: AsyncSession, held: AnalysisWindow) -> Mapping[int, bool]:
    """Remove what an earlier analysis said of who waits; returns whose messages those were, and whether staff has still to
    be told of each."""
    its_own = delete(Appraisal).where(Appraisal.window_id == held.window_id)
    rows = await session.execute(its_own.returning(Appraisal.message_id, Appraisal.untold))
    return {row.message_id: row.untold for row in rows}


async def _put_topics(
    session: AsyncSession, held: AnalysisWindow, found: Sequence[TopicFinding], vectors: Mapping[MaskedText, Vector]
) -> None:
    ids = await settled(session, held.chat_id, {topic.name: vectors[topic.name] for topic in found})
    topics: dict[UUID, TopicFinding] = {}
    for topic in found:  # two names may mean one topic
        topic_id = ids[topic.name]
        topics[topic_id] = together(topics[topic_id], topic) if topic_id in topics else topic
    rows = [
        {
            "window_id": held.window_id,
            "topic_id": topic_id,
            "message_ids": list(topic.message_ids),
            "problem": topic.problem,
            "sentiment": topic.sentiment,
            "resolved": topic.resolved,
        }
        for topic_id, topic in topics.items()
    ]
    if rows:
        await session.execute(insert(WindowTopic), rows)


async def _put_waiting(session: AsyncSession, held: AnalysisWindow, found: WindowFindings, now: datetime) -> None:
    """A message that the fast lane has looked at keeps what that said: it was looked at alone."""
    by = {"analysed_by": found.analysed_by, "analysed_at": now, "call_id": found.call_id}
    rows = [_row(held, one) | by for one in found.waiting]
    if rows:
        await session.execute(upsert(Appraisal).on_conflict_do_nothing(), rows)


def _row(held: AnalysisWindow, one: Waiting) -> dict[str, object]:
    return {
        "chat_id": held.chat_id,
        "message_id": one.message_id,
        "window_id": held.window_id,
        "state": "done",
        "category": one.category,
        "urgent": False,
        "sentiment": one.sentiment,
        "requires_response": True,
        "summary": one.summary,
        "suggestion": one.suggestion,
    }
