"""CSV that no spreadsheet runs, JSON lines, Parquet: the same values in each."""

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.exports.forms import FORMS, guarded
from analytics.exports.tables import Column, Kind

MOSCOW = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 3, 2, 9, tzinfo=UTC)
COLUMNS = [Column(kind.value, kind) for kind in (Kind.TEXT, *(kind for kind in Kind if kind is not Kind.TEXT))]
ROW = ("Привет, «мир»\nвторая", -5, 0.25, Decimal("0.0000000001"), False, NOON, [1, 2], ["=b", "a"])
EMPTY = (None,) * len(COLUMNS)
DANGEROUS = "=+-@\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}"


def written(form: str, *chunks: list[tuple[Any, ...]]) -> bytes:
    file = io.BytesIO()
    made = FORMS[form](file, COLUMNS, MOSCOW)
    for rows in chunks:
        made.write(rows)
    made.close()
    return file.getvalue()


def test_csv_opens_in_excel() -> None:
    data = written("csv", [ROW], [EMPTY])
    assert data.startswith(b"\xef\xbb\xbftext,int,")
    assert data.count(b"\xef\xbb\xbf") == 1
    header, first, second = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert header == [column.name for column in COLUMNS]
    time = "2026-03-02T12:00:00+03:00"
    assert first == [ROW[0], "-5", "0.25", "0.0000000001", "false", time, "1 2", "'=b | a"]
    assert second == [""] * len(COLUMNS)


def test_a_line_of_json_for_each_row() -> None:
    data = written("jsonl", [ROW], [EMPTY])
    first, second = map(json.loads, data.decode().splitlines())
    assert first["text"] == ROW[0]
    assert first["money"] == 1e-10
    assert first["time"] == "2026-03-02T12:00:00+03:00"
    assert (first["int"], first["bool"], first["texts"]) == (-5, False, ["=b", "a"])
    assert second == dict.fromkeys(first)


def test_no_text_breaks_a_line_of_json() -> None:
    text = "a\nb\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029c \\u2028"
    (line,) = written("jsonl", [(text, *ROW[1:])]).decode().splitlines()
    assert json.loads(line)["text"] == text


def test_parquet_keeps_types_and_a_row_group_for_each_chunk() -> None:
    read = pq.ParquetFile(io.BytesIO(written("parquet", [ROW, EMPTY], [ROW])))
    assert read.num_row_groups == 2
    first, second, third = read.read().to_pylist()
    assert tuple(first.values()) == ROW
    assert first["time"].tzinfo is not None
    assert second == dict.fromkeys(first)
    assert third == first
    assert str(read.schema_arrow.field("money").type) == "decimal128(18, 10)"


@pytest.mark.parametrize("form", FORMS)
def test_an_empty_export_has_its_columns(form: str) -> None:
    data = written(form)
    if form == "parquet":
        assert pq.read_schema(io.BytesIO(data)).names == [column.name for column in COLUMNS]
    else:
        assert data.count(b"\n") == (form == "csv")


@pytest.mark.parametrize("words", ["a-b", "+7 звоните", "скидка, -5 %", "x = y", "почта a@b", "'тихо", ""])
def test_what_is_no_formula_is_left_alone(words: str) -> None:
    assert guarded(words).lstrip("'") == words.lstrip("'")
    assert guarded(words).startswith("'") is words.startswith(("+", "'"))


@given(st.lists(st.text(alphabet=f"{DANGEROUS};,\t\r\n\"' a1|"), min_size=1, max_size=4))
def test_no_cell_begins_a_formula_however_the_file_is_read(texts: list[str]) -> None:
    """With the separator that it was written with, or with those that other spreadsheets use."""
    data = written("csv", [(text, 1, *EMPTY[2:]) for text in texts]).decode("utf-8-sig")
    for separator in ",;\t":
        for row in csv.reader(io.StringIO(data, newline=""), delimiter=separator):
            assert not [cell for cell in row if cell.startswith(tuple(DANGEROUS))], separator
            assert not [cell for cell in row if cell.lstrip(" ").startswith(("=", "@"))], separator
