"""The door: a path becomes an export that can be surveyed and read, or an error that says what to do."""

import codecs
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeAlias

from core.errors import UnreadableSource
from ingestion.exports.csv_form import HEADER_ADVICE, MAX_HEADER, header_of
from ingestion.exports.entries import Export, Progress, Skipped, SkipReason, Survey
from ingestion.exports.telegram_desktop import TelegramDesktopExport
from ingestion.exports.v1_csv import V1CsvExport

__all__ = ["Export", "Format", "Progress", "SkipReason", "Skipped", "Survey", "open_export"]

Format: TypeAlias = Literal["auto", "telegram", "csv"]

JSON_ADVICE = 'export the chat in Telegram Desktop with the format "Machine-readable JSON" and give its result.json'

FOREIGN_STARTS = (
    (b"PK\x03\x04", "a zip archive: unpack it and give the result.json that is in it"),
    (b"\x1f\x8b", "compressed: unpack it and give the result.json that is in it"),
    (b"7z\xbc\xaf", "a 7z archive: unpack it and give the result.json that is in it"),
    (b"Rar!", "a rar archive: unpack it and give the result.json that is in it"),
    (codecs.BOM_UTF16_LE, "UTF-16 text: save it as UTF-8, or give the file just as it was exported"),
    (codecs.BOM_UTF16_BE, "UTF-16 text: save it as UTF-8, or give the file just as it was exported"),
    (b"%PDF", f"a PDF: {JSON_ADVICE}"),
)


def open_export(path: Path, format: Format = "auto", *, now: datetime | None = None) -> Export:  # noqa: A002
    """Recognise an export by its content, never by its name.

    `now` (aware) is what dates in the future are measured against. Raises `UnreadableSource`, here for what the first
    bytes tell, and from `survey` for what only the whole file tells.
    """
    moment = now or datetime.now(UTC)
    start = _start(path)
    if format == "telegram" or (format == "auto" and _begins(start) == b"{"):
        return _telegram(path, start, moment)
    if format == "csv" or header_of(start) is not None:
        if header_of(start) is None:
            _refuse_foreign(start)
            raise UnreadableSource(HEADER_ADVICE)
        return V1CsvExport(path, moment)
    _refuse_foreign(start)
    raise UnreadableSource(
        f"{path.name!r} is neither a chat export of Telegram Desktop nor a CSV with the columns date, chat, author and "
        f"text: {JSON_ADVICE}."
    )


def _telegram(path: Path, start: bytes, now: datetime) -> Export:
    if _begins(start) != b"{":
        _refuse_foreign(start)
        raise UnreadableSource(f"This is not a chat export of Telegram Desktop: {JSON_ADVICE}.")
    return TelegramDesktopExport(path, now)


def _start(path: Path) -> bytes:
    """The first bytes of a file that exists, can be read and holds something."""
    if path.is_dir():
        inside = " or ".join(name for name in ("result.json", "messages.html") if (path / name).exists())
        hint = f"the {inside} in it" if inside == "result.json" else "the result.json in it"
        raise UnreadableSource(f"{path.name!r} is a directory: give {hint}.")
    if not path.exists():
        raise UnreadableSource(f"{path.name!r} does not exist: check the path.")
    if not path.is_file():
        raise UnreadableSource(f"{path.name!r} is not a regular file; it is read twice: save it to a file first.")
    try:
        with path.open("rb") as file:
            start = file.read(MAX_HEADER)
    except OSError as error:
        raise UnreadableSource(f"{path.name!r} cannot be read ({error.strerror}): check its permissions.") from None
    if not start.strip(b"\x00 \t\r\n"):
        raise UnreadableSource(f"{path.name!r} is empty: {JSON_ADVICE}.")
    return start


def _begins(start: bytes) -> bytes:
    return start.removeprefix(codecs.BOM_UTF8).lstrip(b" \t\r\n")[:1]


def _refuse_foreign(start: bytes) -> None:
    for magic, what in FOREIGN_STARTS:
        if start.startswith(magic):
            raise UnreadableSource(f"The file is {what}.")
    if _begins(start) == b"<":
        raise UnreadableSource(f"This is the HTML form of an export, which cannot be imported: {JSON_ADVICE}.")
    if _begins(start) == b"[":
        raise UnreadableSource(f"This JSON is a list, not a chat export of Telegram Desktop: {JSON_ADVICE}.")
    if b"\x00" in start:
        raise UnreadableSource(f"This is a binary file, not a chat export: {JSON_ADVICE}.")
