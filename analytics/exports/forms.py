"""The forms of an export: CSV for people and their spreadsheets, JSON lines and Parquet for programs."""

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import IO, Any, Protocol
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from analytics.exports.tables import Column, Kind

_FORMULA = re.compile(
    r"(?:\A|[;,\t\r\n\"]) *(?=[=@\uFF1D\uFF20])"  # of these also where a program trims cells
    r"|(?:\A *|[;,\t\r\n\"])(?=[+\-\uFF0B\uFF0D])"  # in prose a minus or a plus often follows a comma and a blank
)
"""Before a character with which a spreadsheet begins a formula: at the beginning of a text, and after whatever may begin a cell
where the file is read with other separators than it was written with. A Russian Excel splits cells at `;`."""


_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}
"""What JSON lets stand in a text and `str.splitlines`, for one, takes for the end of a line."""


class Form(Protocol):
    """Writes rows to a file. It keeps none."""

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Append rows, their values in the order of the columns."""

    def close(self) -> None:
        """Write what belongs at the end. The file itself stays open."""


class CsvForm:
    """CSV as RFC 4180 has it: commas, CRLF, a header. UTF-8 with a byte order mark, without which Excel takes Russian for
    Windows-1251. Texts are guarded against formulas by an apostrophe; numbers are not texts, and keep their minus."""

    def __init__(self, file: IO[bytes], columns: Sequence[Column], zone: ZoneInfo) -> None:
        self._file = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
        self._columns = columns
        self._zone = zone
        self._csv = csv.writer(self._file)
        self._csv.writerow(column.name for column in columns)

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Append rows."""
        self._csv.writerows(
            [self._cell(value, column.kind) for value, column in zip(row, self._columns, strict=True)] for row in rows
        )

    def close(self) -> None:
        """Let go of the file."""
        self._file.detach()

    def _cell(self, value: Any, kind: Kind) -> object:
        if value is None:
            return None
        match kind:
            case Kind.TEXT:
                return guarded(value)
            case Kind.TEXTS:
                return guarded(" | ".join(value))
            case Kind.INTS:
                return " ".join(map(str, value))
            case Kind.TIME:
                return value.astimezone(self._zone).isoformat()
            case Kind.BOOL:
                return "true" if value else "false"
            case Kind.MONEY:
                return f"{value:f}"
            case Kind.INT | Kind.FLOAT:
                return value


class JsonlForm:
    """A JSON object a line, UTF-8. Dollars are numbers, times have their offset. No text breaks a line, also for readers that
    end one where Unicode does."""

    def __init__(self, file: IO[bytes], columns: Sequence[Column], zone: ZoneInfo) -> None:
        self._file = file
        self._names = [column.name for column in columns]
        self._zone = zone

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Append rows."""
        for row in rows:
            line = json.dumps(dict(zip(self._names, row, strict=True)), ensure_ascii=False, default=self._plain)
            self._file.write(line.translate(_LINE_ENDS).encode() + b"\n")

    def close(self) -> None:
        """Nothing belongs at the end."""

    def _plain(self, value: datetime | Decimal) -> object:
        return float(value) if isinstance(value, Decimal) else value.astimezone(self._zone).isoformat()


class ParquetForm:
    """Parquet, a row group for the rows that are written together. Dollars are decimals, times are in the zone."""

    def __init__(self, file: IO[bytes], columns: Sequence[Column], zone: ZoneInfo) -> None:
        types: Mapping[Kind, pa.DataType] = {
            Kind.INT: pa.int64(),
            Kind.FLOAT: pa.float64(),
            Kind.MONEY: pa.decimal128(18, 10),
            Kind.BOOL: pa.bool_(),
            Kind.TEXT: pa.string(),
            Kind.TIME: pa.timestamp("us", tz=zone.key),
            Kind.INTS: pa.list_(pa.int64()),
            Kind.TEXTS: pa.list_(pa.string()),
        }
        self._schema = pa.schema([(column.name, types[column.kind]) for column in columns])
        self._writer = pq.ParquetWriter(file, self._schema, compression="zstd")

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Append rows."""
        columns = [
            pa.array(column, field.type) for column, field in zip(zip(*rows, strict=True), self._schema, strict=True)
        ]
        self._writer.write_table(pa.Table.from_arrays(columns, schema=self._schema), row_group_size=len(rows))

    def close(self) -> None:
        """Write the footer, without which nobody can read the file."""
        self._writer.close()


FORMS: Mapping[str, type[CsvForm | JsonlForm | ParquetForm]] = {
    "csv": CsvForm,
    "jsonl": JsonlForm,
    "parquet": ParquetForm,
}


def guarded(words: str) -> str:
    """A text that no spreadsheet takes for a formula, or for a cell with one behind it.

    >>> guarded("=1+1"), guarded("скидка -5 %"), guarded("привет;=HYPERLINK(A1)")
    ("'=1+1", 'скидка -5 %', "привет;'=HYPERLINK(A1)")
    """
    return _FORMULA.sub(r"\g<0>'", words)
