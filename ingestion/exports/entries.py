"""What a reader of an export gives: a message, or the reason why an entry of the file is not one."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from ingestion.raw import RawChat, RawMessage

MAX_TEXT = 65_536
"""Characters. Telegram itself allows 4,096 in a message; nobody wrote a text sixteen times as long in a chat."""

MAX_PARTICIPANTS = 20_000
"""Names remembered per chat, the first ones met. It keeps memory bounded for public groups of hundreds of thousands."""

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Histories are brought in from elsewhere too (IRC, ICQ, Skype), so Telegram's own beginning in 2013 is no bound. What is
older than this, 1970 above all, means that the exporter did not know the date."""

CLOCK_SLACK = timedelta(days=1)
"""How far in the future a date may lie: the exporter's clock and time zone may differ from ours."""

MAX_ID = 2**63 - 1
"""Ids are stored as bigint."""

Progress = Callable[[int], None]
"""Is told now and then how many bytes of the file have been read."""


class SkipReason(StrEnum):
    """Why an entry is not imported. The names are an interface: they stand in the JSON of `otklik import`."""

    SERVICE = "service"
    """Somebody joined, pinned, called, changed the title."""
    STICKER = "sticker"
    MEDIA = "media"
    """A photo, file, voice message, place, contact or the like, without a caption."""
    EMPTY_TEXT = "empty_text"
    OVERSIZE_TEXT = "oversize_text"
    """Longer than `MAX_TEXT`."""
    BAD_DATE = "bad_date"
    """No date, one before 1990, or one in the future."""
    NO_ID = "no_id"
    NO_SENDER = "no_sender"
    UNSUPPORTED = "unsupported"
    """Telegram Desktop itself could not export it and says so."""
    UNKNOWN_CHAT = "unknown_chat"
    """It stands in a chat of the account whose type or id the file does not tell."""
    MALFORMED = "malformed"
    """Not an object, or one whose fields have the wrong types; a CSV row with the wrong number of columns."""


class Refused(Exception):
    """The entry at hand is not a message. Never leaves a reader."""

    def __init__(self, reason: SkipReason) -> None:
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Skipped:
    """An entry of the file that is not imported, and why. Counted, never silently dropped."""

    reason: SkipReason
    chat_id: int | None
    """None where the file does not say which chat it belongs to."""
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class Survey:
    """What a whole first pass over the file found."""

    chats: Mapping[int, RawChat]
    """By chat id, with kind, title and the names of those who took part."""
    entries: int
    """How many items `read` will give: messages and skipped ones together."""


class Export(Protocol):
    """A chat export that was recognised. Reading it twice costs two passes and no memory.

    >>> export = open_export(Path("result.json"))                       # doctest: +SKIP
    >>> survey = export.survey(progress=bar.update)                     # doctest: +SKIP
    >>> for item in export.read(progress=bar.update): ...               # doctest: +SKIP
    """

    @property
    def format(self) -> str:
        """`telegram` or `csv`."""

    @property
    def size(self) -> int:
        """Bytes, for a progress bar."""

    def survey(self, progress: Progress) -> Survey:
        """Read the whole file once, so that a broken one is found before anything of it is published.

        Raises `UnreadableSource` for a file that is truncated, broken or foreign.
        """

    def read(self, progress: Progress) -> Iterator[RawMessage | Skipped]:
        """Every entry of the file in its order. Surveys first where that was not done."""


def clean(text: str) -> str:
    r"""Text as Postgres and UTF-8 can hold it: NUL characters are taken out, lone surrogates become U+FFFD.

    JSON can carry both (`\u0000`, `\ud800`); neither means anything to a reader. Applied to text and names alike,
    and to each piece of a text before entity offsets are counted, so that offsets fit the cleaned text.
    """
    if "\x00" in text:
        text = text.replace("\x00", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        text = "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)
    return text


def plausible(moment: datetime, now: datetime) -> bool:
    """Whether a message can have been sent then."""
    return EARLIEST <= moment <= now + CLOCK_SLACK


def as_utc(moment: datetime) -> datetime:
    """Aware, in UTC. A moment without a zone is taken for UTC: exports do not say where they were made."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
