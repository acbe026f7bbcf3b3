"""The chats that are listened to, and the boxes in which their events are counted."""

import asyncio

import structlog
from telethon import functions

from core.db.models.listened_chat import ACCOUNT
from core.rules import RulesFile
from ingestion.telegram.asking import Asker
from ingestion.telegram.boxes import Box
from ingestion.telegram.directory import Dialog, Directory
from ingestion.telegram.ledger import Ledger
from ingestion.telegram.outbox import Outbox
from ingestion.telegram.parcels import Chat

log = structlog.get_logger(__name__)


class Roster:
    """Opens chats where the ledger left off, or from now on where they are new."""

    def __init__(self, *, asker: Asker, directory: Directory, ledger: Ledger, outbox: Outbox, rules: RulesFile) -> None:
        self._asker = asker
        self._directory = directory
        self._ledger = ledger
        self._outbox = outbox
        self._rules = rules
        self.chats: dict[int, Chat] = {}
        """By marked id."""
        self.boxes: dict[int, Box] = {}
        """By marked id of the channel; the account's under `ACCOUNT`."""
        self.heirs: dict[int, Chat] = {}
        """Supergroups, by marked id of the group that each was before."""

    async def begin(self) -> None:
        """Find every chat."""
        state = await self._asker.ask(functions.updates.GetStateRequest())
        # The state is older than the list: what comes between is in both, and only once in the table.
        dialogs = await self.dialogs()
        await self._ledger.open(ACCOUNT, ref=None, pts=state.pts, told_at=state.date, top_id=0, shared=True)
        account = (await self._ledger.cursors())[ACCOUNT]
        self.boxes[ACCOUNT] = Box(ACCOUNT, account.pts or state.pts, told_at=account.told_at or state.date)
        for dialog in dialogs:
            await self._open(dialog)
        log.info("listening", chats=len(self.chats))

    async def dialogs(self) -> list[Dialog]:
        """The account's list, as it is now."""
        return await self._directory.dialogs(self._rules.current().listen)

    async def refresh(self) -> list[Chat]:
        """Look through the list again; returns the chats that are new."""
        for chat in self.heirs.values():
            await self._fold(chat)
        dialogs = await self.dialogs()
        listed = {dialog.chat.chat_id for dialog in dialogs}
        for chat in list(self.chats.values()):
            # A private chat that somebody took off the list may go on any time.
            chosen = self._directory.chat(chat.chat_id, self._rules.current().listen) is not None
            if not chosen or (not chat.shared and chat.chat_id not in listed):
                self.forget(chat.chat_id)
        fresh = [dialog for dialog in dialogs if dialog.chat.chat_id not in self.chats]
        for dialog in fresh:
            await self._open(dialog)
            log.info("listening to one more chat", chat_id=dialog.chat.stored_id)
        return [dialog.chat for dialog in fresh]

    async def chat_of(self, chat_id: int, first_id: int) -> Chat | None:
        """The chat of a message, or None where it is not listened to. A private chat may be new."""
        if chat_id in self.chats:
            return self.chats[chat_id]
        if chat_id in self.heirs:
            return self.heirs[chat_id]
        chat = self._directory.chat(chat_id, self._rules.current().listen)
        if chat is None or not chat.shared:
            return None
        await self._open(Dialog(chat, first_id - 1, None))
        return chat

    def forget(self, chat_id: int) -> None:
        """The account is not in it any more, or the rules leave it out. What is stored of it stays."""
        chat = self.chats.pop(chat_id, None)
        self.boxes.pop(chat_id, None)
        if chat is not None:
            self.heirs = {former: heir for former, heir in self.heirs.items() if heir is not chat}
            log.warning("a chat is not listened to any more: removed from it, or left out", chat_id=chat.stored_id)

    def orphan_boxes(self) -> None:
        """Put new boxes in place of all: whatever is still under way for the former ones does not count any more."""
        self.boxes = {
            box_id: Box(box_id, box.pts, told_at=box.told_at, fetching=True) for box_id, box in self.boxes.items()
        }

    async def go_back(self) -> None:
        """Set every box and chat back to where the ledger stands."""
        cursors = await self._ledger.cursors()
        for box_id, box in self.boxes.items():
            cursor = cursors.get(box_id)
            if cursor is not None and cursor.pts is not None:
                box.pts, box.told_at = min(box.pts, cursor.pts), cursor.told_at or box.told_at
        for chat in self.chats.values():
            if chat.stored_id in cursors:
                chat.top_id = min(chat.top_id, cursors[chat.stored_id].top_id)

    async def _open(self, dialog: Dialog) -> None:
        chat = dialog.chat
        self._outbox.learn(chat, await self._directory.members(chat))
        ref = await asyncio.to_thread(self._outbox.ref, chat)
        pts = None if chat.shared else dialog.pts or 1
        await self._ledger.open(
            chat.stored_id, ref=ref, pts=pts, told_at=None, top_id=dialog.top_id, shared=chat.shared
        )
        known = (await self._ledger.cursors())[chat.stored_id]
        chat.top_id = known.top_id
        self.chats[chat.chat_id] = chat
        if not chat.shared:
            self.boxes[chat.chat_id] = Box(chat.chat_id, known.pts or 1)
        chat.origin = await self._directory.origin(chat)
        if chat.origin is not None:
            self.heirs[chat.origin.chat_id] = chat
            self.chats.pop(chat.origin.chat_id, None)
            await self._fold(chat)

    async def _fold(self, chat: Chat) -> None:
        """What was heard of the group that a supergroup was before becomes its own."""
        assert chat.origin is not None
        if await self._ledger.fold(chat.origin.chat_id, chat.stored_id):
            await self._outbox.tell_changed(chat)
            log.info("a group lives on as a supergroup", chat_id=chat.stored_id, before=chat.origin.chat_id)
