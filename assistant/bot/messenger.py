"""Makes Telegram agree with the rows of `bot_messages` (docs/decisions/0007-bot-messages.md).

A message that is not there yet is sent as a placeholder, its id is kept, and then it is edited into what it shall say:
only the placeholder can ever be there twice.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

import structlog
from aiogram import Bot
from aiogram.enums import ParseMode
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramRetryAfter,
)
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    LinkPreviewOptions,
    ReplyParameters,
)

from assistant import messages
from assistant.bot.bell import Bell
from assistant.bot.outages import TELEGRAM_AWAY, waiting_out
from assistant.bot.pace import Pace
from assistant.reports import Document
from core.db.models import BotMessage
from core.db.session import Database
from core.errors import OtklikError
from core.privacy.pseudonyms import Sealer

log = structlog.get_logger(__name__)

PLACEHOLDER: Final = "⏳"
AT_ONCE: Final = 16
"""Messages under way. A chat has at most one of them, so a slow one holds up no other."""
PATIENCE_SECONDS: Final = 10
"""Of one request. The two of a message end before the row's lease does (`messages.LEASE_SECONDS`)."""
UPLOAD_SECONDS: Final = 60
"""Of the request that brings a document. It outlasts the lease: whoever takes the row over edits the same message."""
LOOK_SECONDS: Final = 5.0
"""How often it looks for rows that nobody rang for: those of another process, or whose lease ran out."""
LONGEST_PAUSE_SECONDS: Final = 60.0
FAREWELL_SECONDS: Final = 5.0
"""How long a stop waits for the ids of placeholders that are on their way; mostly it is some milliseconds."""
REQUESTS_OF_A_NEW_MESSAGE: Final = 2
_NOT_MODIFIED = "message is not modified"
NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)


class Messenger:
    """Runs until it is cancelled. What it was doing then is done again by the next one."""

    def __init__(
        self,
        bot: Bot,
        database: Database,
        sealer: Sealer,
        to_show: Bell,
        pace: Pace,
        report: Callable[[UUID], Awaitable[Document]],
    ) -> None:
        """`to_show` is rung when rows were written; `report` makes the document of one."""
        self._bot = bot
        self._database = database
        self._sealer = sealer
        self._to_show = to_show
        self._pace = pace
        self._report = report
        self._under_way: set[UUID] = set()
        self._placing: set[asyncio.Task[int]] = set()

    async def run(self) -> None:
        """Show what is due, for ever."""
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    claimed = await waiting_out(self._claim)
                    for row in claimed:
                        # A row may be claimed again while PostgreSQL was away for longer than its lease.
                        if row.bot_message_id not in self._under_way:
                            self._under_way.add(row.bot_message_id)
                            group.create_task(self._attend(row))
                    if not claimed:
                        await self._to_show.wait(await waiting_out(self._pause))
        finally:
            if self._placing:
                await asyncio.wait(self._placing, timeout=FAREWELL_SECONDS)

    async def _claim(self) -> list[BotMessage]:
        free = AT_ONCE - len(self._under_way)
        if not free:
            return []
        async with self._database.transaction() as session:
            return list(await messages.claim(session, free))

    async def _pause(self) -> float:
        if len(self._under_way) >= AT_ONCE:
            return LOOK_SECONDS  # rung for when one of them ends
        async with self._database.reading() as session:
            due = await messages.next_due(session)
        return LOOK_SECONDS if due is None else min(max(due, 0.0), LOOK_SECONDS)

    async def _attend(self, row: BotMessage) -> None:
        try:
            await self._show(row)
        except Exception:  # a bug in one message must not silence the others
            log.exception("a message could not be shown", kind=row.kind)
            await self._later(row, LONGEST_PAUSE_SECONDS)
        finally:
            self._under_way.discard(row.bot_message_id)
            self._to_show.ring()

    async def _show(self, row: BotMessage) -> None:
        wait = self._pace.wait(row.chat_id, spare=0 if row.message_id else REQUESTS_OF_A_NEW_MESSAGE - 1)
        if wait > 0:
            await self._later(row, wait)
            return
        try:
            await self._send(row, self._chat(row))
        except TelegramMigrateToChat as error:
            await self._moved(row, error.migrate_to_chat_id)
        except TelegramRetryAfter as error:
            log.warning("telegram tells us to wait", seconds=error.retry_after, kind=row.kind)
            await self._later(row, error.retry_after)
        except TELEGRAM_AWAY as error:
            log.warning("telegram is away, trying again", error=type(error).__name__, kind=row.kind)
            await self._later(row, min(2.0 ** min(row.tries, 10), LONGEST_PAUSE_SECONDS))
        except (TelegramBadRequest, TelegramForbiddenError, OtklikError) as error:
            log.warning("a message can never be shown", error=str(error), kind=row.kind)
            await self._failed(row, getattr(error, "message", str(error)))
        except TelegramAPIError as error:  # the token was refused, or something that nobody foresaw
            log.error("telegram refuses", error=type(error).__name__, kind=row.kind)  # noqa: TRY400 - it says it all
            await self._later(row, LONGEST_PAUSE_SECONDS)

    async def _send(self, row: BotMessage, chat: int) -> None:
        # Made before anything is shown: a report that cannot be made leaves no trace in the chat.
        document = await waiting_out(lambda: self._report(row.subject)) if row.kind == "report" else None
        message_id = row.message_id
        if message_id is None:
            message_id = await self._placed(row, chat)
        self._pace.count(row.chat_id)
        try:
            await self._edit(row, chat, message_id, document)
        except TelegramBadRequest as error:
            if _NOT_MODIFIED not in error.message:
                raise
        await waiting_out(lambda: self._shown(row))

    async def _edit(self, row: BotMessage, chat: int, message_id: int, document: Document | None) -> None:
        if document is None:
            await self._bot.edit_message_text(
                row.html,
                chat_id=chat,
                message_id=message_id,
                parse_mode=ParseMode.HTML,
                link_preview_options=NO_PREVIEW,
                reply_markup=_keyboard(row),
                request_timeout=PATIENCE_SECONDS,
            )
        else:
            file = BufferedInputFile(document.content, row.html)
            await self._bot.edit_message_media(
                InputMediaDocument(media=file, caption=document.caption, parse_mode=None),
                chat_id=chat,
                message_id=message_id,
                request_timeout=UPLOAD_SECONDS,
            )

    async def _placed(self, row: BotMessage, chat: int) -> int:
        """Send the placeholder and keep its id. A stop lets it end: one whose id nobody has learnt stays there for ever."""
        placing = asyncio.create_task(self._place(row, chat))
        self._placing.add(placing)
        placing.add_done_callback(self._placing.discard)
        return await asyncio.shield(placing)

    async def _place(self, row: BotMessage, chat: int) -> int:
        self._pace.count(row.chat_id)
        reply = None if row.reply_to is None else ReplyParameters(
            message_id=row.reply_to, allow_sending_without_reply=True
        )  # fmt: skip
        sent = await self._bot.send_message(
            chat,
            PLACEHOLDER,
            message_thread_id=row.topic_id,
            reply_parameters=reply,
            request_timeout=PATIENCE_SECONDS,
        )
        await waiting_out(lambda: self._reserved(row, sent.message_id))
        return sent.message_id

    def _chat(self, row: BotMessage) -> int:
        """Telegram's id of the chat. Raises `OtklikError` where the seal is gone or was made with another key."""
        if row.chat_id < 0:
            return row.chat_id
        if row.sealed_chat is None:
            raise OtklikError("The private chat's id is not kept any more.")
        return self._sealer.open(row.sealed_chat)

    async def _reserved(self, row: BotMessage, message_id: int) -> None:
        async with self._database.transaction() as session:
            await messages.reserved(session, row.bot_message_id, message_id)

    async def _shown(self, row: BotMessage) -> None:
        async with self._database.transaction() as session:
            await messages.shown(session, row.bot_message_id, row.wanted)

    async def _later(self, row: BotMessage, seconds: float) -> None:
        async def later() -> None:
            async with self._database.transaction() as session:
                await messages.later(session, row.bot_message_id, seconds)

        await waiting_out(later)

    async def _failed(self, row: BotMessage, reason: str) -> None:
        async def failed() -> None:
            async with self._database.transaction() as session:
                await messages.failed(session, row.bot_message_id, reason)

        await waiting_out(failed)

    async def _moved(self, row: BotMessage, new_chat: int) -> None:
        log.warning("a group has become a supergroup", was=row.chat_id, now=new_chat)

        async def moved() -> None:
            async with self._database.transaction() as session:
                await messages.moved(session, row.chat_id, new_chat)

        await waiting_out(moved)


def _keyboard(row: BotMessage) -> InlineKeyboardMarkup:
    """An empty keyboard takes away the one that was there."""
    return InlineKeyboardMarkup(inline_keyboard=[[_button(text, does) for text, does in line] for line in row.buttons])


def _button(text: str, does: str) -> InlineKeyboardButton:
    if does.startswith("https://"):
        return InlineKeyboardButton(text=text, url=does)
    return InlineKeyboardButton(text=text, callback_data=does)
