"""Lanes: what is urgent, in any form of the word, and why."""

from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.domain.lanes import Lane, LaneFacts, LaneRules, Night, Weights, decide, urgent_word

MOSCOW = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 3, 2, 9, tzinfo=UTC)
RULES = LaneRules()

URGENT = [
    "Касса упала с ошибкой",
    "ОШИБКА!!!",
    "куча ошибок в отчёте",
    "опять баг",
    "багов стало больше",
    "Баги, баги, баги",
    "срочно помогите",
    "у нас срочная проблема",
    "это критично для нас",
    "критическая ситуация",
    "чеки не работают",
    "не работает терминал",
    "всё сломалось",
    "касса сломалась",
    "авария на складе",
    "errors everywhere",
    "An ERROR occurred",
    "we found two bugs",
    "urgently need help",
    "reply asap please",
    "printer isn't working",
    "it doesn’t work",
    "sync does not work",
    "it doesnt work at all",
    "outages since monday",
    "Нет, ошибка осталась",
    "No, the error is still there",
    "не пойму, срочно нужна помощь",
    "не срочно, но ошибка есть",
    "код ошибки: E-12",
    "ошибка",
]

CALM = [
    "отправили багаж",
    "багет к завтраку",
    "open the debugger",
    "running a bugfix branch",
    "terrorism news",
    "бессрочный договор",
    "работает отлично",
    "it works",
    "не срочно",
    "Не очень срочно, но посмотрите",
    "работает без ошибок",
    "нет ошибок",
    "не критично",
    "not urgent",
    "it isn't urgent",
    "that is not an error",
    "no bugs so far",
    "without any errors",
    "a working day, not a holiday",
    "[SECRET] [PERSON]",
    "",
    "🙂",
]


def facts(text: str = "Здравствуйте", **known: Any) -> LaneFacts:
    values: dict[str, Any] = {
        "sent_at": NOON,
        "time_zone": MOSCOW,
        "is_vip": False,
        "is_staff": False,
        "replies_to_important": False,
        **known,
    }
    return LaneFacts(text=text, **values)


@pytest.mark.parametrize("text", URGENT)
def test_an_urgent_word_counts_in_any_form(text: str) -> None:
    assert decide(facts(text), RULES).lane is Lane.HIGH


@pytest.mark.parametrize("text", CALM)
def test_a_longer_word_or_a_negated_one_does_not(text: str) -> None:
    assert urgent_word(text, RULES) is None
    assert decide(facts(text), RULES).lane is Lane.LOW


@pytest.mark.parametrize(
    ("known", "lane", "score", "reasons"),
    [
        ({}, Lane.LOW, 0, ()),
        ({"is_vip": True}, Lane.MEDIUM, 30, ("VIP: +30",)),
        ({"replies_to_important": True}, Lane.MEDIUM, 25, ("reply to an important thread: +25",)),
        (
            {"is_vip": True, "replies_to_important": True},
            Lane.HIGH,
            55,
            ("VIP: +30", "reply to an important thread: +25"),
        ),
        (
            {"sent_at": datetime(2026, 3, 2, 20, 5, tzinfo=UTC), "is_vip": True},
            Lane.HIGH,
            50,
            ("VIP: +30", "night (23:05 Europe/Moscow): +20"),
        ),
        ({"sent_at": datetime(2026, 3, 2, 20, tzinfo=UTC)}, Lane.LOW, 20, ("night (23:00 Europe/Moscow): +20",)),
    ],
)
def test_facts_add_up_and_each_is_told(known: dict[str, Any], lane: Lane, score: int, reasons: tuple[str, ...]) -> None:
    decision = decide(facts(**known), RULES)
    assert (decision.lane, decision.score, decision.reasons) == (lane, score, reasons)


def test_all_facts_together_tell_all_reasons() -> None:
    at_night = facts("Ошибки!", is_vip=True, replies_to_important=True, sent_at=datetime(2026, 1, 1, tzinfo=UTC))
    decision = decide(at_night, RULES)
    assert decision.score == 50 + 30 + 20 + 25
    assert decision.reasons[0] == "urgent word 'ошибка': +50"
    assert len(decision.reasons) == 4


def test_staff_is_never_urgent_to_itself() -> None:
    said = facts("Эту ошибку исправили, срочно обновитесь", is_staff=True, is_vip=True, replies_to_important=True)
    assert decide(said, RULES).lane is Lane.LOW
    assert decide(said, RULES).reasons == ("from staff",)


@pytest.mark.parametrize(
    ("zone", "hour", "is_night"),
    [
        ("Europe/Moscow", 18, False),  # 21:00 there
        ("Europe/Moscow", 19, True),  # 22:00
        ("Europe/Moscow", 4, True),  # 07:00
        ("Europe/Moscow", 5, False),  # 08:00
        ("Asia/Vladivostok", 12, True),  # 22:00 there while it is 15:00 in Moscow
        ("Asia/Vladivostok", 19, True),  # 05:00
        ("Asia/Vladivostok", 22, False),  # 08:00
        ("America/New_York", 9, True),  # 04:00
    ],
)
def test_night_is_the_chats_own_and_passes_midnight(zone: str, hour: int, is_night: bool) -> None:
    moment = datetime(2026, 3, 2, hour, tzinfo=UTC)
    decision = decide(facts(sent_at=moment, time_zone=ZoneInfo(zone)), RULES)
    assert decision.score == (20 if is_night else 0)


@pytest.mark.parametrize(
    ("start", "end", "moment", "inside"),
    [
        (time(1), time(5), time(1), True),
        (time(1), time(5), time(5), False),
        (time(1), time(5), time(23), False),
        (time(22), time(6), time(0), True),
        (time(22), time(6), time(21, 59, 59), False),
        (time(8), time(8), time(8), False),
    ],
)
def test_a_night_lasts_from_its_start_up_to_its_end(start: time, end: time, moment: time, inside: bool) -> None:
    assert Night(start=start, end=end).contains(moment) is inside


@pytest.mark.parametrize(("score", "lane"), [(49, Lane.MEDIUM), (50, Lane.HIGH), (25, Lane.MEDIUM), (24, Lane.LOW)])
def test_a_threshold_belongs_to_the_lane_above_it(score: int, lane: Lane) -> None:
    rules = LaneRules(weights=Weights(vip=score))
    assert decide(facts(is_vip=True), rules).lane is lane


def test_words_of_ones_own_may_be_phrases_in_any_form() -> None:
    rules = LaneRules(words=("касса зависла", "Refund"))
    assert urgent_word("у нас кассы зависли", rules) == "касса зависла"
    assert urgent_word("зависла касса", rules) is None
    assert urgent_word("касса. Зависла", rules) is None
    assert urgent_word("two refunds", rules) == "Refund"
    assert urgent_word("ошибка", rules) is None


def test_a_pasted_log_is_read_in_linear_time() -> None:
    for text in ("не " * 400_000, "a-" * 400_000, "n't" * 400_000, "," * 1_200_000, "очень " * 200_000):
        assert urgent_word(text, RULES) is None
