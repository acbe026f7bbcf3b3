"""Importing an export over the very road that live messages take: mask → lane → stream → consumers → rows.

The import keeps no state of its own. What is already held is asked of the table before it is masked, so a second run
stores nothing, and a run after Ctrl-C or SIGKILL goes on where the first one was cut off.
"""

import asyncio
import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice, pairwise
from typing import Any, Protocol, TypeVar

import structlog
from redis.asyncio import Redis
from sqlalchemy import Row, TextClause, text
from sqlalchemy.dialects.postgresql import insert
from tenacity import AsyncRetrying, retry_if_exception, stop_after_delay

from core.contracts.messages import MessageObserved, edit_version
from core.contracts.streams import BATCH, CHATS, FAST, UNITS, Stream, message_stream
from core.db.models import Unmasked
from core.db.session import Database, is_transient
from core.errors import MaskingError, OtklikError, Unavailable
from core.rules import RulesFile
from core.streams.broker import AWAY, PAUSES, depth
from core.streams.publisher import Publisher
from ingestion.exports.source import Export, Skipped, Survey
from ingestion.intake import ChatDesk, Intake
from ingestion.raw import RawMessage

log = structlog.get_logger(__name__)

T = TypeVar("T")

CHUNK = 200
"""Messages read, asked about, masked and published together."""

POLL_SECONDS = 0.05
PATIENCE_SECONDS = 60.0
"""How long an outage of a store is waited out before the import gives up; it can then be run again."""
UNMASKABLE = "not_masked"
"""Skip reason of a message that could not be masked: it is not stored, and waits in its file."""
DEAD_LETTER = "dead_letter"
OWN_BOT = "own_bot"
"""Skip reason of what our own bot had said. It was there, so it leaves no hole in what is held."""
DELETED = "deleted"
"""Skip reason of a message that was deleted in Telegram or whose sender was erased: a delete always wins."""

GONE = 2**63 - 1
"""The edition of a deleted message: none is later."""

_HELD = text("""
    SELECT m.chat_id, m.message_id, m.edit_version,
        m.lane = 'HIGH' OR m.lane_reasons::text LIKE '%important thread%' AS important
    FROM jsonb_to_recordset(CAST(:keys AS jsonb)) AS k(chat_id bigint, message_id bigint)
    JOIN messages m USING (chat_id, message_id)
    UNION ALL
    SELECT d.chat_id, d.message_id, :gone, false
    FROM jsonb_to_recordset(CAST(:keys AS jsonb)) AS k(chat_id bigint, message_id bigint)
    JOIN deleted_messages d USING (chat_id, message_id)
""")
_ARRIVED = text("""
    SELECT k.chat_id, k.message_id, k.edit_version FROM jsonb_to_recordset(CAST(:keys AS jsonb))
        AS k(chat_id bigint, message_id bigint, edit_version bigint)
    WHERE EXISTS (SELECT FROM messages m WHERE m.chat_id = k.chat_id AND m.message_id = k.message_id
            AND m.edit_version >= k.edit_version)
        OR EXISTS (SELECT FROM deleted_messages d WHERE d.chat_id = k.chat_id AND d.message_id = k.message_id)
""")
_LEFT = text("""
    SELECT
        (SELECT count(*) FROM messages WHERE chat_id = ANY(CAST(:chats AS bigint[])) AND NOT threaded) AS unthreaded,
        (SELECT count(*) FROM data_units WHERE chat_id = ANY(CAST(:chats AS bigint[])) AND embedding IS NULL)
            AS unembedded,
        (SELECT count(*) FROM data_units WHERE chat_id = ANY(CAST(:chats AS bigint[]))) AS units
""")
_COVER = text("""
    INSERT INTO coverage (chat_id, held)
    SELECT :chat_id, int8multirange(int8range(:first, :last, '[]'))
    WHERE EXISTS (SELECT FROM chats WHERE chat_id = :chat_id)
    ON CONFLICT (chat_id) DO UPDATE SET held = coverage.held + excluded.held
""")


class Progress(Protocol):
    """Whom the import tells how far it is."""

    def begin(self, phase: str, total: int | None) -> None:
        """A phase begins; `total` is what `reach` will count up to, None where nobody knows."""

    def reach(self, done: int) -> None:
        """So much of the phase is done."""


@dataclass(slots=True)
class ImportReport:
    """What an import did; the fields of `otklik import --json`."""

    chats: int = 0
    messages: int = 0
    stored: int = 0
    duplicates: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    """How many by reason. No Counter: `asdict` of Python 3.11 turns one into nonsense."""
    units: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class _Key:
    chat_id: int
    message_id: int
    edit_version: int

    @property
    def place(self) -> tuple[int, int]:
        return self.chat_id, self.message_id


@dataclass(slots=True)
class _Span:
    """The ids of one chat that the file covers."""

    first: int
    last: int
    missing: list[int] = field(default_factory=list)


class Importer:
    """Imports one export."""

    def __init__(
        self,
        *,
        database: Database,
        publisher: Publisher,
        redis: Redis,
        intake: Intake,
        rules: RulesFile,
        progress: Progress,
    ) -> None:
        self._database = database
        self._publisher = publisher
        self._redis = redis
        self._intake = intake
        self._rules = rules
        self._progress = progress
        self._unmasked: list[dict[str, object]] = []
        self._report = ImportReport()
        self._desks: dict[int, ChatDesk] = {}
        """By the chat's id in the file."""
        self._stored_desks: dict[int, ChatDesk] = {}
        """By the id under which the chat is stored; so are the spans."""
        self._spans: dict[int, _Span] = {}
        self._unsettled: deque[Sequence[_Key]] = deque()
        self._under_way: dict[tuple[int, int], int] = {}
        """The editions in `_unsettled`, by chat and message."""
        self._stopped = threading.Event()

    async def run(self, export: Export, *, wait: bool) -> ImportReport:
        """Import an export; with `wait`, return when all of it is stored, threaded and embedded.

        Raises:
            UnreadableSource: the file is broken. It is read once before anything is published, so nothing is stored.
            Unavailable: Redis was away for too long. Running the import again goes on.
            OtklikError: some of the work ended in dead letters.
        """
        began = time.monotonic()
        self._progress.begin("checking the file", export.size)
        survey = await self._surveyed(export)
        await asyncio.to_thread(self._open, survey)
        self._progress.begin("masking and publishing", survey.entries)
        await self._publish_all(export.read(_nobody))
        if wait:
            await self._until_stored()
            await self._note_coverage()
            await self._until_indexed()
        else:
            await self._settle()
        self._report.chats = len(survey.chats)
        self._report.units = (await self._left()).units
        self._report.seconds = round(time.monotonic() - began, 2)
        return self._report

    async def _surveyed(self, export: Export) -> Survey:
        try:
            return await asyncio.to_thread(export.survey, self._reach_unless_stopped)
        except asyncio.CancelledError:
            self._stopped.set()  # else the process, asked to end, would first read 2 GB to their end
            raise

    def _reach_unless_stopped(self, done: int) -> None:
        if self._stopped.is_set():
            raise InterruptedError("the import was stopped")
        self._progress.reach(done)

    def _open(self, survey: Survey) -> None:
        self._desks = {chat_id: self._intake.open_chat(chat) for chat_id, chat in survey.chats.items()}
        self._stored_desks = {desk.ref.chat_id: desk for desk in self._desks.values()}

    async def _publish_all(self, items: Iterator[RawMessage | Skipped]) -> None:
        done = 0
        while chunk := await asyncio.to_thread(lambda: list(islice(items, CHUNK))):
            messages = [item for item in chunk if isinstance(item, RawMessage)]
            self._note(chunk)
            for lane_stream, observed in (await self._admitted(messages)).items():
                await self._publisher.publish(lane_stream, observed)
            await self._settle()
            done += len(chunk)
            self._progress.reach(done)

    def _note(self, chunk: Iterable[RawMessage | Skipped]) -> None:
        for item in chunk:
            if isinstance(item, Skipped):
                self._skip(item.reason.value)
            else:
                self._report.messages += 1
            desk = None if item.chat_id is None else self._desks.get(item.chat_id)
            if desk is not None and item.message_id is not None and item.message_id > 0:
                span = self._spans.setdefault(desk.ref.chat_id, _Span(item.message_id, item.message_id))
                span.first, span.last = min(span.first, item.message_id), max(span.last, item.message_id)

    def _skip(self, reason: str) -> None:
        self._report.skipped[reason] = self._report.skipped.get(reason, 0) + 1

    def _miss(self, stored_chat_id: int, message_id: int, reason: str) -> None:
        """A message of the file that will not be in the table: counted, and a hole in what is held."""
        self._skip(reason)
        if message_id > 0:
            self._spans[stored_chat_id].missing.append(message_id)

    async def _admitted(self, messages: Sequence[RawMessage]) -> Mapping[Stream, list[MessageObserved]]:
        """What of a chunk is new, masked and by its stream."""
        keyed = [(self._key(message), message) for message in messages]
        held = await self._held([key for key, _ in keyed])
        fresh = []
        for key, message in keyed:
            if self._intake.is_own_bot(message.sender_id):
                self._skip(OWN_BOT)
            elif held.get(key.place) == GONE:
                self._skip(DELETED)
            elif held.get(key.place, -1) >= key.edit_version:
                self._report.duplicates += 1
            else:
                held[key.place] = key.edit_version
                fresh.append(message)
        observed = await asyncio.to_thread(self._mask, fresh)
        await _patiently(self._tell_unmasked)
        by_stream: dict[Stream, list[MessageObserved]] = defaultdict(list)
        for one in observed:
            by_stream[message_stream(one.lane)].append(one)
        self._expect([_Key(o.chat.chat_id, o.message_id, o.edit_version) for o in observed])
        return by_stream

    def _mask(self, messages: Sequence[RawMessage]) -> list[MessageObserved]:
        rules = self._rules.current()
        observed = []
        for message in messages:
            desk = self._desks[message.chat_id]
            try:
                observed.append(self._intake.admit(message, desk, rules))
            except MaskingError as error:
                self._miss(desk.ref.chat_id, message.message_id, UNMASKABLE)
                self._unmasked.append(
                    {"chat_id": desk.ref.chat_id, "message_id": message.message_id, "error": str(error)}
                )
        return observed

    async def _tell_unmasked(self) -> None:
        """Note which messages wait unmasked in their file, so that `otklik status` shows them."""
        if self._unmasked:
            async with self._database.transaction() as session:
                await session.execute(insert(Unmasked).on_conflict_do_nothing(), self._unmasked)
            self._unmasked.clear()

    def _key(self, message: RawMessage) -> _Key:
        desk = self._desks[message.chat_id]
        return _Key(desk.ref.chat_id, message.message_id, edit_version(message.edited_at))

    async def _held(self, keys: Sequence[_Key]) -> dict[tuple[int, int], int]:
        """The newest editions that are on their way or in the table already, by chat and message."""
        held = {key.place: self._under_way[key.place] for key in keys if key.place in self._under_way}
        for row in await self._rows(_HELD, keys=_json(keys), gone=GONE):
            place = row.chat_id, row.message_id
            held[place] = max(row.edit_version, held.get(place, 0))
            if row.important:
                self._stored_desks[row.chat_id].remember_important(row.message_id)
        return held

    def _expect(self, keys: Sequence[_Key]) -> None:
        """These are about to be published; `_settle` sees them arrive."""
        if keys:
            self._unsettled.append(keys)
            self._under_way.update((key.place, key.edit_version) for key in keys)

    async def _settle(self) -> None:
        """Count the published chunks that have arrived in the table, oldest first."""
        while self._unsettled:
            sent = self._unsettled[0]
            if await self._lost(sent):
                return
            self._unsettled.popleft()
            self._close(sent)
            self._report.stored += len(sent)

    def _close(self, sent: Sequence[_Key]) -> None:
        for key in sent:
            if self._under_way.get(key.place) == key.edit_version:
                del self._under_way[key.place]

    async def _lost(self, sent: Sequence[_Key]) -> list[_Key]:
        """Those of the published messages that are not in the table, in this edition or a later one."""
        arrived = {tuple(row) for row in await self._rows(_ARRIVED, keys=_json(sent))}
        return [key for key in sent if (*key.place, key.edit_version) not in arrived]

    async def _until_stored(self) -> None:
        self._progress.begin("storing", None)
        while self._unsettled:
            # Emptiness first: what was acknowledged before it was seen is in the table when that is asked.
            idle = await self._idle(FAST, BATCH)
            await self._settle()
            if idle and self._unsettled:
                await self._count_dead()
            await asyncio.sleep(POLL_SECONDS if self._unsettled else 0)

    async def _count_dead(self) -> None:
        """All is acknowledged and some of it is not in the table: those became dead letters."""
        while self._unsettled:
            sent = self._unsettled[0]
            lost = await self._lost(sent)
            for key in lost:
                self._miss(key.chat_id, key.message_id, DEAD_LETTER)
            self._report.stored += len(sent) - len(lost)
            self._unsettled.popleft()
            self._close(sent)

    async def _until_indexed(self) -> None:
        """Raises OtklikError when nobody works any more and there is still something to do."""
        before = await self._left()
        phase: tuple[str, int | None] | None = None
        while True:
            idle = await self._idle(CHATS, UNITS)
            left = await self._left()
            if not left.unthreaded and not left.unembedded:
                return
            if idle and left == before:
                raise OtklikError("Some of the import could not be indexed; see `otklik dead-letters list`.")
            before = left
            if phase != (now := ("placing in threads", None) if left.unthreaded else ("embedding", left.units)):
                phase = now
                self._progress.begin(*now)
            self._progress.reach(left.units - left.unembedded)
            await asyncio.sleep(POLL_SECONDS)

    async def _idle(self, *streams: Stream) -> bool:
        async def lengths() -> list[int]:
            return [(await depth(self._redis, stream)).length for stream in streams]

        return not any(await _patiently(lengths))

    async def _left(self) -> "_Left":
        (row,) = await self._rows(_LEFT, chats=list(self._stored_desks))
        return _Left(row.unthreaded, row.unembedded, row.units)

    async def _note_coverage(self) -> None:
        """An export holds all of a chat between its first and its last message: what is not in it does not exist."""
        ranges = [
            {"chat_id": chat_id, "first": before + 1, "last": after - 1}
            for chat_id, span in self._spans.items()
            for before, after in pairwise([span.first - 1, *sorted(span.missing), span.last + 1])
            if after - before > 1
        ]

        async def note() -> None:
            async with self._database.transaction() as session:
                for covered in ranges:
                    await session.execute(_COVER, covered)

        await _patiently(note)

    async def _rows(self, query: TextClause, **values: object) -> Sequence[Row[Any]]:
        async def read() -> Sequence[Row[Any]]:
            async with self._database.reading() as session:
                return (await session.execute(query, values)).all()

        return await _patiently(read)


@dataclass(frozen=True, slots=True)
class _Left:
    unthreaded: int
    unembedded: int
    units: int


async def _patiently(work: Callable[[], Awaitable[T]]) -> T:
    """Do something that may be done twice, waiting out a PostgreSQL or Redis that is away, as the consumers do.

    Raises:
        Unavailable: it was away for too long.
    """
    attempts = AsyncRetrying(
        retry=retry_if_exception(_away),
        wait=PAUSES,
        stop=stop_after_delay(PATIENCE_SECONDS),
        before_sleep=lambda state: log.warning("a store is away, waiting", attempt=state.attempt_number),
        reraise=True,
    )
    try:
        result: T = await attempts(work)
    except Exception as error:
        if not _away(error):
            raise
        raise Unavailable(
            "PostgreSQL or Redis does not answer; start it and run the command again, it goes on where it was."
        ) from error
    # redis-py sends within `asyncio.wait_for`, which in Python 3.11 swallows a cancellation that meets its end: Ctrl-C
    # would be forgotten (measured: 7 of 10 cancellations during XLEN were).
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
    return result


def _away(error: BaseException) -> bool:
    return isinstance(error, AWAY) or is_transient(error)


def _json(keys: Sequence[_Key]) -> str:
    return json.dumps([asdict(key) for key in keys])


def _nobody(_bytes: int) -> None:
    """The second pass counts entries, not bytes."""
