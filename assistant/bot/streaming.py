"""The words of an answer while it is being written: as a draft in private chats, in a group in the answer's own place."""

import time
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from aiogram import Bot
from aiogram.enums import ParseMode
from aiogram.exceptions import ClientDecodeError, TelegramAPIError

from assistant.bot.pace import Pace
from assistant.questions.records import Claim
from assistant.texts.render import draft_html
from core.privacy.types import MaskedText

log = structlog.get_logger(__name__)

DRAFT_SECONDS: Final = 1.0
GROUP_SECONDS: Final = 3.0
"""Between two editions of a growing answer."""
SPARE: Final = 3
"""Of a chat's burst, for what is not only on its way: an answer never waits for the words before it."""
PATIENCE_SECONDS: Final = 5
WRITING: Final = " ✍️"

Words = Callable[[MaskedText], Awaitable[None]]


class Draft:
    """Shows a person what is being written. A preview of 30 seconds that the answer takes the place of."""

    def __init__(self, bot: Bot, pace: Pace, question: Claim, chat: int) -> None:
        """`chat`: Telegram's id of the private chat."""
        self._bot = bot
        self._pace = pace
        self._question = question
        self._chat = chat
        # Any number but 0, the same for each edition of one answer: Telegram then animates what is added.
        self._draft_id = 1 + question.question_id.int % (2**31 - 1)
        self._next_at = 0.0
        self._allowed = True

    async def __call__(self, words: MaskedText) -> None:
        """Show the words so far, unless it is too soon. Where drafts are refused the answer simply comes at its end."""
        now = time.monotonic()
        if not self._allowed or now < self._next_at or self._pace.wait(self._question.chat_id, spare=SPARE):
            return
        self._next_at = now + DRAFT_SECONDS
        self._pace.count(self._question.chat_id)
        try:
            await self._bot.send_message_draft(
                self._chat,
                self._draft_id,
                message_thread_id=self._question.topic_id,
                text=draft_html(words),
                parse_mode=ParseMode.HTML,
                request_timeout=PATIENCE_SECONDS,
            )
        except (TelegramAPIError, ClientDecodeError) as error:
            self._allowed = False
            log.info("no draft is shown", error=type(error).__name__)


class Growing:
    """Writes the words so far into the answer's row; the messenger shows them."""

    def __init__(self, write: Callable[[str], Awaitable[None]]) -> None:
        self._write = write
        self._next_at = 0.0

    async def __call__(self, words: MaskedText) -> None:
        """Write the words so far, unless it is too soon."""
        now = time.monotonic()
        if now >= self._next_at:
            self._next_at = now + GROUP_SECONDS
            await self._write(draft_html(words, WRITING))
