"""The v1 CSV."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.chats import ChatKind, message_link
from core.errors import UnreadableSource
from ingestion.exports import v1_csv
from ingestion.exports.v1_csv import named_chat_id, parse_date
from tests.ingestion.exports.conftest import Write
from tests.ingestion.exports.exporting import read

HEADER = "date,chat,author,text,reply_to\n"
ROW = "2024-05-01 10:00,Поддержка,Анна,здравствуйте,\n"
SUPPORT = named_chat_id("Поддержка")


def test_rows_are_numbered_within_their_chat(write: Write) -> None:
    seen = read(
        write(
            HEADER
            + ROW
            + "2024-05-01 10:01,Другой,Борис,привет,\n"
            + '2024-05-01 10:02,Поддержка,Борис,"слушаю,\nвас ""тут""",1\n'
            + "\n"
            + "2024-05-01 10:03,Поддержка,Анна,,\n"
            + "2024-05-01 10:04,Поддержка,Анна,спасибо\n"
        )
    )
    assert [(m.chat_id, m.message_id, m.reply_to) for m in seen.messages] == [
        (SUPPORT, 1, None),
        (named_chat_id("Другой"), 1, None),
        (SUPPORT, 2, 1),
        (SUPPORT, 4, None),
    ]
    assert seen.texts[2] == 'слушаю,\nвас "тут"'
    assert seen.messages[0].sender_id == "name:Анна"
    assert seen.skipped == {"empty_text": 1}
    raw = seen.survey.chats[SUPPORT]
    assert (raw.kind, raw.title.reveal(), sorted(raw.participants)) == (
        ChatKind.GROUP,
        "Поддержка",
        ["name:Анна", "name:Борис"],
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings_delimiters_and_any_order_of_columns(
    write: Write, encoding: str, delimiter: str, newline: str
) -> None:
    rows = [["Text", "author", "DATE", "chat"], ["ёж", "Анна", "01.05.2024 13:00:05", "Поддержка"]]
    text = newline.join(delimiter.join(row) for row in rows) + newline
    one = read(write(text.encode(encoding))).only
    assert (one.text.reveal(), one.sender_name.reveal(), one.chat_id) == ("ёж", "Анна", SUPPORT)
    assert one.sent_at == datetime(2024, 5, 1, 13, 0, 5, tzinfo=UTC)


def test_windows_1251_that_begins_only_deep_in_the_file(write: Write) -> None:
    ascii_rows = "2024-05-01 10:00,Support,Ann,hello there,\n" * 60_000
    seen = read(write((HEADER + ascii_rows + ROW).encode("cp1251")))
    assert seen.texts[-1] == "здравствуйте"


def test_utf8_that_is_damaged_is_not_taken_for_windows_1251(write: Write) -> None:
    good = (HEADER + ROW).encode()
    with pytest.raises(UnreadableSource, match=f"damaged or cut off at byte {len(good)}"):
        read(write(good + b"\xff\n"))
    with pytest.raises(UnreadableSource, match="damaged or cut off"):
        read(write(good + "2024-05-01 10:00,Поддержка,Анна,Ы".encode()[:-1]))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1970-01-01,Поддержка,Анна,текст,", "bad_date"),
        ("2200-01-01,Поддержка,Анна,текст,", "bad_date"),
        ("вчера,Поддержка,Анна,текст,", "bad_date"),
        ("2024-05-01,Поддержка,,текст,", "no_sender"),
        ("2024-05-01,Поддержка,Анна, ,", "empty_text"),
        ("2024-05-01,Поддержка,Анна,\x00,", "empty_text"),
        (f"2024-05-01,Поддержка,Анна,{'я' * 1_000_000},", "oversize_text"),
        ("2024-05-01,,Анна,текст,", "malformed"),
        ("2024-05-01,Поддержка,Анна", "malformed"),
        ("2024-05-01,Поддержка,Анна,раз, два, три", "malformed"),
        ('2024-05-01,Поддержка,Анна,"текст" и ещё,', "malformed"),
    ],
)
def test_what_is_not_a_message_is_counted_with_its_reason(write: Write, row: str, reason: str) -> None:
    seen = read(write(HEADER + ROW + row + "\n" + ROW))
    assert seen.skipped == {reason: 1}
    assert len(seen.messages) == 2


def test_nul_is_taken_out(write: Write) -> None:
    one = read(write(HEADER + "2024-05-01,Под\x00держка,Ан\x00на,те\x00кст,\n")).only
    assert (one.text.reveal(), one.sender_id, one.chat_id) == ("текст", "name:Анна", SUPPORT)


def test_numeric_chats_are_known_by_their_marked_id(write: Write) -> None:
    rows = "".join(f"2024-05-01,{chat},Анна,текст,\n" for chat in (-1001234567890, -42, 77, 10**30))
    chats = read(write(HEADER + rows)).survey.chats
    kinds = {id_: raw.kind for id_, raw in chats.items()}
    assert kinds == {
        -1001234567890: ChatKind.SUPERGROUP,
        -42: ChatKind.GROUP,
        77: ChatKind.PRIVATE,
        named_chat_id(str(10**30)): ChatKind.GROUP,
    }
    assert chats[-42].title.reveal() == ""


@given(st.text(min_size=1).filter(str.isprintable))
def test_a_named_chat_has_an_id_apart_from_telegrams_and_no_links(name: str) -> None:
    assert -(10**12) < named_chat_id(name) <= -5 * 10**11
    assert message_link(named_chat_id(name), 1) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-05-01", datetime(2024, 5, 1, tzinfo=UTC)),
        ("2024-05-01T10:00:00Z", datetime(2024, 5, 1, 10, tzinfo=UTC)),
        ("2024-05-01 13:00:00+03:00", datetime(2024, 5, 1, 10, tzinfo=UTC)),
        (" 01.05.2024 10:00 ", datetime(2024, 5, 1, 10, tzinfo=UTC)),
        ("0001-01-01T00:00+14:00", None),
        ("31.02.2024 10:00", None),
        ("", None),
    ],
)
def test_dates(text: str, moment: datetime | None) -> None:
    assert parse_date(text) == moment


def test_a_quote_that_is_never_closed(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnreadableSource, match="open at line 3 is never closed"):
        read(write(HEADER + ROW + '2024-05-01,Поддержка,Анна,"обрыв'))
    monkeypatch.setattr(v1_csv, "MAX_LINE", 1000)
    with pytest.raises(UnreadableSource, match="Line 3 is longer"):
        read(write(HEADER + ROW + "x" * 2000))


def test_a_column_chat_that_holds_something_else(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(v1_csv, "MAX_CHATS", 2)
    with pytest.raises(UnreadableSource, match="check the CSV's columns"):
        read(write(HEADER + "".join(f"2024-05-01,{name},Анна,текст,\n" for name in "абв")))


@given(st.lists(st.lists(st.text(max_size=12), min_size=1, max_size=7)), st.sampled_from(["utf-8", "cp1251"]))
def test_any_rows_are_messages_and_skips_or_one_error(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], encoding: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "generated.csv"
    text = HEADER + "\n".join(",".join(row) for row in rows)
    path.write_bytes(text.encode(encoding, "replace"))
    try:
        seen = read(path)
    except UnreadableSource as error:
        assert "\n" not in str(error)  # noqa: PT017
        return
    assert seen.survey.entries == len(seen.messages) + seen.skipped.total()


def test_truncation_at_any_byte_is_refused_or_read(write: Write, tmp_path: Path) -> None:
    whole = (HEADER + ROW * 2 + '2024-05-01 10:00,Поддержка,Анна,"две\nстроки",1\n').encode()
    for length in range(len(whole)):
        path = write(whole[:length])
        try:
            seen = read(path)
        except UnreadableSource:
            continue
        assert len(seen.messages) + seen.skipped.total() <= 3
