"""Telegram Desktop's `result.json`: of one chat, or of the whole account (`chats.list`, `left_chats.list`)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from core.domain.chats import SUPERGROUP_OFFSET, ChatKind, marked_chat_id
from core.errors import UnreadableSource
from core.privacy.types import RawText
from ingestion.exports.entries import MAX_PARTICIPANTS, Progress, Refused, Skipped, SkipReason, Survey
from ingestion.exports.json_stream import JsonStream
from ingestion.exports.telegram_message import (
    OLD_CHAT,
    OLD_MARK,
    OLD_USER,
    ChatFacts,
    Topics,
    int_id,
    name_of,
    peer_id,
    read_entry,
)
from ingestion.exports.telegram_text import Fields
from ingestion.raw import RawChat, RawMessage

KINDS = {
    "personal_chat": ChatKind.PRIVATE,
    "bot_chat": ChatKind.PRIVATE,
    "saved_messages": ChatKind.PRIVATE,
    "replies": ChatKind.PRIVATE,
    "verification_codes": ChatKind.PRIVATE,
    "private_group": ChatKind.GROUP,
    "private_supergroup": ChatKind.SUPERGROUP,
    "public_supergroup": ChatKind.SUPERGROUP,
    "private_channel": ChatKind.CHANNEL,
    "public_channel": ChatKind.CHANNEL,
}

PEERS = {ChatKind.PRIVATE: "user", ChatKind.GROUP: "chat", ChatKind.SUPERGROUP: "channel", ChatKind.CHANNEL: "channel"}

UNTITLED = {"saved_messages": "Saved Messages", "replies": "Replies"}
"""Chats whose name Telegram Desktop leaves out."""

FOREIGN = (
    "This JSON is not a chat export of Telegram Desktop: give the result.json that it writes with the format "
    '"Machine-readable JSON".'
)
NO_CHATS = (
    "This account export holds no chats: export again in Telegram Desktop with the chats ticked, "
    'in the format "Machine-readable JSON".'
)


@dataclass(slots=True)
class _Chat:
    """A chat while it is surveyed."""

    header: Fields = field(default_factory=dict)
    names: dict[str, RawText] = field(default_factory=dict)
    roots: set[int] = field(default_factory=set)
    old_ids: bool = False
    """Its senders are integers, so its own id is marked in the old way, too."""

    def look(self, entry: object) -> None:
        """Learn from an entry what the messages themselves do not carry."""
        if not isinstance(entry, dict):
            return
        for name_key, id_key in (("from", "from_id"), ("actor", "actor_id")):
            self._remember(entry.get(id_key), name_of(entry.get(name_key)))
        if entry.get("action") == "topic_created" and (root := int_id(entry.get("id"))) is not None:
            self.roots.add(root)

    def _remember(self, sender: object, name: str) -> None:
        self.old_ids |= isinstance(sender, int)
        if not name or len(self.names) >= MAX_PARTICIPANTS:
            return
        try:
            key = peer_id(sender) or f"name:{name}"
        except Refused:
            return
        if key not in self.names:
            self.names[key] = RawText(name)

    def facts(self) -> ChatFacts | None:
        """None where type or id are missing or strange: its messages then belong nowhere."""
        shape, bare = self.header.get("type"), int_id(self.header.get("id"))
        kind = KINDS.get(shape) if isinstance(shape, str) else None
        if kind is None or bare is None:
            return None
        if self.old_ids and bare // OLD_MARK in (OLD_USER, OLD_CHAT):
            bare %= OLD_MARK
        if not 0 < bare < SUPERGROUP_OFFSET:
            return None
        title = name_of(self.header.get("name")) or UNTITLED.get(str(shape), "")
        return ChatFacts(marked_chat_id(bare, kind), kind, f"{PEERS[kind]}{bare}", title, frozenset(self.roots))


class _Walk:
    """One pass: every entry with the number of its chat, and the chats' own fields as they are met."""

    def __init__(self, stream: JsonStream) -> None:
        self._stream = stream
        self.chats: list[_Chat] = []
        self.lists = 0
        self.account = False
        """It has the sections of an account export, whether or not there are chats among them."""

    def entries(self) -> Iterator[tuple[int, object]]:
        if self._stream.peek() != "{":
            raise UnreadableSource(FOREIGN)
        yield from self._chat(top=True)
        self._stream.end()

    def _chat(self, *, top: bool) -> Iterator[tuple[int, object]]:
        """The keys may come in any order: the number of a chat is given when its messages begin."""
        stream, chat, number = self._stream, _Chat(), None
        for key in stream.members():
            first = stream.peek()
            if key == "messages" and first == "[":
                if number is None:
                    number = len(self.chats)
                    self.chats.append(chat)
                for _item in stream.items():
                    yield number, stream.value()
            elif top and key in ("chats", "left_chats") and first == "{":
                yield from self._list()
            elif key in ("name", "type", "id") and first not in "{[":
                chat.header[key] = stream.value()
            else:
                self.account |= top and key in ("personal_information", "contacts", "about")
                stream.skip()

    def _list(self) -> Iterator[tuple[int, object]]:
        for key in self._stream.members():
            if key != "list" or self._stream.peek() != "[":
                self._stream.skip()
                continue
            self.lists += 1
            for _item in self._stream.items():
                if self._stream.peek() == "{":
                    yield from self._chat(top=False)
                else:
                    self._stream.skip()


class TelegramDesktopExport:
    """A `result.json`. See `entries.Export`."""

    format = "telegram"

    def __init__(self, path: Path, now: datetime) -> None:
        self._path = path
        self._now = now
        self._facts: list[ChatFacts | None] | None = None
        self.size = path.stat().st_size

    def survey(self, progress: Progress) -> Survey:
        entries = 0
        with self._path.open("rb") as file:
            walk = _Walk(_stream(file, progress))
            for number, entry in walk.entries():
                entries += 1
                walk.chats[number].look(entry)
        self._facts = [chat.facts() for chat in walk.chats]
        _refuse_foreign(walk, self._facts)
        return Survey(_raw_chats(walk.chats, self._facts), entries)

    def read(self, progress: Progress) -> Iterator[RawMessage | Skipped]:
        if self._facts is None:
            self.survey(lambda _bytes: None)
        facts = self._facts or []
        current, topics = -1, Topics(frozenset())
        with self._path.open("rb") as file:
            for number, entry in _Walk(_stream(file, progress)).entries():
                if number >= len(facts):
                    raise UnreadableSource("The file was changed while it was being imported: import it again.")
                chat = facts[number]
                if chat is None:
                    yield Skipped(SkipReason.UNKNOWN_CHAT, None)
                    continue
                if number != current:
                    current, topics = number, Topics(chat.topic_roots)
                yield read_entry(entry, chat, topics, self._now)


def _stream(file: BinaryIO, progress: Progress) -> JsonStream:
    return JsonStream(file, progress)


def _refuse_foreign(walk: _Walk, facts: list[ChatFacts | None]) -> None:
    """One unusable chat in an account is counted; a file that is nothing but that is no export."""
    if walk.lists:
        return
    if not walk.chats:
        raise UnreadableSource(NO_CHATS if walk.account else FOREIGN)
    if facts[0] is None:
        raise UnreadableSource(FOREIGN)


def _raw_chats(chats: list[_Chat], facts: list[ChatFacts | None]) -> dict[int, RawChat]:
    """By id; a chat that stands in the file twice is one."""
    raw: dict[int, RawChat] = {}
    for chat, known in zip(chats, facts, strict=True):
        if known is None:
            continue
        names = chat.names
        if known.kind is ChatKind.PRIVATE and chat.header.get("name"):
            names.setdefault(known.peer, RawText(known.title))
        if known.chat_id in raw:
            names = {**names, **raw[known.chat_id].participants}
        raw[known.chat_id] = RawChat(known.chat_id, known.kind, RawText(known.title), names)
    return raw
