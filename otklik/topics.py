"""What `otklik topics` does."""

from collections.abc import Sequence
from typing import Any

from analytics.editing import merge, rename, topic_list
from core.errors import BadInput
from core.settings import Settings
from otklik.reading import resolve_chats
from otklik.wiring import runtime

LONGEST = 80
"""Characters of a topic's name."""


async def list_topics(settings: Settings, chat_id: int) -> Sequence[dict[str, Any]]:
    """The JSON of `otklik topics list`."""
    async with runtime(settings) as parts, parts.database.reading() as session:
        [held] = await resolve_chats(session, [chat_id])
        found = await topic_list(session, held)
    return [{**topic, "last_at": topic["last_at"] and topic["last_at"].isoformat()} for topic in found]


async def merge_topics(settings: Settings, chat_id: int, source: str, target: str) -> None:
    """Merge two topics."""
    async with runtime(settings) as parts:
        async with parts.database.reading() as session:
            [held] = await resolve_chats(session, [chat_id])
        async with parts.database.transaction() as writing:
            await merge(writing, held, source, target)


async def rename_topic(settings: Settings, chat_id: int, former: str, name: str) -> str:
    """Rename a topic; the name as it is kept, masked."""
    async with runtime(settings) as parts:
        kept = parts.masked(" ".join(name.split()))
        if not 0 < len(kept) <= LONGEST:
            raise BadInput(f"A topic's name has 1 to {LONGEST} characters.")
        async with parts.database.reading() as session:
            [held] = await resolve_chats(session, [chat_id])
        async with parts.database.transaction() as writing:
            await rename(writing, parts.embedder, held, former, kept)
    return kept


def topics_text(found: Sequence[dict[str, Any]]) -> str:
    """The list for a person."""
    if not found:
        return "No topics yet: `otklik analyze` finds them."
    lines = []
    for topic in found:
        open_ = f", {topic['unresolved']} unresolved" if topic["unresolved"] else ""
        formerly = f"  (also {', '.join(topic['formerly'])})" if topic["formerly"] else ""
        lines.append(f"{topic['messages']:6} messages{open_}  {topic['name']}{formerly}")
    return "\n".join(lines)
