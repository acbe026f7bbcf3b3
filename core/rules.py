"""`otklik.toml`: who is staff, which messages are urgent, where the chats live. Checked at load, reloaded when it changes."""

import re
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo

import structlog
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from core.domain.chats import ChatKind, marked_chat_id
from core.domain.lanes import LaneRules
from core.errors import SettingsError
from core.llm.budget import Budgets
from core.llm.prices import Price

log = structlog.get_logger(__name__)

SIZE_LIMIT = 1_000_000
"""Bytes. A rules file is written by a person."""
NAME_LIMIT: Final = 254
"""Characters of a person's name: as many as an e-mail address may have."""
HASH_FORM: Final = r"\$argon2id\$v=19\$m=\d{4,6},t=\d{1,2},p=\d\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}"
"""The form of `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`, with numbers that this machine can bear."""


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):  # OSError: what names a directory of the zone files
        raise ValueError(f"{name!r} is not a time zone; write it like 'Europe/Moscow'") from None
    return name


ZoneName = Annotated[str, AfterValidator(_known_zone)]


class Section(BaseModel):
    """A table of the file. An unknown key is an error: a misspelt rule would silently do nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StaffRules(Section):
    """`[staff]`: whose messages are answers."""

    ids: frozenset[int] = frozenset()
    """Telegram ids of the support team."""
    names: frozenset[str] = frozenset()
    """Display names of the support team, for the v1 CSV, which has no ids."""


class MaskingRules(Section):
    """`[masking]`: what must stay readable."""

    keep: frozenset[str] = frozenset()
    """What is public here, in any case of letters: your products, your company, your support mailbox and hotline."""


class ReplyMode(StrEnum):
    """Whether the bot speaks in a chat without being asked."""

    OFF = "off"
    SUGGEST = "suggest"
    """A draft for staff."""
    AUTO = "auto"
    """An answer in the chat, where the evidence is strong."""


class ChatRules(Section):
    """`[chats."ID"]`: what differs in one chat."""

    time_zone: ZoneName | None = None
    reply_mode: ReplyMode = ReplyMode.OFF
    """What the bot does about a client's question that nobody answers."""
    wait_minutes: Annotated[int, Field(ge=1, le=1_440)] = 10
    """How long staff has for it before."""


class AccessRules(Section):
    """`[access]`: who may ask the bot, beside the staff and the people of known chats."""

    admins: frozenset[int] = frozenset()
    """Telegram ids."""
    staff_chat: int = 0
    """The chat of the team: its members are agents, and cards go there. 0 for none."""
    agent_chats: frozenset[int] = frozenset()
    """The chats that agents may search; empty for all. Admins may search all."""
    strangers: bool = False
    """Whether people of no known chat may ask in private too. They find only what is public."""


class BotRules(Section):
    """`[bot]`: how the assistant behaves in Telegram."""

    burst_seconds: Annotated[float, Field(ge=0, le=60)] = 2
    """Messages of one person within this time are one question."""
    conversation_minutes: Annotated[int, Field(ge=0, le=1_440)] = 30
    """How long a question can be followed up."""
    per_minute: Annotated[int, Field(ge=1, le=1_000)] = 6
    """Questions of one person in a minute."""
    per_day: Annotated[int, Field(ge=1, le=100_000)] = 100
    """Questions of one person in a day."""
    queue: Annotated[int, Field(ge=1, le=100_000)] = 1_000
    """Questions that may wait at once; above it people are asked to try later."""
    workers: Annotated[int, Field(ge=1, le=64)] = 4
    """Questions that are answered at the same time."""
    late_minutes: Annotated[int, Field(ge=1, le=1_440)] = 2
    """An answer that comes later than this says so."""
    give_up_hours: Annotated[int, Field(ge=1, le=168)] = 24
    """A question that could not be answered for so long, because Telegram or the database was away, is dropped."""


def _known_entry(entry: int | str) -> int | str:
    if isinstance(entry, str) and not re.fullmatch(r"@\w{4,32}|folder:.+", entry, re.ASCII if entry[:1] == "@" else 0):
        raise ValueError(f"{entry!r} is not a chat; write an id, '@username' or 'folder:Title'")
    return entry


ChatEntry = Annotated[int | str, AfterValidator(_known_entry)]


class ListenRules(Section):
    """`[listen]`: which chats the listener reads, and how thoroughly."""

    allow: tuple[ChatEntry, ...] = ()
    """Only these chats; empty for all."""
    deny: tuple[ChatEntry, ...] = ()
    """Never these."""
    backfill: Annotated[int, Field(ge=0, le=1_000_000)] = 1_000
    """Messages of history read from a chat that is new to the listener."""
    window: Annotated[int, Field(ge=0, le=10_000)] = 200
    """Recent messages read again to find edits and deletions that nobody told of."""
    recheck_minutes: Annotated[int, Field(ge=1, le=10_080)] = 60
    """How often every chat is checked even where nothing seems missing."""


class BatchRules(Section):
    """`[batch]`: how the stream is analysed where nobody waits for it."""

    messages: Annotated[int, Field(ge=5, le=200)] = 50
    """A chat's messages are analysed together once there are so many,"""
    minutes: Annotated[int, Field(ge=1, le=1_440)] = 5
    """or the oldest of them has waited so long."""
    api: Literal["messages", "batches"] = "messages"
    """`batches`: half the price, and an answer within a day."""
    history_days: Annotated[int, Field(ge=0, le=3_650)] = 7
    """Older messages, which come with an import or a backfill, are read by the local analyser: they cost nothing."""
    cards: Annotated[int, Field(ge=0, le=50)] = 5
    """At most so many clients of one window who wait for an answer get a card in the staff chat. 0 for none."""


def _known_name(name: str) -> str:
    if not name.strip() or len(name) > NAME_LIMIT or not name.isprintable():
        raise ValueError(f"a name has 1 to {NAME_LIMIT} printable characters")
    return name.strip().casefold()


PersonName = Annotated[str, AfterValidator(_known_name)]
"""In any case of letters the same person: nobody remembers how an address was written."""


class DashboardPerson(Section):
    """`[dashboard.people."NAME"]`: one who may open the dashboard."""

    role: Literal["admin", "agent"]
    """As in the bot: an agent sees the chats of `[access] agent_chats`, an admin all, and what they cost."""
    password: SecretStr | None = None
    """The hash that `otklik hash-password` prints. Without one the name is the e-mail address by which OIDC knows the
    person."""

    @field_validator("password")
    @classmethod
    def _is_a_hash(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None and not re.fullmatch(HASH_FORM, given.get_secret_value(), re.ASCII):
            raise ValueError("is not a hash; write what `otklik hash-password` prints")
        return given


class DashboardRules(Section):
    """`[dashboard]`: who may open the dashboard, and how it greets them."""

    language: Literal["auto", "ru", "en"] = "auto"
    """Of the pages, until a visitor chooses; `auto`: as the browser asks."""
    session_hours: Annotated[int, Field(ge=1, le=720)] = 12
    """After so long a visitor logs in again."""
    people: Mapping[PersonName, DashboardPerson] = Field(default_factory=dict)
    """By name, or by e-mail address where OIDC says who it is. Nobody: it is served on this machine alone, to whoever sits
    there."""

    @model_validator(mode="after")
    def _can_enter(self) -> Self:
        for name, person in self.people.items():
            if person.password is None and "@" not in name:
                raise ValueError(f"{name!r} has no password and is no e-mail address, so there is no way in")
        return self


class ReportRules(Section):
    """`[report]`: what the bot tells the staff chat about each week."""

    weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "off"] = "monday"
    """When it is sent: about the seven whole days before. `off`: never."""
    hour: Annotated[int, Field(ge=0, le=23)] = 9
    """From this hour on, in the time zone above."""
    language: Literal["ru", "en", "auto"] = "auto"
    """`auto`: the language of most of what was said."""


class Rules(Section):
    """The whole file."""

    time_zone: ZoneName = "Europe/Moscow"
    """Of every chat that has none of its own: it decides what is night."""
    staff: StaffRules = StaffRules()
    masking: MaskingRules = MaskingRules()
    lanes: LaneRules = LaneRules()
    listen: ListenRules = ListenRules()
    access: AccessRules = AccessRules()
    bot: BotRules = BotRules()
    budget: Budgets = Budgets()
    batch: BatchRules = BatchRules()
    dashboard: DashboardRules = DashboardRules()
    report: ReportRules = ReportRules()
    price: tuple[Price, ...] = ()
    """`[[price]]`: what a model costs that Otklik does not know, or a server of your own."""
    chats: Mapping[Annotated[int, Field(strict=False)], ChatRules] = Field(default_factory=dict)

    def zone(self, chat_id: int) -> ZoneInfo:
        """The time zone of a chat."""
        return ZoneInfo(self.chat(chat_id).time_zone or self.time_zone)

    def chat(self, chat_id: int) -> ChatRules:
        """What was set for a chat."""
        return self.chats.get(chat_id, ChatRules())

    def is_staff(self, sender_id: str, chat_id: int) -> bool:
        """Whether this sender answers for the team. A group's own id is an administrator who posts anonymously.

        `sender_id` is as a source gives it: `user123`, `channel456`, `name:Анна`.
        """
        if sender_id.startswith("name:"):
            return sender_id.removeprefix("name:") in self.staff.names
        known = re.fullmatch(r"(user|channel)?(\d{1,19})", sender_id, re.ASCII)
        if known is None:
            return False
        kind, number = known[1], int(known[2])
        if kind == "channel":
            return number in self.staff.ids or chat_id == marked_chat_id(number, ChatKind.SUPERGROUP)
        return number in self.staff.ids


class RulesFile:
    """The rules of a running process. `current()` costs one `stat`; an edit that is wrong keeps the old rules."""

    def __init__(self, path: Path) -> None:
        """Load the file; a missing one means the defaults.

        Raises:
            SettingsError: the file is wrong; the text names the line.
        """
        self._path = path
        self._stamp = self._stat()
        self._rules = load_rules(path)

    def current(self) -> Rules:
        """The rules as they stand now. A file that has become wrong, or has gone, is told once in the log: a typo must
        not stop an import of hours, and an editor that replaces a file leaves a moment without one."""
        stamp = self._stat()
        if stamp != self._stamp:
            self._stamp = stamp
            self._reload()
        return self._rules

    def _reload(self) -> None:
        if self._stamp is None:
            log.warning("the rules file has gone; the rules stay as they were", path=str(self._path))
            return
        try:
            self._rules = load_rules(self._path)
        except SettingsError as error:
            log.warning("the rules stay as they were", error=str(error))
        else:
            log.info("the rules were loaded anew", path=str(self._path))

    def _stat(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:  # one that is there and cannot be reached is told by `load_rules`
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


def load_rules(path: Path) -> Rules:
    """The rules in a file; the defaults where there is none.

    Raises:
        SettingsError: with the file, the line and what is wrong there.
    """
    try:
        with path.open("rb") as file:
            content = file.read(SIZE_LIMIT + 1)
        text = content.decode("utf-8-sig")
    except FileNotFoundError:
        return Rules()
    except OSError as error:
        raise SettingsError(f"The rules file {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{path}, line {line}: is not UTF-8; save the file as UTF-8.") from None
    if len(content) > SIZE_LIMIT:
        raise SettingsError(f"The rules file {path} is larger than {SIZE_LIMIT} bytes; is it the right file?")
    try:
        return Rules.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        # tomllib names the line, or else says "at end of document".
        said = str(error).replace("at end of document", f"at the end, line {text.count(chr(10)) + 1}")
        raise SettingsError(f"{path} is not TOML: {said}.") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        line = _line_of(text, first["loc"])
        raise SettingsError(f"{path}, line {line}: {place}: {first['msg'].removeprefix('Value error, ')}.") from None


def _line_of(text: str, location: tuple[int | str, ...]) -> int:
    """The line on which a key stands, or its table's header where the key is not written. tomllib tells no positions."""
    keys = [part for part in location if isinstance(part, str)]
    best, depth = 1, 0
    table: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[\[?([^\]]+)\]", line)
        key = re.match(r"""\s*("[^"]*"|'[^']*'|[\w.-]+)\s*=""", line)
        if header:
            table = _parts(header[1])
        path = table if header else [*table, *_parts(key[1])] if key else []
        if path and path == keys[: len(path)] and len(path) > depth:
            best, depth = number, len(path)
    return best


def _parts(dotted: str) -> list[str]:
    return [quoted or bare for quoted, bare in re.findall(r"""["']([^"']*)["']|([\w-]+)""", dotted)]
