"""Clients' questions that nobody answers: after a while staff is shown a draft, or the bot speaks by itself.

Looked for once a minute in the chats whose `reply_mode` says so. A question counts once, whatever is restarted: its row
in `suggestions` or `question_messages` is what is remembered.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from assistant.questions.joining import CHARACTERS, MESSAGES
from assistant.questions.records import Origin
from core.contracts.messages import SHORT, ResponseNeeded
from core.db.models import Question, QuestionMessage
from core.domain.access import Role
from core.domain.asking import asks
from core.domain.text import is_thanks
from core.privacy.types import MaskedText
from core.rules import ReplyMode, Rules

LOOK_BACK: Final = timedelta(hours=24)
"""What waited longer is left to people: an answer to yesterday's question helps nobody."""

# What was asked before the bot was allowed to speak is left alone.
_BEGIN = text("""
    UPDATE chats SET speaking_since = :now
    WHERE chat_id = ANY(CAST(:chats AS bigint[])) AND speaking_since IS NULL
""")
_END = text("""
    UPDATE chats SET speaking_since = NULL
    WHERE speaking_since IS NOT NULL AND chat_id <> ALL(CAST(:chats AS bigint[]))
""")

# By the index of `sent_at`: a day of messages is read, whatever a chat holds besides. Threads that began before, and those
# in which staff has spoken, are somebody's already.
_UNANSWERED = text("""
    SELECT m.chat_id, m.thread_id, m.message_id, m.topic_id, m.sender, m.sent_at, m.text,
        EXISTS (SELECT FROM suggestions AS s WHERE s.chat_id = m.chat_id AND s.message_id = m.message_id)
        OR EXISTS (SELECT FROM question_messages AS q WHERE q.chat_id = m.chat_id AND q.message_id = m.message_id) AS taken
    FROM messages AS m JOIN chats AS c ON c.chat_id = m.chat_id AND m.sent_at >= c.speaking_since
    WHERE m.sent_at > :since AND m.chat_id = ANY(CAST(:chats AS bigint[])) AND m.threaded AND NOT m.is_staff
        AND NOT EXISTS (
            SELECT FROM messages AS s WHERE s.chat_id = m.chat_id AND s.thread_id = m.thread_id AND s.is_staff)
    ORDER BY m.chat_id, m.thread_id, m.sent_at, m.message_id
""")


@dataclass(frozen=True, slots=True)
class ClientMessage:
    """A client's message in a thread in which staff has not spoken."""

    chat_id: int
    thread_id: int
    message_id: int
    topic_id: int | None
    sender: str
    sent_at: datetime
    text: MaskedText
    taken: bool
    """It has a suggestion, or is part of a question to the bot."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """What one client asked at the beginning of a thread."""

    chat_id: int
    topic_id: int | None
    asker: str
    message_id: int
    """The message that asks, after a greeting perhaps."""
    asked_at: datetime
    said: Sequence[ClientMessage]
    """All that they said in the thread, in its order."""

    @property
    def text(self) -> MaskedText:
        """All of it."""
        return MaskedText("\n".join(message.text for message in self.said))


def unanswered(thread: Sequence[ClientMessage]) -> Unanswered | None:
    """What the thread asks, by who began it; None where they ask nothing, or it is taken already. Pure."""
    first = thread[0]
    if first.message_id != first.thread_id or any(message.taken for message in thread):
        return None
    said = [message for message in thread if message.sender == first.sender][:MESSAGES]
    question = next((message for message in said if asks(message.text) and not is_thanks(message.text)), None)
    if question is None:
        return None
    return Unanswered(first.chat_id, first.topic_id, first.sender, question.message_id, question.sent_at, said)


class News:
    """Lets through what was not there at the last look: else a long queue of drafts, or an entry that nobody can handle,
    would be published again with every look. A restart forgets it, which costs one repetition."""

    def __init__(self) -> None:
        self._seen: set[tuple[int, int]] = set()

    def among(self, needed: Sequence[ResponseNeeded]) -> Sequence[ResponseNeeded]:
        """Those of this look that the last one did not have."""
        news = [one for one in needed if (one.chat_id, one.message_id) not in self._seen]
        self._seen = {(one.chat_id, one.message_id) for one in needed}
        return news


async def scan(session: AsyncSession, rules: Rules, now: datetime) -> Sequence[ResponseNeeded]:
    """Queue what the bot shall answer by itself; returns what staff shall be shown a draft of, to be published after the
    commit. What was returned once is returned again until its suggestion is there (`News`)."""
    speaking = [
        chat_id for chat_id, chat in rules.chats.items() if chat.reply_mode is not ReplyMode.OFF and chat_id < 0
    ]
    await session.execute(_END, {"chats": speaking})
    if not speaking:
        return []
    await session.execute(_BEGIN, {"chats": speaking, "now": now})
    rows = await session.execute(_UNANSWERED, {"chats": speaking, "since": now - LOOK_BACK})
    needed = []
    for one in _waiting((ClientMessage(**row) for row in rows.mappings()), rules, now):
        if rules.chat(one.chat_id).reply_mode is ReplyMode.AUTO:
            await _ask(session, one, now)
        elif rules.access.staff_chat:
            needed.append(_needed(one))
    return needed


def _waiting(messages: Iterable[ClientMessage], rules: Rules, now: datetime) -> Iterable[Unanswered]:
    threads: dict[tuple[int, int], list[ClientMessage]] = defaultdict(list)
    for message in messages:
        threads[message.chat_id, message.thread_id].append(message)
    for thread in threads.values():
        found = unanswered(thread)
        if found and now - found.asked_at >= timedelta(minutes=rules.chat(found.chat_id).wait_minutes):
            yield found


def _needed(one: Unanswered) -> ResponseNeeded:
    words = MaskedText(one.text[:SHORT])
    return ResponseNeeded(
        chat_id=one.chat_id, message_id=one.message_id, topic_id=one.topic_id, question=words, summary=words
    )


async def _ask(session: AsyncSession, one: Unanswered, now: datetime) -> None:
    """As if they had asked the bot. The worker says nothing where the evidence is weak."""
    question = insert(Question).values(
        asker=one.asker,
        role=Role.CLIENT,
        chat_id=one.chat_id,
        topic_id=one.topic_id,
        origin=Origin.UNASKED,
        asked_at=one.asked_at,
        last_at=one.said[-1].sent_at,
        due_at=now,
    )
    question_id = (await session.execute(question.returning(Question.question_id))).scalar_one()
    room = CHARACTERS
    for message in one.said:
        words = message.text[:room]
        room -= len(words)
        row = {"chat_id": one.chat_id, "message_id": message.message_id, "edit_version": 0, "text": words}
        await session.execute(insert(QuestionMessage).values(question_id=question_id, **row))
