"""What is read and written about a question while it is answered: each a transaction that waits out an outage."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from assistant import messages
from assistant.access import NoAccess, Place, scope_of
from assistant.answering.results import AnswerResult, Citation
from assistant.bot.outages import waiting_out
from assistant.known import is_held
from assistant.questions import conversation, queue
from assistant.questions.records import Claim, Ending, GivenUp, Origin
from assistant.texts.buttons import Keyboard, answer_buttons, human_buttons
from assistant.texts.phrases import APOLOGY
from assistant.texts.render import Source, answer_html, plain_html
from assistant.turns import Turn
from assistant.waiting import Settled, settled
from core.db.session import Database
from core.domain.access import AccessScope
from core.domain.language import language_of
from core.rules import RulesFile

T = TypeVar("T")

FIRST_PAUSE: Final = timedelta(seconds=2)
"""Before the second try; doubled for each further one."""


class Lost(Exception):
    """The question is another's by now, or its asker wrote on, or it was taken back."""


class Casebook:
    """The rows of questions, as a worker needs them."""

    def __init__(self, database: Database, rules: RulesFile) -> None:
        self._database = database
        self._rules = rules

    async def next(self) -> tuple[Claim | None, Sequence[GivenUp]]:
        """The question that is to be answered now, and those that were given up instead; their askers will be told."""
        return await self._write(self._next)

    async def seconds_to_next(self) -> float | None:
        """How long until there may be one; None where nothing is open."""
        due = await self._read(queue.next_due)
        return None if due is None else max((due - _now()).total_seconds(), 0.0)

    async def scope(self, question: Claim) -> AccessScope | NoAccess:
        """What it may be answered from, by the rules as they stand now: who reads the answer decides."""

        async def held(session: AsyncSession) -> bool:
            return await is_held(session, question.chat_id)

        place = Place(question.chat_id, is_private=question.chat_id > 0, is_held=await self._read(held))
        return scope_of(question.role, place, self._rules.current())

    async def before(self, question: Claim) -> Sequence[Turn]:
        """The turns before it."""
        return await self._read(lambda session: conversation.before(session, question))

    async def renew(self, question: Claim) -> bool:
        """Hold on to it. False: it is lost."""
        return await self._write(lambda session: queue.renew(session, question, _now()))

    async def grow(self, question: Claim, html: str) -> None:
        """Show the beginning of its answer, unless it is lost."""

        async def grow(session: AsyncSession) -> None:
            if await queue.renew(session, question, _now()):
                await _put(session, question, html, [])

        await self._write(grow)

    async def close(self, session: AsyncSession, question: Claim, found: AnswerResult) -> bool:
        """Show its answer, in the transaction that records it. False where nobody asked, and nobody needs it.

        Raises:
            Lost: this answer is neither shown nor kept.
        """
        now, answer_id = _now(), found.answer_id
        if question.origin is Origin.UNASKED and not await _is_needed(session, question, found):
            if not await queue.drop(session, question, now, answer_id=answer_id):
                raise Lost
            return False
        if not await queue.finish(session, question, answer_id=answer_id, refused=found.refused, now=now):
            raise Lost
        await self._show(session, question, found, now)
        return True

    async def drop(self, question: Claim) -> bool:
        """Say nothing to it, and look for nothing either. False: it is lost."""
        return await self._write(lambda session: queue.drop(session, question, _now()))

    async def retry(self, question: Claim) -> bool:
        """Try it again a little later."""
        pause = FIRST_PAUSE * 2 ** (question.tries - 1)
        return await self._write(lambda session: queue.retry(session, question, pause, _now()))

    async def _next(self, session: AsyncSession) -> tuple[Claim | None, Sequence[GivenUp]]:
        given_up = await queue.give_up(session, self._rules.current().bot, _now())
        for one in given_up:
            if one.ending is Ending.TRIED_OUT and one.question.origin is not Origin.UNASKED:
                language = language_of(one.question.text)
                buttons = human_buttons(one.question.question_id, language)
                await _put(session, one.question, plain_html(APOLOGY[language]), buttons)
        return await queue.claim(session, _now()), given_up

    async def _show(self, session: AsyncSession, question: Claim, found: AnswerResult, now: datetime) -> None:
        late = now - question.last_at > timedelta(minutes=self._rules.current().bot.late_minutes)
        sources = [source_of(citation) for citation in found.citations]
        html = answer_html(found.answer, sources, found.language, now, late_since=question.last_at if late else None)
        buttons = answer_buttons(found.answer_id, found.language, refused=found.refused, sourced=bool(sources))
        await _put(session, question, html, buttons, late=late)

    async def _read(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        async def once() -> T:
            async with self._database.reading() as session:
                return await work(session)

        return await waiting_out(once)

    async def _write(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        async def once() -> T:
            async with self._database.transaction() as session:
                return await work(session)

        return await waiting_out(once)


def source_of(citation: Citation) -> Source:
    """A citation as it is shown."""
    return Source(citation.link, citation.sent_at, citation.text, vetted=citation.vetted)


async def _is_needed(session: AsyncSession, question: Claim, found: AnswerResult) -> bool:
    """Whether the bot shall speak unasked: it has something to say, and staff has not spoken while it was written."""
    if found.refused:
        return False
    states = [await settled(session, question.chat_id, message_id) for message_id in question.message_ids]
    return Settled.ANSWERED not in states


async def _put(session: AsyncSession, question: Claim, html: str, buttons: Keyboard, *, late: bool = False) -> None:
    """In a private chat an answer stands below its question, and need not point at it unless it comes late."""
    points = question.chat_id < 0 or late
    await messages.put(
        session,
        kind="answer",
        subject=question.question_id,
        chat_id=question.chat_id,
        sealed_chat=question.sealed_chat,
        topic_id=question.topic_id,
        reply_to=question.message_ids[-1] if points and question.message_ids else None,
        html=html,
        buttons=buttons,
    )


def _now() -> datetime:
    return datetime.now(UTC)
