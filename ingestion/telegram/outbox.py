"""From hearing to the streams, in order. The cursor in the ledger follows only what Redis has safely taken.

Safely means: `SAFE_SECONDS` ago, by a server that has not been restarted since. Redis writes its file once a second, so
one that is killed may forget what it took in its last seconds; then everything since the cursor is heard again, which
costs some repetition and loses nothing.
"""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice

import structlog
from pydantic import ValidationError
from redis.asyncio import Redis
from tenacity import AsyncRetrying, retry_if_exception_type

from core.contracts.messages import ChatChanged, ChatRef, Contract, MessageObserved
from core.contracts.streams import BATCH, CHATS, DELETED, FAST, Stream, message_stream
from core.errors import MaskingError
from core.metrics import DELETED_IDS, EDITED, OBSERVED, SKIPPED, UNPUBLISHED
from core.privacy.types import RawText
from core.rules import RulesFile
from core.streams.broker import AWAY, PAUSES, pages, server_run
from core.streams.entry import read_entry
from core.streams.publisher import Publisher
from ingestion.intake import ChatDesk, Intake
from ingestion.raw import RawChat
from ingestion.telegram.ledger import Ledger
from ingestion.telegram.parcels import Advance, Chat, Parcel, without

log = structlog.get_logger(__name__)

SAFE_SECONDS = 5.0
KEEP_SECONDS = 1.0
"""Between two moves of the cursors in the ledger."""
FULL = 5_000
"""Parcels in memory at which hearing goes on by fetching: what Redis cannot take now stays with Telegram."""
TOGETHER = 200
MAX_NAMES = 20_000
"""Display names remembered per chat: people are mentioned by them, and masked."""


class Outbox:
    """Parcels wait here until they are published."""

    def __init__(self, *, ledger: Ledger, publisher: Publisher, redis: Redis, intake: Intake, rules: RulesFile) -> None:
        self._ledger = ledger
        self._publisher = publisher
        self._redis = redis
        self._intake = intake
        self._rules = rules
        self._waiting: deque[tuple[int, Parcel]] = deque()
        self._news = asyncio.Event()
        self._emptied = asyncio.Event()
        self._accepted: deque[tuple[float, Advance]] = deque()
        self._desks: dict[int, ChatDesk] = {}
        self._names: dict[int, dict[str, RawText]] = defaultdict(dict)
        self._run: str | None = None
        self._epoch = 0
        """Counts the losses: what was heard before one does not move the cursor after it."""
        self.newest_at: float | None = None
        """When, by the system's clock, the newest message was sent."""

    # -- from the listener

    def put(self, parcel: Parcel) -> None:
        """Take a parcel. Never waits; see `is_full`."""
        self._waiting.append((self._epoch, parcel))
        UNPUBLISHED.set(len(self._waiting))
        self._news.set()

    @property
    def is_full(self) -> bool:
        """Whether hearing should wait."""
        return len(self._waiting) >= FULL

    async def room(self) -> None:
        """Wait until there is room."""
        while self.is_full:
            self._emptied.clear()
            await self._emptied.wait()

    def names(self, chat: Chat) -> dict[str, RawText]:
        """The display names known in a chat, by sender id."""
        return self._names[chat.chat_id]

    def learn(self, chat: Chat, names: Iterable[tuple[str, RawText]]) -> None:
        """Remember who is in a chat."""
        known = self._names[chat.chat_id]
        for sender_id, name in names:
            if len(name) and known.get(sender_id) != name and (sender_id in known or len(known) < MAX_NAMES):
                known[sender_id] = name
                self._desks.pop(chat.chat_id, None)

    async def unstored(self) -> Mapping[int, Collection[int]]:
        """Ids of messages that are in no table yet, by stored chat id: they wait here, or in the streams."""
        found: dict[int, set[int]] = defaultdict(set)
        for _, parcel in self._waiting:  # before the streams: what goes there meanwhile is met twice, not missed
            for chat, raw in parcel.messages:
                found[chat.stored_id].add(raw.message_id)
        async for attempt in AsyncRetrying(retry=retry_if_exception_type(AWAY), wait=PAUSES):
            with attempt:
                for stream in (FAST, BATCH):
                    async for entries in pages(self._redis, stream):
                        for entry in entries:
                            with suppress(ValidationError):  # a foreign entry, which becomes a dead letter
                                one = MessageObserved.model_validate_json(read_entry(*entry).body)
                                found[one.chat.chat_id].add(one.message_id)
        return found

    # -- publishing

    async def publish_all(self) -> None:
        """Publish for ever."""
        while True:
            if not self._waiting:
                self._news.clear()
                await self._news.wait()
            parcels = list(islice(self._waiting, TOGETHER))
            advances = await self._publish([parcel for _, parcel in parcels])
            now = time.monotonic()
            fresh = zip((epoch for epoch, _ in parcels), advances, strict=True)
            self._accepted.extend((now, one) for epoch, one in fresh if one is not None and epoch == self._epoch)
            for _ in parcels:
                self._waiting.popleft()
            UNPUBLISHED.set(len(self._waiting))
            if not self.is_full:
                self._emptied.set()

    async def _publish(self, parcels: Sequence[Parcel]) -> list[Advance | None]:
        observed, failed = await asyncio.to_thread(self._mask, parcels)
        for stream, messages in observed.items():
            await self._publisher.publish(stream, messages)
        deletions = [deletion for parcel in parcels for deletion in parcel.deletions]
        await self._publisher.publish(DELETED, deletions)
        DELETED_IDS.inc(sum(len(deletion.message_ids) for deletion in deletions))
        return [None if parcel.advance is None else _with_holes(parcel.advance, failed) for parcel in parcels]

    def _mask(self, parcels: Sequence[Parcel]) -> tuple[dict[Stream, list[Contract]], dict[int, list[int]]]:
        rules = self._rules.current()
        by_stream: dict[Stream, list[Contract]] = defaultdict(list)
        failed: dict[int, list[int]] = defaultdict(list)
        for parcel in parcels:
            self._meet(parcel)
            for chat, raw in parcel.messages:
                try:
                    one = self._intake.admit(raw, self._desk(chat), rules)
                except MaskingError:
                    log.warning("a message could not be masked and is not stored", message_id=raw.message_id)
                    SKIPPED.labels("not_masked").inc()
                    failed[chat.stored_id].append(raw.message_id)
                else:
                    by_stream[BATCH if parcel.history else message_stream(one.lane)].append(one)
                    self._count(one)
        return by_stream, failed

    def _meet(self, parcel: Parcel) -> None:
        """Learn the senders' names first: a whole page of messages then opens its chat's desk once."""
        for chat, raw in parcel.messages:
            self.learn(chat, [(raw.sender_id, raw.sender_name)])

    def _desk(self, chat: Chat) -> ChatDesk:
        desk = self._desks.get(chat.chat_id)
        if desk is None:
            raw = RawChat(chat.chat_id, chat.kind, chat.title, dict(self._names[chat.chat_id]))
            desk = self._desks[chat.chat_id] = self._intake.open_chat(raw)
        return desk

    def ref(self, chat: Chat) -> ChatRef:
        """The chat as it may be stored. Masks its title: run it off the event loop."""
        return self._desk(chat).ref

    def _count(self, one: MessageObserved) -> None:
        (EDITED if one.edit_version else OBSERVED).inc()
        self.newest_at = max(self.newest_at or 0.0, one.sent_at.timestamp())

    async def tell_changed(self, chat: Chat) -> None:
        """Its rows were changed by another way than the streams: its messages want to be placed."""
        await self._publisher.publish(CHATS, [ChatChanged(chat_id=chat.stored_id)])

    # -- the cursor

    async def keep_cursors(self, on_loss: Callable[[], None]) -> None:
        """Move the cursors behind what is safe, for ever. `on_loss` is told when Redis may have lost something."""
        while True:
            await self._move_cursors(on_loss)
            await asyncio.sleep(KEEP_SECONDS)

    async def _move_cursors(self, on_loss: Callable[[], None]) -> None:
        safe_until = time.monotonic() - SAFE_SECONDS
        try:
            run = await server_run(self._redis)
        except AWAY:
            return
        if run != self._run:
            restarted, self._run = self._run is not None, run
            if restarted:
                log.warning("redis was restarted; what it took last is published again")
                self._accepted.clear()
                self._epoch += 1
                on_loss()
                return
        safe = []
        while self._accepted and self._accepted[0][0] <= safe_until:
            safe.append(self._accepted.popleft()[1])
        if safe:
            await self._ledger.move(safe)


def _with_holes(advance: Advance, failed: dict[int, list[int]]) -> Advance:
    """What could not be masked is not covered."""
    if not failed:
        return advance
    return replace(
        advance, covered={chat: without(ranges, failed.get(chat, ())) for chat, ranges in advance.covered.items()}
    )
