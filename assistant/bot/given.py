"""An answer that was given, as it can be shown again: with its sources as far as they are still there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from assistant import messages
from assistant.bot.pressing import Pressed
from assistant.shown import question_at
from assistant.texts.buttons import Keyboard, answer_buttons
from assistant.texts.render import Source, answer_html
from core.db.models import Answer
from core.domain.chats import message_link
from core.domain.language import Language
from core.privacy.types import MaskedText

_SOURCES = text("""
    SELECT u.chat_id, (u.metadata_->'message_ids'->>0)::bigint AS message_id, (u.metadata_->>'asked_at')::float8 AS asked_at,
        u.text, u.vetted
    FROM citations AS c JOIN data_units AS u ON u.node_id = c.unit_id WHERE c.answer_id = :answer_id ORDER BY c.rank
""")


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What an answer says, and what it rests on."""

    answer_id: UUID
    text: MaskedText
    refused: bool
    language: Language
    sources: Sequence[Source]

    def html(self, now: datetime) -> str:
        """The answer with its list of sources."""
        return answer_html(self.text, self.sources, self.language, now)

    def buttons(self) -> Keyboard:
        """What can be done with it."""
        return answer_buttons(self.answer_id, self.language, refused=self.refused, sourced=bool(self.sources))


async def given_answer(session: AsyncSession, answer_id: UUID) -> GivenAnswer | None:
    """The answer; None where it is gone."""
    answer = await session.get(Answer, answer_id)
    if answer is None:
        return None
    rows = await session.execute(_SOURCES, {"answer_id": answer_id})
    sources = [
        Source(
            link=message_link(row.chat_id, row.message_id) if row.message_id is not None else None,
            said_at=datetime.fromtimestamp(row.asked_at, UTC),
            text=MaskedText(row.text),
            vetted=row.vetted,
        )
        for row in rows
    ]
    language: Language = "en" if answer.language == "en" else "ru"
    return GivenAnswer(answer_id, MaskedText(answer.answer), answer.refused, language, sources)


async def show(session: AsyncSession, at: Pressed, given: GivenAnswer, html: str, buttons: Keyboard) -> bool:
    """Put something in the answer's place. False where another answer stands there by now."""
    row = await messages.find(session, at.spot.chat_id, at.spot.message_id)
    question = await question_at(session, at.spot)
    if row is None or question is None or question.answer_id != given.answer_id:
        return False
    await messages.put(
        session,
        kind="answer",
        subject=row.subject,
        chat_id=row.chat_id,
        sealed_chat=at.visitor.sealed_chat,
        topic_id=row.topic_id,
        reply_to=row.reply_to,
        html=html,
        buttons=buttons,
    )
    return True
