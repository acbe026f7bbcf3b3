"""The door: what a file is, and the one sentence for what it is not."""

import json
import zipfile
from pathlib import Path

import pytest

from core.errors import UnreadableSource
from ingestion.exports.source import Format, open_export
from tests.ingestion.exports.conftest import Write
from tests.ingestion.exports.exporting import NOW, chat, message, read

HTML = '<!DOCTYPE html>\n<html><head><title>Exported Data</title></head><body class="history"></body></html>'

FOREIGN = [
    (b"", "empty"),
    (b" \n\t ", "empty"),
    (HTML, "Machine-readable JSON"),
    (b"\x7fELF\x02\x01\x01\x00\x00\x00", "binary"),
    (b"%PDF-1.7\n", "PDF"),
    ('{"a": 1}'.encode("utf-16"), "UTF-16"),
    ("just a note\nof two lines\n", "neither"),
    ("name,phone\nAnna,1\n", "neither"),
    ("[1, 2, 3]", "list"),
    ('{"a": {"b": [1, {"c": []}]}}', "not a chat export"),
    ("{}", "not a chat export"),
    ('{"messages": []}', "not a chat export"),
    ('{"messages": {"total": 3}, "id": 5, "type": "private_group"}', "not a chat export"),
    ('{"name": "x", "type": "dance_floor", "id": 5, "messages": [{}]}', "not a chat export"),
    ('{"name": "x", "type": "private_group", "id": "5", "messages": []}', "not a chat export"),
    ('{"about": "Here is your data", "personal_information": {"user_id": 1}}', "no chats"),
    ('{"chats": {"list": [1, 2', "breaks off"),
    ("{nonsense}", "broken"),
]


@pytest.mark.parametrize(("content", "says"), FOREIGN)
def test_what_is_no_export_gets_one_sentence(write: Write, content: str | bytes, says: str) -> None:
    with pytest.raises(UnreadableSource, match=says) as caught:
        read(write(content))
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


def test_a_directory_a_missing_file_and_an_archive(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match=r"directory: give the result\.json in it"):
        open_export(tmp_path)
    with pytest.raises(UnreadableSource, match="does not exist"):
        open_export(tmp_path / "nowhere.json")
    with zipfile.ZipFile(tmp_path / "result.json", "w") as archive:
        archive.writestr("result.json", "{}")
    with pytest.raises(UnreadableSource, match="unpack it"):
        open_export(tmp_path / "result.json")


def test_content_decides_and_not_the_name(write: Write) -> None:
    assert open_export(write(chat(message()), "chat.csv")).format == "telegram"
    assert open_export(write("text;date;author;chat\n", "result.json")).format == "csv"
    assert open_export(write(b"\xef\xbb\xbf \n" + json.dumps(chat(message())).encode())).format == "telegram"


@pytest.mark.parametrize(
    ("content", "format"), [("date,chat,author,text\n", "telegram"), ("{}", "csv"), (HTML, "csv"), (HTML, "telegram")]
)
def test_a_format_that_was_named_is_not_guessed_over(write: Write, content: str, format: Format) -> None:  # noqa: A002
    with pytest.raises(UnreadableSource):
        open_export(write(content), format)


def test_size_and_progress_are_bytes_of_the_file(write: Write) -> None:
    path = write(chat(*(message(n, "вопрос " * 200) for n in range(1, 400))))
    export = open_export(path, now=NOW)
    seen: list[int] = []
    export.survey(seen.append)
    assert export.size == path.stat().st_size
    assert seen == sorted(seen)
    assert len(seen) > 3
    assert seen[-1] == export.size


def test_read_without_a_survey_makes_one(write: Write) -> None:
    items = list(open_export(write(chat(message())), now=NOW).read(lambda _bytes: None))
    assert len(items) == 1
