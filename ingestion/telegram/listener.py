"""Hearing: each event once and in its order, from the push where it comes, from a difference where it was missed."""

import asyncio
from collections import defaultdict
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

import structlog
from telethon import errors, types

from core.contracts.messages import MessagesDeleted
from core.db.models.listened_chat import ACCOUNT
from core.rules import RulesFile
from ingestion.raw import RawMessage
from ingestion.telegram.asking import GONE, Asker
from ingestion.telegram.boxes import Box, Verdict
from ingestion.telegram.differences import Differences, Slice
from ingestion.telegram.directory import Directory
from ingestion.telegram.history import History
from ingestion.telegram.ledger import Ledger
from ingestion.telegram.outbox import Outbox
from ingestion.telegram.parcels import Advance, Chat, Parcel, Range
from ingestion.telegram.reading import Reader
from ingestion.telegram.reconcile import Loss, Reconciler
from ingestion.telegram.roster import Roster
from ingestion.telegram.translate import marked_id
from ingestion.telegram.updates import box_of, deletions_of, is_new, message_of, shorts_as_updates

log = structlog.get_logger(__name__)

CHECK_SECONDS = 60.0
"""How often the account's events are asked for where nothing is heard: a dead connection or session shows then."""
WISH_SECONDS = 10.0
"""Between two looks whether somebody asked for more history, or chose other chats."""
STOP_SECONDS = 2.0
TOGETHER_SECONDS = 0.3
"""News of one chat come several at once."""


class Listener:
    """One account, heard."""

    def __init__(self, *, asker: Asker, directory: Directory, ledger: Ledger, outbox: Outbox, rules: RulesFile) -> None:
        self._directory = directory
        self._ledger = ledger
        self._outbox = outbox
        self._rules = rules
        self._reader = Reader(directory)
        self._differences = Differences(asker, directory)
        self._roster = Roster(asker=asker, directory=directory, ledger=ledger, outbox=outbox, rules=rules)
        history = History(
            asker=asker, directory=directory, ledger=ledger, outbox=outbox, rules=rules, read=self._reader.read
        )
        self._reconciler = Reconciler(
            ledger=ledger, outbox=outbox, rules=rules, history=history, read=self._reader.read
        )
        self._tasks: set[asyncio.Task[None]] = set()
        self._refresh_wanted = asyncio.Event()
        self._failure: asyncio.Future[None] | None = None
        self._ready = False

    # -- life

    async def run(self) -> None:
        """Listen until cancelled.

        Raises:
            SessionLost: Telegram does not know the session any more.
        """
        self._failure = asyncio.get_running_loop().create_future()
        self._spawn(self._outbox.publish_all())
        try:
            await self._roster.begin()
            wishes = await self._ledger.depths()  # those are seen to with everything else
            for chat in self._roster.chats.values():
                self._reconciler.want(chat)
            self._ready = True
            self._fetch_all()
            self._spawn(self._outbox.keep_cursors(self._start_over))
            self._spawn(self._reconciler.run())
            self._spawn(self._refresh_when_wanted())
            self._spawn(self._check_now_and_then())
            self._spawn(self._look_for_wishes(wishes))
            await self._failure
        finally:
            await self._stop()

    async def _stop(self) -> None:
        # Again and again: redis-py sends within `asyncio.wait_for`, which in Python 3.11 swallows a cancellation that
        # meets its end (see `ingestion.importing`).
        end = asyncio.get_running_loop().time() + STOP_SECONDS
        while self._tasks and asyncio.get_running_loop().time() < end:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks, timeout=0.1)

    def reconnected(self) -> None:
        """A new connection: whatever was pushed meanwhile is gone, so everything is asked for."""
        log.info("connected again, asking for what was missed")
        self._fetch_all()
        self._refresh_wanted.set()

    def _start_over(self) -> None:
        """Redis may have lost something: go back to where the ledger stands."""
        self._roster.orphan_boxes()
        self._spawn(self._go_back())

    async def _go_back(self) -> None:
        await self._roster.go_back()
        for box in self._roster.boxes.values():
            self._spawn(self._fetch(box))
        for chat in self._roster.chats.values():
            self._reconciler.want(chat)

    async def _refresh_when_wanted(self) -> None:
        """Look through the list of chats again: when something about one changed, and now and then."""
        while True:
            try:
                async with asyncio.timeout(60 * self._rules.current().listen.recheck_minutes):
                    await self._refresh_wanted.wait()
            except TimeoutError:
                self._fetch_all()
                for chat in self._roster.chats.values():
                    self._reconciler.want(chat)
            await asyncio.sleep(TOGETHER_SECONDS)
            self._refresh_wanted.clear()
            for chat in await self._roster.refresh():
                self._fetch_soon(chat.chat_id)
                self._reconciler.want(chat)

    async def _check_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            self._fetch_soon(ACCOUNT)

    async def _look_for_wishes(self, seen: Mapping[int, int]) -> None:
        """Read more history of a chat when it was asked for (`otklik backfill`); listen to others when `[listen]` says so."""
        chosen = self._rules.current().listen
        while True:
            await asyncio.sleep(WISH_SECONDS)
            if (now := self._rules.current().listen) != chosen:
                chosen = now
                self._refresh_wanted.set()
            asked = await self._ledger.depths()
            for chat in self._roster.chats.values():
                depth = asked.get(chat.stored_id, 0)
                if depth > seen.get(chat.stored_id, 0):
                    log.info("more history was asked for", chat_id=chat.stored_id, depth=depth)
                    self._reconciler.want(chat)
            seen = asked

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and self._failure is not None and not self._failure.done():
            self._failure.set_exception(error)

    # -- hearing

    async def hear(self, packet: Any) -> None:
        """One packet of pushes."""
        if not self._ready:
            return  # everything up to now is fetched at the start
        if isinstance(packet, types.UpdatesTooLong):
            self._fetch_soon(ACCOUNT)
            return
        self._directory.learn((*getattr(packet, "users", ()), *getattr(packet, "chats", ())))
        for update in shorts_as_updates(packet, self._directory.me):
            await self._hear(update)

    async def _hear(self, update: Any) -> None:
        self._notice(update)
        box_id = box_of(update)
        box = None if box_id is None else self._roster.boxes.get(box_id)
        if box is None:
            if box_id is not None and box_id not in self._directory.entities:
                self._refresh_wanted.set()
            return
        if box.fetching:
            box.again = True
            return
        verdict = box.judge(update.pts, update.pts_count)
        message = message_of(update)
        strange = message is not None and not self._reader.knows(message)
        if verdict is Verdict.GAP or self._outbox.is_full or strange:
            self._fetch_soon(box.box_id)
        elif verdict is Verdict.NEXT:
            box.pts = update.pts
            await self._take(box, [update])

    def _notice(self, update: Any) -> None:
        """What is no event of a box, but tells where to look."""
        if isinstance(update, (types.UpdateChannel, types.UpdateChat)):
            self._refresh_wanted.set()
        elif isinstance(update, types.UpdateChannelTooLong):
            self._fetch_soon(marked_id(types.PeerChannel(update.channel_id)))

    async def _take(self, box: Box, updates: Sequence[Any]) -> None:
        """Pass events on; the box's number goes with them."""
        said: dict[int, list[tuple[Any, Any]]] = defaultdict(list)
        deletions: list[MessagesDeleted] = []
        for update in updates:
            message = message_of(update)
            if message is not None:
                said[marked_id(message.peer_id)].append((update, message))
            deletions += deletions_of(update, self._roster.heirs.values())
        messages: list[tuple[Chat, RawMessage]] = []
        tops: dict[int, int] = {}
        covered: dict[int, list[Range]] = {}
        for chat_id, pairs in said.items():
            newest = max((message.id for update, message in pairs if is_new(update)), default=0)
            chat = await self._roster.chat_of(chat_id, min(message.id for _, message in pairs))
            if chat is None:
                continue
            messages += [(chat, raw) for raw in self._reader.read(chat, [message for _, message in pairs])]
            if chat_id == chat.chat_id and newest > chat.top_id:
                covered[chat.stored_id] = [(chat.top_id + 1, newest)]
                tops[chat.stored_id] = chat.top_id = newest
        if self._roster.boxes.get(box.box_id) is box:
            advance = Advance(box.box_id, box.pts, box.told_at, tops, covered)
            self._outbox.put(Parcel(tuple(messages), tuple(deletions), advance))

    # -- fetching what was missed

    def _fetch_all(self) -> None:
        for box_id in list(self._roster.boxes):
            self._fetch_soon(box_id)

    def _fetch_soon(self, box_id: int) -> None:
        box = self._roster.boxes.get(box_id)
        if box is None:
            return
        if box.fetching:
            box.again = True
            return
        box.fetching = True
        self._spawn(self._fetch(box))

    async def _fetch(self, box: Box) -> None:
        try:
            while self._roster.boxes.get(box.box_id) is box:
                await self._outbox.room()
                box.again = False
                chat = self._roster.chats.get(box.box_id)
                answer = await self._differences.next_slice(box, chat)
                await self._take_slice(box, answer)
                if answer.is_last and not box.again:
                    return
        except GONE:
            self._roster.forget(box.box_id)
        except errors.RPCError as error:  # the next event asks again
            log.warning("missed events could not be fetched", error=type(error).__name__)
        finally:
            box.fetching = False

    async def _take_slice(self, box: Box, answer: Slice) -> None:
        box.pts, box.told_at = answer.pts, answer.told_at or box.told_at
        if answer.updates or answer.moved:
            await self._take(box, answer.updates)
        for update in answer.others:
            self._notice(update)
        if answer.too_long:
            log.warning("too much was missed; recent messages are read again", chat_id=box.box_id or None)
            await self._lose(box, answer.top_id)

    async def _lose(self, box: Box, top_id: int) -> None:
        """What came between the last known message and the newest is unknown, and will be read."""
        if box.box_id != ACCOUNT:
            lost = [(self._roster.chats[box.box_id], top_id)]
        else:
            tops = {dialog.chat.chat_id: dialog.top_id for dialog in await self._roster.dialogs()}
            shared = [chat for chat in self._roster.chats.values() if chat.shared]
            lost = [(chat, tops.get(chat.chat_id, 0)) for chat in shared]
        unstored = await self._outbox.unstored()
        for chat, top in lost:
            self._reconciler.want(chat, Loss(chat.top_id, frozenset(unstored.get(chat.stored_id, ()))))
            chat.top_id = max(chat.top_id, top)
            self._outbox.put(Parcel(advance=Advance(tops={chat.stored_id: chat.top_id})))
