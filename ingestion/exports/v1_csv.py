"""The old v1 CSV: `date,chat,author,text[,reply_to]`, comma or semicolon, UTF-8 or Windows-1251.

Its rows have no ids: a message is numbered by its place among the rows of its chat, from 1, and `reply_to` means such a
number. Times without a zone are read as UTC.
"""

import csv
import hashlib
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path

from core.domain.chats import SUPERGROUP_OFFSET, ChatKind
from core.errors import UnreadableSource
from core.privacy.types import RawText
from ingestion.exports.csv_form import Form, recognise_form
from ingestion.exports.entries import (
    MAX_ID,
    MAX_PARTICIPANTS,
    MAX_TEXT,
    Progress,
    Refused,
    Skipped,
    SkipReason,
    Survey,
    as_utc,
    clean,
    plausible,
)
from ingestion.raw import RawChat, RawMessage

MAX_LINE = 16 * 1024 * 1024
"""Characters of a line or a quoted field. Longer ones mean a lost quote; stopping there keeps memory bounded."""

MAX_CHATS = 100_000
"""Chats counted apart. More of them mean that the column `chat` holds something else."""

NAMED_CHATS = 500_000_000_000
"""A chat known by name gets an id from -(10**12 - 1) to -(5 * 10**11): in the half of the basic groups' range that
Telegram, which has given out ids of about ten digits, has not come near."""

DATE_FORMS = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y")

csv.field_size_limit(MAX_LINE)  # the default, 131,072, would end the import at the first oversize message


class V1CsvExport:
    """A v1 CSV. See `entries.Export`."""

    format = "csv"

    def __init__(self, path: Path, now: datetime) -> None:
        self._path = path
        self._now = now
        self._form: Form | None = None
        self.size = path.stat().st_size

    def survey(self, progress: Progress) -> Survey:
        names: dict[int, dict[str, RawText]] = {}
        titles: dict[int, str] = {}
        entries = 0
        for row in self._rows(progress):
            entries += 1
            if row is None:
                continue
            try:
                chat_id, author, title = chat_of(row), _field(row, "author"), _field(row, "chat")
            except Refused:
                continue
            known = names.setdefault(chat_id, {})
            if len(names) > MAX_CHATS:
                raise UnreadableSource(f"The column chat names more than {MAX_CHATS} chats: check the CSV's columns.")
            titles.setdefault(chat_id, "" if _number(title) is not None else title)
            if author and len(known) < MAX_PARTICIPANTS:
                known.setdefault(f"name:{author}", RawText(author))
        chats = {id_: RawChat(id_, kind_of(id_), RawText(titles[id_]), people) for id_, people in names.items()}
        return Survey(chats, entries)

    def read(self, progress: Progress) -> Iterator[RawMessage | Skipped]:
        if self._form is None:
            self.survey(lambda _bytes: None)
        counts: dict[int, int] = {}
        for row in self._rows(progress):
            try:
                chat_id = chat_of(row)
            except Refused as refused:
                yield Skipped(refused.reason, None)
                continue
            number = counts[chat_id] = counts.get(chat_id, 0) + 1
            try:
                yield _message(row, chat_id, number, self._now)
            except Refused as refused:
                yield Skipped(refused.reason, chat_id, number)

    def _rows(self, progress: Progress) -> Iterator[dict[str, str] | None]:
        """Each row by column; None for one that is malformed. Empty lines are no rows."""
        form = self._form or recognise_form(self._path)
        with self._path.open("rb") as binary:
            text = TextIOWrapper(binary, form.encoding, errors=form.errors, newline="")
            reader = csv.reader(_lines(text), delimiter=form.delimiter, strict=True)
            next(reader)
            while True:
                progress(binary.tell())
                try:
                    row = next(reader)
                except StopIteration:
                    break
                except csv.Error as error:
                    _refuse_unending(error, reader.line_num)
                    yield None
                    continue
                if row:
                    yield form.named(row)
        self._form = form


def _lines(text: TextIOWrapper) -> Iterator[str]:
    number = 0
    while line := text.readline(MAX_LINE):
        number += 1
        if len(line) >= MAX_LINE:
            raise UnreadableSource(f"Line {number} is longer than {MAX_LINE // 2**20} MB: this is not a chat export.")
        yield line


def _refuse_unending(error: csv.Error, line: int) -> None:
    """A stray quote spoils its own row; one that is never closed, or a file that breaks off, spoils the rest."""
    if "unexpected end of data" in str(error) or "field limit" in str(error):
        raise UnreadableSource(
            f"A quote that is open at line {line} is never closed: the CSV is truncated or a quote in it is not "
            "doubled; export it again or mend that row."
        ) from None


def chat_of(row: dict[str, str] | None) -> int:
    """The chat's id: the number that the column holds (in the Bot API's marked form), or one made from the name."""
    if row is None or not (name := _field(row, "chat")):
        raise Refused(SkipReason.MALFORMED)
    number = _number(name)
    return number if number is not None else named_chat_id(name)


def named_chat_id(name: str) -> int:
    """The same name gives the same id in every file. See `NAMED_CHATS` for the range."""
    digest = hashlib.sha256(unicodedata.normalize("NFC", name).encode()).digest()
    return -(NAMED_CHATS + int.from_bytes(digest[:8]) % (SUPERGROUP_OFFSET - NAMED_CHATS))


def kind_of(chat_id: int) -> ChatKind:
    if chat_id > 0:
        return ChatKind.PRIVATE
    return ChatKind.GROUP if chat_id > -SUPERGROUP_OFFSET else ChatKind.SUPERGROUP


def _message(row: dict[str, str] | None, chat_id: int, number: int, now: datetime) -> RawMessage:
    assert row is not None, "chat_of refuses malformed rows"
    text, author = clean(row["text"]), _field(row, "author")
    if len(text) > MAX_TEXT:
        raise Refused(SkipReason.OVERSIZE_TEXT)
    if not text.strip():
        raise Refused(SkipReason.EMPTY_TEXT)
    sent_at = parse_date(row["date"])
    if sent_at is None or not plausible(sent_at, now):
        raise Refused(SkipReason.BAD_DATE)
    if not author:
        raise Refused(SkipReason.NO_SENDER)
    reply_to = _number(row.get("reply_to", ""))
    return RawMessage(
        chat_id=chat_id,
        message_id=number,
        sender_id=f"name:{author}",
        sender_name=RawText(author),
        text=RawText(text),
        sent_at=sent_at,
        reply_to=reply_to if reply_to is not None and reply_to > 0 else None,
    )


def parse_date(text: str) -> datetime | None:
    """ISO 8601, or as it is written in Russian: 31.12.2024 23:59[:59]. Without a zone it is UTC."""
    text = text.strip()
    try:
        return as_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        pass
    for form in DATE_FORMS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _field(row: dict[str, str], name: str) -> str:
    return clean(row[name]).strip()


def _number(text: str) -> int | None:
    """A whole number that fits a bigint, and is not 0."""
    digits = text.strip()
    if len(digits) > len(str(MAX_ID)) + 1 or not digits.removeprefix("-").isdecimal():
        return None
    number = int(digits)
    return number if number and abs(number) <= MAX_ID else None
