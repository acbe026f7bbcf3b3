"""Telegram Desktop's JSON: single messages, whole or damaged."""

from datetime import UTC, datetime
from typing import Any

import pytest

from core.privacy.types import TextEntity
from ingestion.exports.entries import MAX_TEXT
from tests.ingestion.exports.conftest import Write
from tests.ingestion.exports.exporting import chat, message, read


def test_a_message_as_it_is(read_json: Any) -> None:
    one = read_json(chat(message(42, edited_unixtime="1714557660", edited="2024-05-01T13:01:00"))).only
    assert (one.message_id, one.sender_id, one.sender_name.reveal()) == (42, "user111", "Анна")
    assert one.sent_at == datetime(2024, 5, 1, 10, 0, tzinfo=UTC)
    assert one.edited_at == datetime(2024, 5, 1, 10, 1, tzinfo=UTC)
    assert (one.reply_to, one.topic_id, one.entities, one.forwarded) == (None, None, (), False)


def test_text_in_pieces_with_offsets_in_code_points(read_json: Any) -> None:
    pieces = [
        "😀 ",
        {"type": "phone", "text": "+7 916 123-45-67"},
        ", ",
        {"type": "text_link", "text": "тут", "href": "https://example.com/a"},
        {"type": "mention_name", "text": "Оля", "user_id": 77},
        {"type": "bold", "text": ""},
    ]
    one = read_json(chat(message(text=pieces))).only
    assert one.text.reveal() == "😀 +7 916 123-45-67, тутОля"
    assert one.entities == (
        TextEntity(2, 18, "phone"),
        TextEntity(20, 23, "text_link", "https://example.com/a"),
        TextEntity(23, 26, "mention_name", "tg://user?id=77"),
    )


def test_text_entities_are_preferred_where_they_agree(read_json: Any) -> None:
    marked = [{"type": "plain", "text": "почта "}, {"type": "email", "text": "a@example.com"}]
    agreeing = read_json(chat(message(text="почта a@example.com", text_entities=marked))).only
    assert agreeing.entities == (TextEntity(6, 19, "email"),)
    other = ["почта ", {"type": "link", "text": "b@example.com"}]
    differing = read_json(chat(message(text=other, text_entities=marked))).only
    assert differing.text.reveal() == "почта b@example.com"
    assert differing.entities == (TextEntity(6, 19, "link"),)
    alone = read_json(chat(message(text=..., text_entities=marked))).only
    assert alone.text.reveal() == "почта a@example.com"
    broken = read_json(chat(message(text="да", text_entities=[5]))).only
    assert broken.text.reveal() == "да"


def test_nul_and_lone_surrogates_are_taken_out_before_offsets_are_counted(write: Write) -> None:
    entry = (
        r'{"id": 1, "type": "message", "date_unixtime": "1714557600", "from": "А\u0000н\udc00", "from_id": "user1",'
        r' "text": ["a\u0000\ud800", {"type": "code", "text": "\u0000b\u0000"}, "\ud83d\ude00\x0B"]}'
    )
    one = read(write('{"name": "x\\u0000", "type": "private_group", "id": 5, "messages": [' + entry + "]}")).only
    assert one.text.reveal() == "a\ufffdb😀\x0b"
    assert one.entities == (TextEntity(2, 3, "code"),)
    assert one.sender_name.reveal() == "Ан\ufffd"


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"id": 1, "type": "service", "action": "pin_message", "text": ""}, "service"),
        ({"id": 1, "type": "unsupported"}, "unsupported"),
        (message(text="", media_type="sticker", file="s.webp"), "sticker"),
        (message(text="", photo="photos/1.jpg"), "media"),
        (message(text=[], media_type="voice_message"), "media"),
        (message(text="", contact_information={"phone_number": "+7 916 123-45-67"}), "media"),
        (message(text=""), "empty_text"),
        (message(text=" \n\u0000 "), "empty_text"),
        (message(text="я" * 1_000_000), "oversize_text"),
        (message(text="a" * (MAX_TEXT + 1)), "oversize_text"),
        (message(date_unixtime="0"), "bad_date"),
        (message(date_unixtime="7258118400"), "bad_date"),
        (message(date_unixtime="9" * 40, date="soon"), "bad_date"),
        (message(date_unixtime=..., date="1970-01-01T00:00:00"), "bad_date"),
        (message(date_unixtime=..., date="2200-01-01T00:00:00"), "bad_date"),
        (message(date_unixtime=..., date="0001-01-01T00:00:00+14:00"), "bad_date"),
        (message(date_unixtime=..., date=...), "bad_date"),
        (message(id=...), "no_id"),
        (message(id="12"), "no_id"),
        (message(id=True), "no_id"),
        (message(id=0), "no_id"),
        (message(id=1.5), "no_id"),
        (message(id=2**63), "no_id"),
        (message(from_id=..., **{"from": None}), "no_sender"),
        (message(text=5), "malformed"),
        (message(text={"type": "bold", "text": "x"}), "malformed"),
        (message(text=["x", 5]), "malformed"),
        (message(text=[{"type": "bold"}]), "malformed"),
        (message(from_id=["user1"]), "malformed"),
        (message(type=...), "malformed"),
        (message(type="dance"), "malformed"),
        ("a string", "malformed"),
        (None, "malformed"),
        ([message()], "malformed"),
        (7, "malformed"),
    ],
)
def test_what_is_not_a_message_is_counted_with_its_reason(read_json: Any, entry: Any, reason: str) -> None:
    seen = read_json(chat(message(1), entry, message(3)))
    assert seen.skipped == {reason: 1}
    assert [one.message_id for one in seen.messages] == [1, 3]


def test_the_longest_text_that_is_taken(read_json: Any) -> None:
    assert len(read_json(chat(message(text="я" * MAX_TEXT))).only.text) == MAX_TEXT


def test_captions_and_polls_are_text(read_json: Any) -> None:
    assert read_json(chat(message(text="вот снимок", photo="photos/1.jpg"))).texts == ["вот снимок"]
    poll = {"question": "Когда удобно?", "answers": [{"text": "Утром", "voters": 1}, {"text": "Вечером"}, 5]}
    assert read_json(chat(message(text="", poll=poll))).texts == ["Когда удобно?\nУтром\nВечером"]
    assert read_json(chat(message(text="", poll={"question": 5}))).skipped == {"media": 1}


def test_dates_of_old_exports_are_read_as_utc(read_json: Any) -> None:
    one = read_json(chat(message(date_unixtime=..., edited="1970-01-01T01:00:00"))).only
    assert one.sent_at == datetime(2024, 5, 1, 13, 0, tzinfo=UTC)
    assert one.edited_at is None


def test_senders_who_are_hard_to_name(read_json: Any) -> None:
    gone = read_json(chat(message(**{"from": None}))).only
    assert (gone.sender_id, gone.sender_name.reveal()) == ("user111", "")
    post = read_json(chat(message(from_id=..., **{"from": None}), type="private_channel", id=9)).only
    assert (post.sender_id, post.sender_name.reveal()) == ("channel9", "Поддержка")
    foreign = read_json(chat(message(from_id=...))).only
    assert (foreign.sender_id, foreign.sender_name.reveal()) == ("name:Анна", "Анна")
    anonymous = read_json(chat(message(from_id="channel1234567890"))).only
    assert anonymous.sender_id == "channel1234567890"


def test_replies_within_the_chat_also_to_what_is_absent(read_json: Any) -> None:
    seen = read_json(
        chat(
            message(5, reply_to_message_id=3),
            message(6, reply_to_message_id=5, reply_to_peer_id="channel1234567890"),
            message(7, reply_to_message_id=5, reply_to_peer_id="channel42"),
            message(8, reply_to_message_id="5"),
        )
    )
    assert [one.reply_to for one in seen.messages] == [3, 5, None, None]


def test_forwarded_words_are_somebody_elses(read_json: Any) -> None:
    seen = read_json(chat(message(1, forwarded_from="Пётр"), message(2, forwarded_from=None), message(3)))
    assert [one.forwarded for one in seen.messages] == [True, True, False]


def test_forum_topics(read_json: Any) -> None:
    root = {"id": 10, "type": "service", "action": "topic_created", "title": "Оплата", "text": ""}
    seen = read_json(
        chat(
            message(2, "до тем"),
            root,
            message(11, reply_to_message_id=10),
            message(12, "", media_type="sticker", reply_to_message_id=11),
            message(13, reply_to_message_id=12),
            message(14),
            message(15, reply_to_message_id=14),
            {**root, "id": 20},
            message(21, reply_to_message_id=20),
            message(22, reply_to_message_id=13),
        )
    )
    found = {one.message_id: (one.reply_to, one.topic_id) for one in seen.messages}
    assert found == {
        2: (None, None),
        11: (None, 10),
        13: (12, 10),
        14: (None, None),
        15: (14, None),
        21: (None, 20),
        22: (13, 10),
    }


def test_duplicates_and_ids_of_a_migrated_group_pass_through(read_json: Any) -> None:
    seen = read_json(chat(message(-999_999_990), message(5), message(5, "второй раз")))
    assert [one.message_id for one in seen.messages] == [-999_999_990, 5, 5]
