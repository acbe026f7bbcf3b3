"""Telegram's objects as ours."""

from datetime import UTC, datetime
from typing import Any

import pytest
from telethon import types

from core.domain.chats import ChatKind
from core.metrics import SKIPPED
from core.privacy.types import RawText
from core.rules import ListenRules
from ingestion.intake import Intake
from ingestion.raw import RawMessage
from ingestion.telegram.directory import Directory
from ingestion.telegram.parcels import Chat
from ingestion.telegram.reading import Reader
from ingestion.telegram.reconcile import compare
from ingestion.telegram.selection import ChatFacts, select
from ingestion.telegram.translate import Skip, translate
from tests.ingestion.road import MASKER, PSEUDONYMS

ME = 5
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CHAT_ID = -1_000_000_000_009
GROUP, CHANNEL, ALICE = types.PeerChat(7), types.PeerChannel(9), types.PeerUser(6)


def message(words: str = "hello", *, peer: Any = CHANNEL, author: Any = ALICE, **fields: Any) -> Any:
    return types.Message(id=10, peer_id=peer, from_id=author, date=NOW, message=words, **fields)


def read(one: Any) -> RawMessage:
    raw = translate(one, ME, {}, 1)
    assert isinstance(raw, RawMessage)
    return raw


@pytest.mark.parametrize(
    ("one", "sender"),
    [
        (message(), "user6"),
        (message(author=None), "channel9"),  # an administrator who stays anonymous
        (message(peer=GROUP, author=None), "chat7"),
        (message(peer=ALICE, author=None), "user6"),
        (message(peer=ALICE, author=None, out=True), "user5"),
        (message(author=types.PeerChannel(44)), "channel44"),
    ],
)
def test_senders(one: Any, sender: str) -> None:
    assert read(one).sender_id == sender


def test_what_is_no_message() -> None:
    service = types.MessageService(1, GROUP, NOW, action=types.MessageActionPinMessage())
    assert translate(service, ME, {}, 1) is Skip.SERVICE
    assert translate(types.MessageEmpty(1, None), ME, {}, 1) is Skip.EMPTY
    assert translate(message(""), ME, {}, 1) is Skip.NO_TEXT
    assert translate(message("", grouped_id=3), ME, {}, 1) is Skip.ALBUM_PART
    assert read(message("", edit_date=NOW)).text.reveal() == "", "an edit took the caption away"


def test_our_own_bots_words_are_counted_and_left_out() -> None:
    counted = SKIPPED.labels(Skip.OWN_BOT.value)
    before = counted._value.get()
    directory = Directory(asker=None, intake=Intake(MASKER, PSEUDONYMS, 6), me=ME)  # type: ignore[arg-type]
    theirs = message("not ours", author=types.PeerUser(7))
    chat = Chat(CHAT_ID, CHAT_ID, ChatKind.SUPERGROUP, RawText(""), peer=None)
    (kept,) = Reader(directory).read(chat, [message("ours"), theirs])
    assert kept.sender_id == "user7"
    assert counted._value.get() == before + 1


def test_replies() -> None:
    header = types.MessageReplyHeader
    assert read(message(reply_to=header(reply_to_msg_id=4, quote=True, quote_text="x"))).reply_to == 4
    assert read(message(reply_to=header(reply_to_msg_id=4, reply_to_peer_id=GROUP))).reply_to is None
    in_topic = read(message(reply_to=header(reply_to_msg_id=4, forum_topic=True)))
    assert (in_topic.reply_to, in_topic.topic_id) == (None, 4)
    answered = read(message(reply_to=header(reply_to_msg_id=8, reply_to_top_id=4, forum_topic=True)))
    assert (answered.reply_to, answered.topic_id) == (8, 4)


def test_entities_are_counted_in_code_points_of_the_cleaned_text() -> None:
    one = message("🙂\0 +7 999", entities=[types.MessageEntityPhone(4, 6), types.MessageEntityBold(0, 2)])
    raw = read(one)
    (entity,) = raw.entities
    assert raw.text.reveal()[entity.start : entity.end] == "+7 999"


@pytest.mark.parametrize(
    ("rules", "listens"),
    [
        ({}, True),
        ({"deny": (-1_000_000_000_009,)}, False),
        ({"allow": (9,)}, True),
        ({"allow": ("@support_chat",)}, True),
        ({"allow": ("folder:Work",)}, True),
        ({"allow": ("folder:Home",)}, False),
        ({"allow": ("@support_chat",), "deny": (9,)}, False),
    ],
)
def test_selection(rules: dict[str, Any], listens: bool) -> None:
    chat = ChatFacts(-1_000_000_000_009, ChatKind.SUPERGROUP, ["Support_Chat"])
    found = select(chat, ListenRules(**rules), {"Work": {-1_000_000_000_009}})
    assert found.listen is listens
    assert found.reason


def test_telegrams_own_account_is_never_listened_to() -> None:
    rules = ListenRules(allow=(777000,))
    assert not select(ChatFacts(777000, ChatKind.PRIVATE), rules, {}).listen
    assert not select(ChatFacts(42, ChatKind.PRIVATE, is_own_bot=True), rules, {}).listen


def test_comparing_a_range() -> None:
    there = [read(message())]  # id 10, never edited
    dense = compare(there, [10], {8: 0, 10: 0}, (8, 11), dense=True)
    assert (dense.missing, dense.gone) == ((), (8, 9, 11))
    sparse = compare(there, [10], {8: 0}, (8, 11), dense=False)
    assert (len(sparse.missing), sparse.gone) == (1, (8,))
