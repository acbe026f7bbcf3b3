"""One entry of a Telegram Desktop export as a message."""

from array import array
from bisect import bisect_left
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from core.domain.chats import ChatKind
from core.privacy.types import RawText
from ingestion.exports.entries import MAX_ID, Refused, Skipped, SkipReason, as_utc, clean, plausible
from ingestion.exports.telegram_text import Fields, text_of
from ingestion.raw import RawMessage

OLD_MARK, OLD_USER, OLD_CHAT = 2**32, 1, 2
"""Until 2021 exports wrote a peer as an integer: one of the two in the bits from 2**32 up, the bare id below."""

MAX_SENDER_ID = 64
"""Characters of a `from_id`; real ones have about 20."""


@dataclass(frozen=True, slots=True)
class ChatFacts:
    """What the survey learned of a chat, as far as its messages depend on it."""

    chat_id: int
    kind: ChatKind
    peer: str
    """As `from_id` and `reply_to_peer_id` write it: `user5`, `chat5`, `channel5`."""
    title: str
    topic_roots: frozenset[int]
    """The service messages that created a forum topic."""


class Topics:
    """Which topic each message of a forum is in: 12 bytes a message in two sorted arrays, as exports come sorted."""

    def __init__(self, roots: frozenset[int]) -> None:
        self._roots = roots
        self._ids = array("q")
        self._topics = array("q")

    def place(self, message_id: int, reply_to: int | None) -> int | None:
        """The topic that the chain of replies leads to, remembered for the replies to this message."""
        if not self._roots or reply_to is None:
            return None
        topic = reply_to if reply_to in self._roots else self._known(reply_to)
        if topic is not None:
            at = bisect_left(self._ids, message_id)
            self._ids.insert(at, message_id)
            self._topics.insert(at, topic)
        return topic

    def _known(self, message_id: int) -> int | None:
        at = bisect_left(self._ids, message_id)
        found = at < len(self._ids) and self._ids[at] == message_id
        return self._topics[at] if found else None


def read_entry(entry: object, chat: ChatFacts, topics: Topics, now: datetime) -> RawMessage | Skipped:
    """The message that the entry is, or why it is none. Raises nothing, whatever the entry holds."""
    if not isinstance(entry, dict):
        return Skipped(SkipReason.MALFORMED, chat.chat_id)
    message_id = int_id(entry.get("id"))
    reply_to = _reply_to(entry, chat)
    topic = topics.place(message_id, reply_to) if message_id is not None else None
    try:
        _refuse_other_types(entry.get("type"))
        message = _message(entry, chat, message_id, now)
    except Refused as refused:
        return Skipped(refused.reason, chat.chat_id, message_id)
    if reply_to is None:
        return message
    # In a forum, every message that answers nobody "replies" to the root of its topic.
    return replace(message, reply_to=None if reply_to in chat.topic_roots else reply_to, topic_id=topic)


def _message(entry: Fields, chat: ChatFacts, message_id: int | None, now: datetime) -> RawMessage:
    if message_id is None:
        raise Refused(SkipReason.NO_ID)
    text, entities = text_of(entry)
    sent_at = _moment(entry, "date")
    if sent_at is None or not plausible(sent_at, now):
        raise Refused(SkipReason.BAD_DATE)
    edited_at = _moment(entry, "edited")
    sender_id, sender_name = _sender(entry, chat)
    return RawMessage(
        chat_id=chat.chat_id,
        message_id=message_id,
        sender_id=sender_id,
        sender_name=RawText(sender_name),
        text=text,
        sent_at=sent_at,
        # Old exports write 1970 for a message that was never edited.
        edited_at=edited_at if edited_at is not None and plausible(edited_at, now) else None,
        entities=entities,
        forwarded="forwarded_from" in entry,
    )


def _refuse_other_types(kind: object) -> None:
    match kind:
        case "message":
            return
        case "service":
            raise Refused(SkipReason.SERVICE)
        case "unsupported":
            raise Refused(SkipReason.UNSUPPORTED)
        case _:
            raise Refused(SkipReason.MALFORMED)


def int_id(value: object) -> int | None:
    """A usable id. Negative ones are real: Telegram Desktop numbers the messages from before a group became a
    supergroup by subtracting 10**9."""
    if not isinstance(value, int) or isinstance(value, bool) or value == 0:
        return None
    return value if -MAX_ID <= value <= MAX_ID else None


def peer_id(value: object) -> str | None:
    """`user123` as new exports write it; from the integers of old ones, the same. Raises `Refused` for other types."""
    if value is None:
        return None
    if isinstance(value, str):
        return clean(value.strip())[:MAX_SENDER_ID] or None
    number = int_id(value)
    if number is None or number < 0:
        raise Refused(SkipReason.MALFORMED)
    mark, bare = divmod(number, OLD_MARK)
    if mark == OLD_CHAT:
        return f"channel{bare}"
    return f"user{bare}" if mark == OLD_USER else f"user{number}"


def name_of(value: object) -> str:
    """A display name; "" for a deleted account, whose name is null."""
    return clean(value).strip() if isinstance(value, str) else ""


def _sender(entry: Fields, chat: ChatFacts) -> tuple[str, str]:
    name, sender = name_of(entry.get("from")), peer_id(entry.get("from_id"))
    if sender is not None:
        return sender, name
    if chat.kind is ChatKind.CHANNEL:
        return chat.peer, name or chat.title
    if name:
        return f"name:{name}", name
    raise Refused(SkipReason.NO_SENDER)


def _reply_to(entry: Fields, chat: ChatFacts) -> int | None:
    """The message of this chat that it replies to; replies into another chat are none here."""
    elsewhere = entry.get("reply_to_peer_id", chat.peer) != chat.peer
    return None if elsewhere else int_id(entry.get("reply_to_message_id"))


def _moment(entry: Fields, key: str) -> datetime | None:
    """`date_unixtime`; in exports before 2022 only `date`: the exporter's local time without its zone, read as UTC."""
    unix, local = entry.get(f"{key}_unixtime"), entry.get(key)
    try:
        if isinstance(unix, (str, int)) and not isinstance(unix, bool):
            return datetime.fromtimestamp(int(unix), UTC)
    except (ValueError, OverflowError, OSError):
        pass
    try:
        return as_utc(datetime.fromisoformat(local)) if isinstance(local, str) else None
    except (ValueError, OverflowError):
        return None
