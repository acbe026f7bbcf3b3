"""Telegram Desktop's JSON: chats, their kinds and ids, whole accounts, broken files."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.chats import ChatKind
from core.errors import UnreadableSource
from ingestion.exports import telegram_desktop
from ingestion.raw import RawMessage
from tests.ingestion.exports.conftest import Write
from tests.ingestion.exports.exporting import NOW, chat, message, read

KINDS = [
    ("personal_chat", 555, ChatKind.PRIVATE, 555),
    ("bot_chat", 556, ChatKind.PRIVATE, 556),
    ("saved_messages", 557, ChatKind.PRIVATE, 557),
    ("private_group", 558, ChatKind.GROUP, -558),
    ("private_supergroup", 559, ChatKind.SUPERGROUP, -1000000000559),
    ("public_supergroup", 560, ChatKind.SUPERGROUP, -1000000000560),
    ("private_channel", 561, ChatKind.CHANNEL, -1000000000561),
    ("public_channel", 3_000_000_562, ChatKind.CHANNEL, -1003000000562),
]


@pytest.mark.parametrize(("type_", "bare", "kind", "marked"), KINDS)
def test_every_kind_of_chat(read_json: Any, type_: str, bare: int, kind: ChatKind, marked: int) -> None:
    seen = read_json(chat(message(), type=type_, id=bare))
    raw = seen.survey.chats[marked]
    assert (raw.kind, raw.title.reveal(), seen.only.chat_id) == (kind, "Поддержка", marked)
    assert raw.participants["user111"].reveal() == "Анна"


def test_a_whole_account_without_what_is_not_chats(read_json: Any) -> None:
    account = {
        "about": "Here is the data you requested.",
        "personal_information": {"user_id": 1, "bio": "messages"},
        "contacts": {"list": [{"user_id": 5, "messages": [message()]}]},
        "stories": [],
        "frequent_contacts": {"list": [{"id": 7, "type": "user"}]},
        "chats": {
            "about": "...",
            "list": [
                chat(message(1), message(2), type="personal_chat", id=10, name="Олег"),
                chat(type="private_group", id=11),
                chat(message(1), type=None, id=12),
                chat(message(1), type="private_group", id=None),
                "nonsense",
            ],
        },
        "left_chats": {"list": [chat(message(5), type="public_channel", id=13)]},
    }
    seen = read_json(account)
    assert sorted(seen.survey.chats) == [-1000000000013, -11, 10]
    assert [(m.chat_id, m.message_id) for m in seen.messages] == [(10, 1), (10, 2), (-1000000000013, 5)]
    assert seen.skipped == {"unknown_chat": 2}
    assert {skip.chat_id for skip in seen.skips} == {None}
    assert seen.survey.chats[10].participants["user10"].reveal() == "Олег"


def test_messages_before_the_keys_of_their_chat(read_json: Any) -> None:
    one = chat(message())
    backwards = {key: one[key] for key in ("messages", "id", "type", "name")}
    assert read_json(backwards).only.chat_id == -1001234567890
    assert read_json({"chats": {"list": [backwards]}}).only.chat_id == -1001234567890


def test_nameless_chats_have_titles(read_json: Any) -> None:
    seen = read_json(chat(message(), type="saved_messages", id=9, name=None))
    assert seen.survey.chats[9].title.reveal() == "Saved Messages"
    assert list(seen.survey.chats[9].participants) == ["user111"]
    gone = read_json(chat(message(), type="personal_chat", id=9, name=None))
    assert gone.survey.chats[9].title.reveal() == ""


def test_names_are_those_of_senders_and_of_service_actors_up_to_a_cap(
    read_json: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = {"id": 1, "type": "service", "actor": "Борис\x00", "actor_id": "user7", "action": "join_group_by_link"}
    entries = [service, message(2), message(3, **{"from": None, "from_id": "user8"}), message(4, **{"from": "Другая"})]
    people = read_json(chat(*entries)).survey.chats[-1001234567890].participants
    assert {key: name.reveal() for key, name in people.items()} == {"user7": "Борис", "user111": "Анна"}
    monkeypatch.setattr(telegram_desktop, "MAX_PARTICIPANTS", 1)
    assert len(read_json(chat(*entries)).survey.chats[-1001234567890].participants) == 1


def test_exports_of_before_2021_mark_peers_in_their_integers(read_json: Any) -> None:
    old = message(from_id=2**32 + 111, text_entities=..., date_unixtime=...)
    seen = read_json(chat(old, id=2 * 2**32 + 1167258631, type="public_supergroup"))
    assert (seen.only.chat_id, seen.only.sender_id) == (-1001167258631, "user111")
    personal = read_json(chat(old, id=2**32 + 111, type="personal_chat"))
    assert personal.only.chat_id == 111
    recent = read_json(chat(message(), id=6_123_456_789, type="personal_chat"))
    assert recent.only.chat_id == 6_123_456_789


@pytest.mark.parametrize(
    "document", [chat(message(1), message(2, 'Ы "кавычки" \\')), {"chats": {"list": [chat(message())]}}]
)
def test_truncation_at_any_byte_is_refused_or_complete(write: Write, document: Any) -> None:
    whole = json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"
    complete = read(write(whole))
    for length in range(len(whole)):
        try:
            seen = read(write(whole[:length]))
        except UnreadableSource:
            continue
        assert seen.messages == complete.messages
        assert length >= len(whole) - 1


def test_a_truncated_file_says_where_it_breaks_off(write: Write) -> None:
    whole = json.dumps(chat(*(message(n) for n in range(1, 5000)))).encode()
    with pytest.raises(UnreadableSource, match="breaks off at byte 500000"):
        read(write(whole[:500_000]))


def test_what_follows_the_document_is_refused(write: Write) -> None:
    with pytest.raises(UnreadableSource, match="broken at byte"):
        read(write(json.dumps(chat(message())) + " {"))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
moments = (
    st.integers(-(10**12), 10**12).map(str) | st.sampled_from(["1714557600", "2024-05-01T13:00:00", ""]) | anything
)
texts = st.text() | st.lists(st.text() | st.fixed_dictionaries({"type": st.text(), "text": st.text()})) | anything
sound_or_not = st.fixed_dictionaries(
    {},
    optional={
        "id": st.integers() | anything,
        "type": st.sampled_from(["message", "message", "service", "unsupported"]) | anything,
        "date": moments,
        "date_unixtime": moments,
        "edited_unixtime": moments,
        "from": st.text() | anything,
        "from_id": st.integers(1, 2**40).map(lambda n: f"user{n}") | anything,
        "text": texts,
        "text_entities": texts,
        "reply_to_message_id": st.integers() | anything,
        "reply_to_peer_id": anything,
        "action": st.just("topic_created") | anything,
        "media_type": st.just("sticker") | anything,
        "poll": anything,
        "forwarded_from": anything,
    },
)


@given(st.lists(sound_or_not | anything), st.sampled_from([kind[0] for kind in KINDS]), st.booleans())
def test_n_entries_are_n_messages_and_skips(
    tmp_path_factory: pytest.TempPathFactory, entries: list[Any], type_: str, ascii_only: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "generated.json"
    text = json.dumps(chat(*entries, type=type_), ensure_ascii=ascii_only)
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    seen = read(path)
    assert seen.survey.entries == len(entries) == len(seen.messages) + seen.skipped.total()
    for one in seen.messages:
        check(one)


def check(one: RawMessage) -> None:
    """What the store relies on."""
    text = one.text.reveal()
    assert text.strip()
    assert "\x00" not in text + one.sender_name.reveal() + one.sender_id
    (text + one.sender_name.reveal() + one.sender_id).encode()
    assert all(0 <= entity.start < entity.end <= len(text) for entity in one.entities)
    assert one.sent_at.utcoffset() is not None
    assert one.sent_at.year >= 2013
    assert (one.sent_at - NOW).days <= 1
    assert -(2**63) < one.message_id < 2**63
