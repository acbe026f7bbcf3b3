"""Albums: Telegram sends each picture as a message of its own. To us an album is the message with the caption."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ingestion.raw import RawMessage

REMEMBERED = 20_000


class Albums:
    """Which message speaks for which part of an album, for as long as replies to it are likely."""

    def __init__(self) -> None:
        self._captions: OrderedDict[tuple[int, int], int] = OrderedDict()
        self._parts: OrderedDict[tuple[int, int], int] = OrderedDict()

    def meet(self, chat_id: int, messages: Iterable[Any]) -> None:
        """Note the albums among Telegram's messages."""
        for message in messages:
            group = getattr(message, "grouped_id", None)
            if group is None:
                continue
            _keep(self._parts, (chat_id, message.id), group)
            if message.message:
                _keep(self._captions, (chat_id, group), message.id)

    def settle(self, chat_id: int, raw: RawMessage) -> RawMessage:
        """A reply to any part of an album is a reply to its caption."""
        if raw.reply_to is None:
            return raw
        group = self._parts.get((chat_id, raw.reply_to))
        caption = None if group is None else self._captions.get((chat_id, group))
        return raw if caption is None else replace(raw, reply_to=caption)


def _keep(kept: "OrderedDict[tuple[int, int], int]", key: tuple[int, int], value: int) -> None:
    kept[key] = value
    if len(kept) > REMEMBERED:
        kept.popitem(last=False)
