"""Telegram's messages of one chat as ours, with the names of who wrote them."""

import time
from collections.abc import Sequence
from typing import Any

from telethon import types

from core.metrics import SKIPPED
from ingestion.raw import RawMessage
from ingestion.telegram.albums import Albums
from ingestion.telegram.directory import Directory
from ingestion.telegram.origins import moved
from ingestion.telegram.parcels import Chat
from ingestion.telegram.translate import Skip, marked_id, sender_id_of, translate


class Reader:
    """Translates; what is no message is counted."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._albums = Albums()

    def read(self, chat: Chat, messages: Sequence[Any]) -> list[RawMessage]:
        """The messages among Telegram's objects, all of the chat or all of its origin, in order of their ids."""
        real = [message for message in messages if isinstance(message, (types.Message, types.MessageService))]
        if not real:
            return []
        said_in = marked_id(real[0].peer_id)
        self._albums.meet(said_in, real)
        seen = time.time_ns() // 1_000
        found = []
        for message in sorted(real, key=lambda message: int(message.id)):
            sender = sender_id_of(message, self._directory.me)
            names = {sender: self._directory.name_of(sender)}
            own = self._directory.intake.is_own_bot(sender)
            raw = Skip.OWN_BOT if own else translate(message, self._directory.me, names, seen)
            if isinstance(raw, Skip):
                SKIPPED.labels(raw.value).inc()
            else:
                found.append(self._albums.settle(said_in, raw))
        return found if said_in == chat.chat_id else [moved(raw, chat.chat_id) for raw in found]

    def knows(self, message: Any) -> bool:
        """Whether the sender and the chat of a push are known; short pushes bring nobody along, differences do."""
        if isinstance(message, types.MessageEmpty):
            return True
        sender = sender_id_of(message, self._directory.me)
        named = bool(len(self._directory.name_of(sender))) or not sender.startswith("user")
        return named and marked_id(message.peer_id) in self._directory.entities
