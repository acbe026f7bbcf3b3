"""Asking for what was missed in a box, slice by slice; Telegram's five kinds of answer as one."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from telethon import functions, types, utils

from core.db.models.listened_chat import ACCOUNT
from core.metrics import FETCHES
from ingestion.telegram.asking import Asker
from ingestion.telegram.boxes import Box
from ingestion.telegram.directory import Directory
from ingestion.telegram.parcels import Chat
from ingestion.telegram.updates import box_of

LIMIT = 100


@dataclass(frozen=True, slots=True)
class Slice:
    """One answer."""

    pts: int
    is_last: bool
    told_at: datetime | None = None
    updates: tuple[Any, ...] = ()
    """Events of this box; new messages look like their pushes, without numbers."""
    others: tuple[Any, ...] = ()
    """What concerns other boxes, or none."""
    moved: bool = False
    too_long: bool = False
    """Telegram does not tell what happened; only the numbers as they are now."""
    top_id: int = 0
    """The channel's newest message, where `too_long`."""


class Differences:
    """Asks."""

    def __init__(self, asker: Asker, directory: Directory) -> None:
        self._asker = asker
        self._directory = directory

    async def next_slice(self, box: Box, chat: Chat | None) -> Slice:
        """The next part of what this box has missed.

        Raises:
            RPCError: Telegram refuses; the account may have left the chat.
        """
        FETCHES.inc()
        if box.box_id == ACCOUNT:
            return await self._account(box)
        assert chat is not None
        return await self._channel(box, chat)

    async def _account(self, box: Box) -> Slice:
        answer = await self._asker.ask(
            functions.updates.GetDifferenceRequest(pts=box.pts, date=box.told_at or datetime.now(UTC), qts=0)
        )
        match answer:
            case types.updates.DifferenceEmpty():
                return Slice(box.pts, is_last=True, told_at=answer.date)
            case types.updates.DifferenceTooLong():
                return Slice(answer.pts, is_last=False, moved=True, too_long=True)
        self._directory.learn((*answer.users, *answer.chats))
        last = isinstance(answer, types.updates.Difference)
        state = answer.state if last else answer.intermediate_state
        return Slice(
            pts=state.pts,
            is_last=last,
            told_at=state.date if last else None,
            updates=(
                *(types.UpdateNewMessage(message, 0, 0) for message in answer.new_messages),
                *(update for update in answer.other_updates if box_of(update) == ACCOUNT),
            ),
            others=tuple(update for update in answer.other_updates if box_of(update) != ACCOUNT),
            moved=True,
        )

    async def _channel(self, box: Box, chat: Chat) -> Slice:
        answer = await self._asker.ask(
            functions.updates.GetChannelDifferenceRequest(
                channel=utils.get_input_channel(chat.peer), filter=types.ChannelMessagesFilterEmpty(),
                pts=box.pts, limit=LIMIT, force=True,
            )
        )  # fmt: skip
        if isinstance(answer, types.updates.ChannelDifferenceEmpty):
            return Slice(box.pts, is_last=True)
        self._directory.learn((*answer.users, *answer.chats))
        if isinstance(answer, types.updates.ChannelDifferenceTooLong):
            top = answer.dialog.top_message
            return Slice(answer.dialog.pts, is_last=False, moved=True, too_long=True, top_id=top)
        fresh = (types.UpdateNewChannelMessage(message, 0, 0) for message in answer.new_messages)
        return Slice(pts=answer.pts, is_last=bool(answer.final), updates=(*fresh, *answer.other_updates), moved=True)
