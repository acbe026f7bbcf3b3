"""What pushes and differences do not tell: recent messages are read again, and then what is unknown.

Reading again goes first, and first where something was lost: a history of hours must not hold up another chat's gap. Of
histories a page is read only while nobody waits, each chat in its turn.
"""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from telethon import errors

from core.contracts.messages import MessagesDeleted, edit_version
from core.rules import RulesFile
from ingestion.raw import RawMessage
from ingestion.telegram.asking import GONE
from ingestion.telegram.history import History, Pages, Read
from ingestion.telegram.ledger import Ledger
from ingestion.telegram.outbox import Outbox
from ingestion.telegram.parcels import Advance, Chat, Parcel, Range

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Loss:
    """Telegram did not tell what happened in a chat."""

    since: int
    """The newest message before it."""
    unstored: frozenset[int] = frozenset()
    """Messages from before it that were still under way to the table: they may have been deleted, too."""

    def joined(self, other: "Loss | None") -> "Loss":
        """Both losses as one."""
        return self if other is None else Loss(min(self.since, other.since), self.unstored | other.unstored)


@dataclass(frozen=True, slots=True)
class Difference:
    """What reading a range again has shown."""

    missing: tuple[RawMessage, ...]
    """Not stored, or stored in an older edition."""
    gone: tuple[int, ...]
    """Not there any more."""


def compare(
    found: Sequence[RawMessage],
    present: Sequence[int],
    stored: Mapping[int, int],
    span: Range,
    *,
    unstored: Collection[int] = (),
    dense: bool,
) -> Difference:
    """Compare a range of Telegram's with the table. Pure.

    `present`: every id that Telegram has there, service messages too. `unstored`: ids known to be under way to the table.
    `dense`: every number is one of this chat's messages, so that one which is absent was deleted.
    """
    low, high = span
    known = range(low, high + 1) if dense else sorted({*stored, *unstored})
    there = set(present)
    return Difference(
        missing=tuple(raw for raw in found if edit_version(raw.edited_at) > stored.get(raw.message_id, -1)),
        gone=tuple(number for number in known if low <= number <= high and number not in there),
    )


class Reconciler:
    """Works through chats that need it."""

    def __init__(self, *, ledger: Ledger, outbox: Outbox, rules: RulesFile, history: History, read: Read) -> None:
        self._ledger = ledger
        self._outbox = outbox
        self._rules = rules
        self._history = history
        self._read = read
        self._wanted: dict[int, tuple[Chat, Loss | None]] = {}
        self._histories: dict[int, tuple[Chat, Pages]] = {}
        """Under way, or to be begun."""
        self._news = asyncio.Event()

    def want(self, chat: Chat, loss: Loss | None = None) -> None:
        """Put a chat on the list. After a loss all since and a window before are compared, and deletions are looked for
        by absence."""
        _, before = self._wanted.get(chat.chat_id, (chat, None))
        self._wanted[chat.chat_id] = chat, before if loss is None else loss.joined(before)
        self._news.set()

    async def run(self) -> None:
        """Work for ever."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._wanted or self._histories:
                await (self._look_again() if self._wanted else self._read_on())

    async def _look_again(self) -> None:
        """Read the recent messages of the chat that needs it most again; what is unknown of it is read afterwards."""
        chat_id = min(self._wanted, key=lambda one: self._wanted[one][1] is None)
        chat, loss = self._wanted.pop(chat_id)
        with _noted(chat):
            if loss is not None or not await self._ledger.is_unread(chat.stored_id):
                await self._reread(chat, loss)
            self._histories[chat_id] = chat, self._history.unknown(chat)

    async def _read_on(self) -> None:
        """Read a page of the first history, which then waits for its next turn."""
        chat_id = next(iter(self._histories))
        chat, pages = self._histories.pop(chat_id)
        with _noted(chat):
            if await anext(pages, None) is not None:
                self._histories[chat_id] = chat, pages

    async def _reread(self, chat: Chat, loss: Loss | None) -> None:
        """Read the newest messages again, and all that came since something was lost."""
        left, below = self._rules.current().listen.window, 0
        while left > 0:
            page = await self._history.page(chat.peer, below)
            if not page:
                return
            left -= sum(loss is None or message.id <= loss.since for message in page)
            span = page[-1].id, (below - 1 if below else page[0].id)
            below = page[-1].id
            stored = await self._ledger.editions(chat.stored_id, *span)
            raws = self._read(chat, page)
            present, unstored = [message.id for message in page], loss.unstored if loss else ()
            dense = loss is not None and not chat.shared
            found = compare(raws, present, stored, span, unstored=unstored, dense=dense)
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


@contextmanager
def _noted(chat: Chat) -> Iterator[None]:
    """Telegram may refuse what is read of one chat; the others are read nevertheless."""
    try:
        yield
    except GONE:
        log.info("a chat cannot be read any more", chat_id=chat.stored_id)
    except errors.RPCError as error:
        log.warning("a chat could not be read", chat_id=chat.stored_id, error=type(error).__name__)
