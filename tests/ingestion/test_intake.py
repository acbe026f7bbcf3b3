"""The door: what leaves this process names nobody, and has its lane."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.domain.chats import ChatKind
from core.domain.lanes import Lane
from core.errors import MaskingError
from core.privacy.pseudonyms import Pseudonyms
from core.privacy.types import RawText
from core.rules import Rules
from ingestion.intake import IMPORTANT_REMEMBERED, ChatDesk, Intake
from ingestion.raw import RawChat, RawMessage
from tests.ingestion.road import MASKER, NOON, PSEUDONYMS

GROUP = -1001234567890
RULES = Rules.model_validate({"staff": {"ids": [900], "names": ["Анна"]}, "lanes": {"vip": [77]}})
PEOPLE = {"user5": RawText("Ольга Самойлова"), "user6": RawText("Тимур | Поддержка"), "user900": RawText("Igor")}


@pytest.fixture
def intake() -> Intake:
    return Intake(MASKER, PSEUDONYMS)


def group(intake: Intake, **fields: Any) -> ChatDesk:
    values = {"chat_id": GROUP, "kind": ChatKind.SUPERGROUP, "title": RawText("Polka support"), "participants": PEOPLE}
    return intake.open_chat(RawChat(**{**values, **fields}))


def message(words: str = "Здравствуйте", message_id: int = 1, sender: str = "user5", **fields: Any) -> RawMessage:
    values = {"chat_id": GROUP, "sender_name": RawText("x"), "sent_at": NOON + timedelta(seconds=message_id)}
    return RawMessage(message_id=message_id, sender_id=sender, text=RawText(words), **{**values, **fields})


def test_people_are_pseudonyms_the_same_in_every_chat_and_other_under_another_key(intake: Intake) -> None:
    here = intake.admit(message(), group(intake), RULES)
    there = intake.admit(message(chat_id=GROUP - 1), group(intake, chat_id=GROUP - 1), RULES)
    other = Intake(MASKER, Pseudonyms(bytes(32))).admit(message(), group(intake), RULES)
    assert here.sender == there.sender != other.sender
    assert "user5" not in here.model_dump_json()


def test_of_a_private_chat_neither_the_id_nor_the_name_leaves(intake: Intake) -> None:
    person = 1620483957
    desk = group(
        intake, chat_id=person, kind=ChatKind.PRIVATE, title=RawText("Галина Третьякова"),
        participants={f"user{person}": RawText("Галина Третьякова"), "user900": RawText("Igor")},
    )  # fmt: skip
    said = message("Галина, ваш чек готов", sender="user900", chat_id=person)
    asked = message("это Галина Третьякова", 2, sender=f"user{person}", chat_id=person)
    for admitted in (intake.admit(said, desk, RULES), intake.admit(asked, desk, RULES)):
        document = admitted.model_dump_json()
        assert admitted.chat.chat_id == PSEUDONYMS.private_chat(person)
        assert 2**52 <= admitted.chat.chat_id < 2**53
        assert str(person) not in document
        assert "Галин" not in document
        assert "Третьяков" not in document
    assert intake.admit(said, desk, RULES).mentions == (PSEUDONYMS.person(f"user{person}"),)


def test_a_groups_title_is_kept_and_masked(intake: Intake) -> None:
    assert group(intake).ref.title == "Polka support"
    title = group(intake, title=RawText("Заявки, звоните +7 912 345-67-89 или Ольге Самойловой")).ref.title
    assert "912" not in title
    assert "Самойлов" not in title


def test_a_text_that_cannot_be_masked_does_not_pass(intake: Intake) -> None:
    with pytest.raises(MaskingError):
        intake.admit(message("a" * 20_000), group(intake), RULES)


@pytest.mark.parametrize(
    ("chat_id", "sender", "is_staff"),
    [
        (GROUP, "user900", True),
        (GROUP, "user5", False),
        (GROUP, "channel1234567890", True),
        (GROUP, "channel567890", False),
        (GROUP, "name:Анна", True),
        (GROUP, "name:Анна Б.", False),
    ],
)
def test_staff_is_known(intake: Intake, chat_id: int, sender: str, is_staff: bool) -> None:
    admitted = intake.admit(message("ошибка исправлена", sender=sender), group(intake), RULES)
    assert admitted.is_staff is is_staff
    assert admitted.lane is (Lane.LOW if is_staff else Lane.HIGH)


def test_what_is_named_is_a_mention_also_in_other_forms(intake: Intake) -> None:
    desk = group(intake)
    named = {
        "Ольга, посмотрите": ["user5"],
        "спросите у Ольги Самойловой": ["user5"],
        "оля, спасибо!": ["user5"],
        "@igor глянь": ["user900"],
        "igor: done": ["user900"],
        "Тимуру и Ольге": ["user6", "user5"],
        "напишите в поддержку": [],
        "": [],
    }
    for words, senders in named.items():
        wanted = tuple(PSEUDONYMS.person(sender) for sender in senders)
        assert intake.admit(message(words, sender="user77"), desk, RULES).mentions == wanted, words


def test_a_reply_chain_of_an_important_message_weighs_more(intake: Intake) -> None:
    desk = group(intake)
    assert intake.admit(message("Касса выдаёт ошибку", 1), desk, RULES).lane is Lane.HIGH
    answer = intake.admit(message("Посмотрим", 2, sender="user900", reply_to=1), desk, RULES)
    assert (answer.lane, answer.lane_score) == (Lane.LOW, 0)
    again = intake.admit(message("А теперь?", 3, reply_to=2), desk, RULES)
    assert again.lane is Lane.MEDIUM
    assert again.lane_reasons == ("reply to an important thread: +25",)
    assert intake.admit(message("Ещё вопрос", 4, reply_to=3), desk, RULES).lane is Lane.MEDIUM
    assert intake.admit(message("Другое", 5, reply_to=999), desk, RULES).lane is Lane.LOW
    vip = intake.admit(message("И у меня", 6, sender="user77", reply_to=3), desk, RULES)
    assert (vip.lane, vip.lane_score) == (Lane.HIGH, 55)


def test_a_vip_is_known_by_id(intake: Intake) -> None:
    desk = group(intake)
    assert intake.admit(message(sender="user77"), desk, RULES).lane_reasons == ("VIP: +30",)
    for other in ("user777", "channel77", "name:77"):
        assert intake.admit(message(sender=other), desk, RULES).lane_score == 0


def test_night_is_that_of_the_chat(intake: Intake) -> None:
    rules = Rules.model_validate({"chats": {str(GROUP): {"time_zone": "Asia/Vladivostok"}}})
    said = message(sent_at=datetime(2026, 3, 2, 13, tzinfo=UTC))
    assert intake.admit(said, group(intake), rules).lane_reasons == ("night (23:00 Asia/Vladivostok): +20",)
    assert intake.admit(said, group(intake), RULES).lane_score == 0


def test_what_is_remembered_of_important_threads_is_bounded(intake: Intake) -> None:
    desk = group(intake)
    for message_id in range(IMPORTANT_REMEMBERED + 10):
        desk.remember_important(message_id)
    assert len(desk.important) == IMPORTANT_REMEMBERED
    assert 9 not in desk.important


def test_an_edition_is_numbered_by_the_second_of_its_edit(intake: Intake) -> None:
    first = intake.admit(message(), group(intake), RULES)
    later = intake.admit(message(edited_at=NOON), group(intake), RULES)
    assert (first.edit_version, later.edit_version) == (0, int(NOON.timestamp()))
