"""How a v1 CSV is written: its encoding, its delimiter, the order of its columns."""

import codecs
import csv
from dataclasses import dataclass
from pathlib import Path

from core.errors import UnreadableSource

REQUIRED = ("date", "chat", "author", "text")
OPTIONAL = "reply_to"
DELIMITERS = (",", ";")

MAX_HEADER = 4096
"""Bytes in which the header line must end."""

CHUNK = 1024 * 1024

SURELY_UTF8 = 3
"""Characters beyond ASCII that decode as UTF-8. Russian text in Windows-1251 hardly ever gives one by chance, so a file
with this many and a fault after them is damaged UTF-8, not Windows-1251."""

HEADER_ADVICE = (
    "The CSV must begin with a line that names the columns date, chat, author and text (and reply_to if there is one), "
    "with commas or semicolons between them."
)


@dataclass(frozen=True, slots=True)
class Form:
    """What has to be known to read the rows."""

    encoding: str
    errors: str
    delimiter: str
    columns: tuple[str, ...]

    def named(self, row: list[str]) -> dict[str, str] | None:
        """The row by column; None where it has too many fields or too few (a last `reply_to` may be left out)."""
        missing = len(self.columns) - len(row)
        if missing < 0 or missing > (self.columns[-1] == OPTIONAL):
            return None
        return dict(zip(self.columns, row, strict=False))


def recognise_form(path: Path) -> Form:
    """Reads the file once, for only its last byte can tell that all of it is UTF-8."""
    with path.open("rb") as file:
        start = file.read(MAX_HEADER)
    header = header_of(start)
    if header is None:
        raise UnreadableSource(HEADER_ADVICE)
    delimiter, columns = header
    encoding, errors = _encoding(path)
    return Form(encoding, errors, delimiter, columns)


def header_of(start: bytes) -> tuple[str, tuple[str, ...]] | None:
    """The delimiter and the columns, from the beginning of the file; None where it is no v1 CSV."""
    line = start.removeprefix(codecs.BOM_UTF8).splitlines()[0] if start.strip() else b""
    for delimiter in DELIMITERS:
        try:
            cells = next(csv.reader([line.decode("cp1251", "replace")], delimiter=delimiter), [])
        except csv.Error:
            continue
        columns = tuple(cell.strip().lower() for cell in cells)
        if all(columns.count(name) == 1 for name in REQUIRED) and columns.count(OPTIONAL) <= 1:
            return delimiter, columns
    return None


def _encoding(path: Path) -> tuple[str, str]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    wide = done = 0
    with path.open("rb") as file:
        bom = file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8
        file.seek(0)
        while True:
            data = file.read(CHUNK)
            held = len(decoder.getstate()[0])
            try:
                text = decoder.decode(data, final=not data)
            except UnicodeDecodeError as error:
                valid = error.object[: error.start].decode()
                if bom or wide + _beyond_ascii(valid) >= SURELY_UTF8:
                    raise UnreadableSource(
                        f"The CSV is UTF-8 but damaged or cut off at byte {done - held + error.start}: "
                        "export it or copy it again."
                    ) from None
                # Windows-1251 leaves one byte without a meaning; it is not worth an import.
                return "cp1251", "replace"
            if not data:
                return "utf-8-sig", "strict"
            done += len(data)
            wide = min(SURELY_UTF8, wide + _beyond_ascii(text))


def _beyond_ascii(text: str) -> int:
    return 0 if text.isascii() else sum(char > "\x7f" for char in text[:CHUNK])
