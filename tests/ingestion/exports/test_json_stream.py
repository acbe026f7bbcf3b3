"""The cursor in a JSON document, against the standard library's whole-document reader."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UnreadableSource
from ingestion.exports import json_stream
from ingestion.exports.json_stream import JsonStream

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
documents = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=30)


def stream(data: bytes, chunk: int = json_stream.CHUNK) -> JsonStream:
    return JsonStream(io.BytesIO(data), lambda _bytes: None, chunk)


def walk(cursor: JsonStream, depth: int = 3) -> Any:
    """The document, its frame walked piece by piece down to `depth`."""
    first = cursor.peek()
    if depth and first == "{":
        return {key: walk(cursor, depth - 1) for key in cursor.members()}
    if depth and first == "[":
        return [walk(cursor, depth - 1) for _item in cursor.items()]
    return cursor.value()


@given(documents, st.integers(1, 40), st.booleans(), st.sampled_from([None, 1, 40]))
def test_any_document_cut_into_chunks_anywhere(document: Any, chunk: int, ascii_only: bool, indent: int | None) -> None:
    data = json.dumps(document, ensure_ascii=ascii_only, indent=indent).encode("utf-8", "surrogatepass")
    cursor = stream(data, chunk)
    assert walk(cursor) == document
    cursor.end()
    skipping = stream(data, chunk)
    skipping.skip()
    skipping.end()


@given(documents, st.integers(1, 40), st.data())
def test_a_document_with_one_byte_changed_is_read_or_refused(document: Any, chunk: int, data: st.DataObject) -> None:
    written = bytearray(json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    written[data.draw(st.integers(0, len(written) - 1))] = data.draw(st.integers(0, 255))
    cursor = stream(bytes(written), chunk)
    try:
        walk(cursor)
        cursor.end()
    except UnreadableSource as error:
        assert str(len(written)) in str(error) or "byte" in str(error)  # noqa: PT017


def test_the_position_of_what_is_broken_is_its_byte() -> None:
    data = '{"имя": "Ася", "list": [1, 2 3], "more": "the rest of a file that goes on"}'.encode()
    with pytest.raises(UnreadableSource, match=f"broken at byte {data.index(b'3')}:"):
        walk(stream(data))


def test_text_that_is_not_utf8_is_told_by_its_byte() -> None:
    data = '{"a": "Ы"}'.encode("cp1251")
    with pytest.raises(UnreadableSource, match="not UTF-8 text"):
        walk(stream(data))


@pytest.mark.parametrize("chunk", [1, 2, 3, 5, 64])
def test_control_characters_as_telegram_desktop_writes_them(chunk: int) -> None:
    data = rb'{"a": "one\x0Btwo\x1F", "b": "C:\\x0B stays"}' + b" " * 40
    assert walk(stream(data, chunk)) == {"a": "one\x0btwo\x1f", "b": "C:\\x0B stays"}


def test_numbers_beyond_reason_and_nesting_beyond_reason() -> None:
    assert walk(stream(b'{"a": ' + b"9" * 5000 + b', "b": 1}')) == {"a": None, "b": 1}
    with pytest.raises(UnreadableSource):
        walk(stream(b"[" * 200_000))


def test_a_piece_that_never_ends_is_refused_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "MAX_PIECE", 10_000)
    with pytest.raises(UnreadableSource, match="at byte 1 is larger"):
        walk(stream(b'["' + b"a" * 100_000, 1000))


def test_a_broken_entry_does_not_read_the_rest_of_the_file() -> None:
    file = io.BytesIO(b'[{"a": oops}, ' + b"1, " * 1_000_000)
    with pytest.raises(UnreadableSource, match="broken at byte 7:"):
        walk(JsonStream(file, lambda _bytes: None, 1000), depth=1)
    assert file.tell() <= 2000
