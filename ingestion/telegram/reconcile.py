"""What pushes and differences do not tell: unknown ranges are read, and recent messages are read again.

One chat after the other, a page a second. Everything found goes through the outbox like a push, so it is masked, and
the ledger notes what is covered once Redis has it; a reconciler that is killed goes on from there.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from telethon import errors, functions, types

from core.contracts.messages import MessagesDeleted, edit_version
from core.rules import RulesFile
from ingestion.raw import RawMessage
from ingestion.telegram.asking import GONE, Asker
from ingestion.telegram.directory import Directory
from ingestion.telegram.ledger import Ledger
from ingestion.telegram.outbox import Outbox
from ingestion.telegram.parcels import Advance, Chat, Parcel, Range

log = structlog.get_logger(__name__)

PAGE = 100
PAUSE_SECONDS = 1.0
"""Between two pages of history: what Telegram bears for hours without FLOOD_WAIT."""

Read = Callable[[int, Sequence[Any]], Sequence[RawMessage]]


@dataclass(frozen=True, slots=True)
class Difference:
    """What reading a range again has shown."""

    missing: tuple[RawMessage, ...]
    """Not stored, or stored in an older edition."""
    gone: tuple[int, ...]
    """Not there any more."""


def compare(
    found: Sequence[RawMessage], present: Sequence[int], stored: Mapping[int, int], span: Range, *, dense: bool
) -> Difference:
    """Compare a range of Telegram's with the table. Pure.

    `present`: every id that Telegram has there, service messages too. `dense`: every number is one of this chat's
    messages, so that one which is absent was deleted, also where its first edition is still under way to the table.
    """
    low, high = span
    candidates = range(low, high + 1) if dense else sorted(number for number in stored if low <= number <= high)
    there = set(present)
    return Difference(
        missing=tuple(raw for raw in found if edit_version(raw.edited_at) > stored.get(raw.message_id, -1)),
        gone=tuple(number for number in candidates if number not in there),
    )


class Reconciler:
    """Works through chats that need it."""

    def __init__(
        self,
        *,
        asker: Asker,
        directory: Directory,
        ledger: Ledger,
        outbox: Outbox,
        rules: RulesFile,
        read: Read,
    ) -> None:
        self._asker = asker
        self._directory = directory
        self._ledger = ledger
        self._outbox = outbox
        self._rules = rules
        self._read = read
        self._wanted: dict[int, tuple[Chat, int | None]] = {}
        self._news = asyncio.Event()

    def want(self, chat: Chat, *, lost_from: int | None = None) -> None:
        """Put a chat on the list. `lost_from`: events were lost since this message was the newest, so that all since
        and a window before are compared, and deletions are looked for by absence."""
        before = self._wanted.get(chat.chat_id, (chat, None))[1]
        froms = [one for one in (before, lost_from) if one is not None]
        self._wanted[chat.chat_id] = chat, min(froms, default=None)
        self._news.set()

    async def run(self) -> None:
        """Work for ever."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._wanted:
                chat_id = next(iter(self._wanted))
                chat, lost_from = self._wanted.pop(chat_id)
                try:
                    await self._reread(chat, lost_from)
                    await self._fill(chat)
                except GONE:
                    log.info("a chat cannot be read any more", chat_id=chat.stored_id)
                except errors.RPCError as error:
                    log.warning("a chat could not be read", chat_id=chat.stored_id, error=type(error).__name__)

    async def _reread(self, chat: Chat, lost_from: int | None) -> None:
        """Read the newest messages again, and all that came since something was lost."""
        left, below = self._rules.current().listen.window, 0
        while left > 0:
            page = await self._page(chat, below, PAGE)
            if not page:
                return
            left -= sum(lost_from is None or message.id <= lost_from for message in page)
            span = page[-1].id, (below - 1 if below else page[0].id)
            below = page[-1].id
            stored = await self._ledger.editions(chat.stored_id, *span)
            raws = self._read(chat.chat_id, page)
            dense = lost_from is not None and not chat.shared
            found = compare(raws, [message.id for message in page], stored, span, dense=dense)
            if found.gone or found.missing:
                log.info(
                    "reading again found what was missed",
                    chat_id=chat.stored_id, messages=len(found.missing), deletions=len(found.gone),
                )  # fmt: skip
            deleted = MessagesDeleted(chat_id=chat.stored_id, message_ids=found.gone, seen_at=datetime.now(UTC))
            self._outbox.put(
                Parcel(
                    messages=tuple((chat, raw) for raw in found.missing),
                    deletions=(deleted,) if found.gone else (),
                    advance=Advance(covered={chat.stored_id: [span]}),
                )
            )
            await self._outbox.room()

    async def _fill(self, chat: Chat) -> None:
        """Read what is unknown, the newest first: holes whole, the time before everything held up to the depth that is
        set, or was asked for where that is more."""
        asked = (await self._ledger.depths()).get(chat.stored_id, 0)
        depth = max(asked, self._rules.current().listen.backfill)
        ranges = await self._ledger.unknown(chat.stored_id, chat.top_id)
        for low, high in ranges:
            # What was read a moment ago is not covered yet and is read once more: so only what lies above counts.
            budget = depth - await self._ledger.count(chat.stored_id, high) if low == 1 else None
            if budget is not None and budget <= 0:
                continue
            log.info("reading history", chat_id=chat.stored_id, low=low, high=high)
            await self._read_range(chat, low, high, budget)

    async def _read_range(self, chat: Chat, low: int, high: int, budget: int | None) -> None:
        read, told, below = 0, 0, high + 1
        while below > low and (budget is None or read < budget):
            page = await self._page(chat, below, PAGE)
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
        log.info("history was read", chat_id=chat.stored_id, read=read, reached=below)

    async def _page(self, chat: Chat, below: int, limit: int) -> list[Any]:
        """Messages with ids below one, or the newest; newest first."""
        await asyncio.sleep(PAUSE_SECONDS)
        answer = await self._asker.ask(
            functions.messages.GetHistoryRequest(
                peer=chat.peer, offset_id=below, offset_date=None, add_offset=0, limit=limit, max_id=0, min_id=0, hash=0
            )
        )
        self._directory.learn((*answer.users, *answer.chats))
        return [message for message in answer.messages if not isinstance(message, types.MessageEmpty)]
