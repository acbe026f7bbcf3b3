"""Answers questions: claims one, answers it, says what shall be shown. Many at once, each person's in their order."""

import asyncio
from datetime import UTC, datetime
from typing import Final

import structlog
from aiogram import Bot
from aiogram.enums import ChatAction
from sqlalchemy.ext.asyncio import AsyncSession

from assistant.access import NoAccess
from assistant.answering.answerer import Answerer
from assistant.answering.inquiry import Inquiry
from assistant.answering.results import AnswerResult
from assistant.bot.bell import Bell
from assistant.bot.casebook import Casebook, Lost
from assistant.bot.errands import Errands
from assistant.bot.pace import Pace
from assistant.bot.streaming import Draft, Growing, Words
from assistant.questions.queue import LEASE
from assistant.questions.records import Claim, Ending, Origin
from core.metrics import BOT_ANSWER_SECONDS, BOT_ANSWERS
from core.privacy.pseudonyms import Sealer

log = structlog.get_logger(__name__)

CHANNEL: Final = "bot"
LOOK_SECONDS: Final = 5.0
"""How often it looks for questions that nobody rang for: those whose worker died, or whose pause is over."""
TYPING_SECONDS: Final = 4.5
"""Telegram shows `typing` for five."""


class Worker:
    """Runs until it is cancelled. What it was answering then is taken up again when its lease ends."""

    def __init__(
        self,
        *,
        bot: Bot,
        casebook: Casebook,
        answerer: Answerer,
        sealer: Sealer,
        pace: Pace,
        errands: Errands,
        to_answer: Bell,
        to_show: Bell,
    ) -> None:
        """`to_answer` is rung by others when questions came; `to_show` is rung here when there is something to show."""
        self._bot = bot
        self._casebook = casebook
        self._answerer = answerer
        self._sealer = sealer
        self._pace = pace
        self._errands = errands
        self._to_answer = to_answer
        self._to_show = to_show

    async def run(self, at_once: int) -> None:
        """Answer what is due, for ever, at most so many at once."""
        free = asyncio.Semaphore(at_once)

        def ended(_: asyncio.Task[None]) -> None:
            free.release()
            self._to_answer.ring()  # its asker's next question may have waited for it

        async with asyncio.TaskGroup() as group:
            while True:
                await free.acquire()
                group.create_task(self._attend(await self._next())).add_done_callback(ended)

    async def _next(self) -> Claim:
        while True:
            claimed, given_up = await self._casebook.next()
            for one in given_up:
                BOT_ANSWERS.labels("failed" if one.ending is Ending.TRIED_OUT else "dropped").inc()
                log.error("a question was given up", why=one.ending, tries=one.question.tries)
                self._to_show.ring()
            if claimed is not None:
                return claimed
            due = await self._casebook.seconds_to_next()
            await self._to_answer.wait(LOOK_SECONDS if due is None else min(due + 0.01, LOOK_SECONDS))

    async def _attend(self, question: Claim) -> None:
        """The edge of one question: whatever is wrong with it holds up no other, and it is tried again some times."""
        try:
            async with asyncio.TaskGroup() as group:
                beside = [group.create_task(self._hold(question)), group.create_task(self._type(question))]
                await self._answer(question)
                for task in beside:
                    task.cancel()
        except* Lost:
            log.info("a question was taken back while it was answered")
        except* Exception:
            log.exception("a question could not be answered", tries=question.tries)
            await self._casebook.retry(question)

    async def _answer(self, question: Claim) -> None:
        scope = await self._casebook.scope(question)
        if isinstance(scope, NoAccess):  # the rules have changed since it was asked
            await self._drop(question)
            return
        shown = False

        async def settle(session: AsyncSession, found: AnswerResult) -> None:
            nonlocal shown
            shown = await self._casebook.close(session, question, found)

        before = await self._casebook.before(question)
        inquiry = Inquiry(question=question.text, scope=scope, before=before, asker=question.asker)
        found = await self._answerer.answer(inquiry, channel=CHANNEL, words=self._words(question), settle=settle)
        if shown:
            self._to_show.ring()
            _count(question, found)
        else:
            BOT_ANSWERS.labels("dropped").inc()

    async def _drop(self, question: Claim) -> None:
        if await self._casebook.drop(question):
            BOT_ANSWERS.labels("dropped").inc()

    def _words(self, question: Claim) -> Words | None:
        """Where the words are shown while they are written. Unasked nothing is: it may turn out that nobody needs them."""
        if question.origin is Origin.UNASKED:
            return None
        if question.sealed_chat is not None:
            return Draft(self._bot, self._pace, question, self._sealer.open(question.sealed_chat))

        async def grow(html: str) -> None:
            await self._casebook.grow(question, html)
            self._to_show.ring()

        return Growing(grow)

    async def _hold(self, question: Claim) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            if not await self._casebook.renew(question):
                raise Lost

    async def _type(self, question: Claim) -> None:
        """Nobody types where nobody asked."""
        if question.origin is Origin.UNASKED:
            return
        chat = question.chat_id if question.sealed_chat is None else self._sealer.open(question.sealed_chat)
        while True:
            self._errands.run(self._bot.send_chat_action(chat, ChatAction.TYPING, message_thread_id=question.topic_id))
            await asyncio.sleep(TYPING_SECONDS)


def _count(question: Claim, found: AnswerResult) -> None:
    BOT_ANSWERS.labels("refused" if found.refused else "answered").inc()
    BOT_ANSWER_SECONDS.observe(max(0.0, (datetime.now(UTC) - question.last_at).total_seconds()))
