"""Reading a chat's past: what is unknown of it, a page at a time.

Everything found goes through the outbox like a push, so it is masked, and the ledger notes what is covered once Redis
has it; a reading that is stopped goes on from there.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any

import structlog
from telethon import functions, types

from core.rules import RulesFile
from ingestion.raw import RawMessage
from ingestion.telegram.asking import Asker
from ingestion.telegram.directory import Directory
from ingestion.telegram.ledger import Ledger
from ingestion.telegram.outbox import Outbox
from ingestion.telegram.parcels import Advance, Chat, Parcel

log = structlog.get_logger(__name__)

PAGE = 100
PAUSE_SECONDS = 1.0
"""Between two pages of history: what Telegram bears for hours without FLOOD_WAIT."""

Read = Callable[[int, Sequence[Any]], Sequence[RawMessage]]
Pages = AsyncGenerator[int, None]
"""A reading under way: each step reads a page, and tells how many messages were read so far."""


class History:
    """Reads pages."""

    def __init__(
        self, *, asker: Asker, directory: Directory, ledger: Ledger, outbox: Outbox, rules: RulesFile, read: Read
    ) -> None:
        self._asker = asker
        self._directory = directory
        self._ledger = ledger
        self._outbox = outbox
        self._rules = rules
        self._read = read

    async def unknown(self, chat: Chat) -> Pages:
        """Read what is unknown, the newest first: holes whole, the time before everything held up to the depth that is
        set, or was asked for where that is more."""
        asked = (await self._ledger.depths()).get(chat.stored_id, 0)
        depth = max(asked, self._rules.current().listen.backfill)
        for low, high in await self._ledger.unknown(chat.stored_id, chat.top_id):
            # What was read a moment ago is not covered yet and is read once more: so only what lies above counts.
            budget = depth - await self._ledger.count(chat.stored_id, high) if low == 1 else None
            if budget is not None and budget <= 0:
                continue
            log.info("reading history", chat_id=chat.stored_id, low=low, high=high)
            async for read in self._range(chat, low, high, budget):
                yield read

    async def _range(self, chat: Chat, low: int, high: int, budget: int | None) -> Pages:
        read, told, below = 0, 0, high + 1
        while below > low and (budget is None or read < budget):
            page = await self.page(chat, below)
            inside = [message for message in page if message.id >= low]
            lowest = inside[-1].id if len(inside) == len(page) and page else low
            raws = self._read(chat.chat_id, inside)
            self._outbox.put(
                Parcel(
                    messages=tuple((chat, raw) for raw in raws),
                    advance=Advance(covered={chat.stored_id: [(lowest, below - 1)]}),
                    history=True,
                )
            )
            below, read = lowest, read + len(raws)
            if read // 1_000 > told:
                told = read // 1_000
                log.info("reading history", chat_id=chat.stored_id, read=read, reached=below, goes_to=low)
            await self._outbox.room()
            yield read
        log.info("history was read", chat_id=chat.stored_id, read=read, reached=below)

    async def page(self, chat: Chat, below: int) -> list[Any]:
        """Messages with ids below one, or the newest where it is 0; newest first."""
        await asyncio.sleep(PAUSE_SECONDS)
        answer = await self._asker.ask(
            functions.messages.GetHistoryRequest(
                peer=chat.peer, offset_id=below, offset_date=None, add_offset=0, limit=PAGE, max_id=0, min_id=0, hash=0
            )
        )
        self._directory.learn((*answer.users, *answer.chats))
        return [message for message in answer.messages if not isinstance(message, types.MessageEmpty)]
