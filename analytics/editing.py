"""Putting topics right: what people rename and merge."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from analytics.topics import LOCK
from core.db.models import Topic
from core.db.session import ReadSession
from core.db.verdicts import renew_verdicts_in
from core.embeddings.base import UnitEmbedding
from core.errors import BadInput
from core.privacy.types import MaskedText

SHOWN = 20

_LIST = text("""
    SELECT t.name, count(w.window_id) AS windows, coalesce(sum(cardinality(w.message_ids)), 0) AS messages,
        count(*) FILTER (WHERE w.resolved IS FALSE) AS unresolved, avg(w.sentiment) AS sentiment,
        max(a.last_at) AS last_at, ARRAY(SELECT name FROM topics f WHERE f.stands_for = t.topic_id ORDER BY name) AS formerly
    FROM topics t LEFT JOIN window_topics w USING (topic_id) LEFT JOIN analysis_windows a USING (window_id)
    WHERE t.chat_id = :chat_id AND t.stands_for IS NULL
    GROUP BY t.topic_id ORDER BY messages DESC, t.name
""")

# Where a window has both, its messages are put together; the target's own words stay.
_JOIN = text("""
    INSERT INTO window_topics (window_id, topic_id, message_ids, problem, sentiment, resolved)
    SELECT window_id, :target, message_ids, problem, sentiment, resolved FROM window_topics WHERE topic_id = :source
    ON CONFLICT (window_id, topic_id) DO UPDATE SET
        message_ids = ARRAY(SELECT DISTINCT unnest(window_topics.message_ids || excluded.message_ids) ORDER BY 1),
        problem = coalesce(window_topics.problem, excluded.problem),
        resolved = window_topics.resolved AND excluded.resolved
""")
_LEAVE = text("DELETE FROM window_topics WHERE topic_id = :source")
_BOTH = text("""
    SELECT window_id FROM window_topics WHERE topic_id = :source
    INTERSECT SELECT window_id FROM window_topics WHERE topic_id = :target
""")


async def topic_list(session: ReadSession, chat_id: int) -> Sequence[dict[str, Any]]:
    """The topics of a chat, what is talked about most first: the JSON of `otklik topics list`."""
    found = (await session.execute(_LIST, {"chat_id": chat_id})).mappings()
    return [{**row, "messages": int(row["messages"])} for row in found]


async def rename(session: AsyncSession, embedder: UnitEmbedding, chat_id: int, former: str, name: MaskedText) -> None:
    """Give a topic another name. The former one stays known as a name of it.

    Raises:
        BadInput: there is no such topic, or the new name is taken.
    """
    await session.execute(LOCK, {"chat_id": chat_id})
    topic = await _topic(session, chat_id, former)
    if await session.scalar(select(Topic).where(Topic.chat_id == chat_id, Topic.name == name)):
        raise BadInput(
            f"There is already a topic {name!r} in this chat, or one that was called so; merge them instead."
        )
    was = Topic(chat_id=chat_id, name=topic.name, embedding=topic.embedding, stands_for=topic.topic_id)
    topic.name, topic.embedding = name, await embedder.aget_text_embedding(name)
    await session.flush()  # before the former name is taken again
    session.add(was)


async def merge(session: AsyncSession, chat_id: int, source: str, target: str) -> None:
    """Put one topic, with all that was said about it, into another. Its name stays known as one of the other.

    Raises:
        BadInput: there is no such topic, or both are one.
    """
    await session.execute(LOCK, {"chat_id": chat_id})
    one, other = await _topic(session, chat_id, source), await _topic(session, chat_id, target)
    if one.topic_id == other.topic_id:
        raise BadInput(f"The topic {source!r} cannot be merged into itself; name two topics.")
    both = {"source": one.topic_id, "target": other.topic_id}
    judged_anew = (await session.scalars(_BOTH, both)).all()
    await session.execute(_JOIN, both)
    await session.execute(_LEAVE, {"source": one.topic_id})
    await renew_verdicts_in(session, chat_id, judged_anew)
    names = (Topic.topic_id == one.topic_id) | (Topic.stands_for == one.topic_id)
    await session.execute(update(Topic).where(names).values(stands_for=other.topic_id))


async def _topic(session: AsyncSession, chat_id: int, name: str) -> Topic:
    topics = (
        await session.scalars(
            select(Topic).where(Topic.chat_id == chat_id, Topic.stands_for.is_(None)).order_by(Topic.name)
        )
    ).all()
    found = next((topic for topic in topics if topic.name == name), None)
    if found is None:
        known = "; ".join(topic.name for topic in topics[:SHOWN]) or "none yet"
        raise BadInput(f"There is no topic {name!r} in this chat. There are: {known}.")
    return found
