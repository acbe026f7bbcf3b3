"""Reading a chat's past: what is unknown of it, a page at a time.

Everything found goes through the outbox like a push, so it is masked, and the ledger notes what is covered once Redis
has it; a reading that is stopped goes on from there.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from telethon import functions, types

from core.rules import RulesFile
from ingestion.raw import RawMessage
from ingestion.telegram.asking import Asker
from ingestion.telegram.directory import Directory
from ingestion.telegram.ledger import Ledger
from ingestion.telegram.origins import SHIFT
from ingestion.telegram.outbox import Outbox
from ingestion.telegram.parcels import Advance, Chat, Parcel, Range

log = structlog.get_logger(__name__)

PAGE = 100
PAUSE_SECONDS = 1.0
"""Between two pages of history: what Telegram bears for hours without FLOOD_WAIT."""

Read = Callable[[Chat, Sequence[Any]], Sequence[RawMessage]]
Pages = AsyncGenerator[int, None]
"""A reading under way: each step reads a page, and tells how many messages were in it."""


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
        depth, read = max(asked, self._rules.current().listen.backfill), 0
        for part in _parts(chat):
            for low, high in await self._ledger.unknown(chat.stored_id, part.ids):
                # What was read a moment ago is not stored yet: it counts besides what lies above.
                budget = depth - read - await self._ledger.count(chat.stored_id, high) if low == part.ids[0] else None
                if budget is not None and budget <= 0:
                    continue
                log.info("reading history", chat_id=chat.stored_id, low=low, high=high)
                async for step in self._range(chat, part, (low, high), budget):
                    read += step
                    yield step

    async def _range(self, chat: Chat, part: "_Part", span: Range, budget: int | None) -> Pages:
        low, high = span
        read, told, below = 0, 0, high + 1
        while below > low and (budget is None or read < budget):
            page = await self.page(part.peer, below - part.shift)
            inside = [message for message in page if message.id + part.shift >= low]
            lowest = inside[-1].id + part.shift if len(inside) == len(page) and page else low
            raws = self._read(chat, inside)
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
            yield len(raws)
        log.info("history was read", chat_id=chat.stored_id, read=read, reached=below)

    async def page(self, peer: Any, below: int) -> list[Any]:
        """Messages with ids below one, or the newest where it is 0; newest first."""
        await asyncio.sleep(PAUSE_SECONDS)
        answer = await self._asker.ask(
            functions.messages.GetHistoryRequest(
                peer=peer, offset_id=below, offset_date=None, add_offset=0, limit=PAGE, max_id=0, min_id=0, hash=0
            )
        )
        self._directory.learn((*answer.users, *answer.chats))
        return [message for message in answer.messages if not isinstance(message, types.MessageEmpty)]


@dataclass(frozen=True, slots=True)
class _Part:
    """Where a part of a chat's history is read."""

    peer: Any
    ids: Range
    """As stored; the first one is the oldest that there can be."""
    shift: int = 0
    """What has to be added to Telegram's ids."""


def _parts(chat: Chat) -> list[_Part]:
    """The chat itself, and before it the group that it was."""
    parts = [_Part(chat.peer, (1, chat.top_id))]
    if chat.origin is not None:
        parts.append(_Part(chat.origin.peer, (SHIFT + 1, 0), SHIFT))
    return parts
