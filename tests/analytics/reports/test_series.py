"""What the charts show: the numbers, step by step."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from analytics.reports import series
from analytics.responding import ResponseTimes
from core.llm.calls import Purpose
from core.privacy.types import MaskedText
from tests.analytics.reports.making import MONDAY, facts, responses, spent, topic, volume


def test_messages_by_day_beside_those_of_the_days_before() -> None:
    week: dict[str, Any] = {
        "volume": volume((5, 2), (0, 0), (9, 3)),
        "volume_before": volume((4, 0), first=MONDAY - timedelta(days=6)),
    }
    bars = series.volume(facts({"messages": 14}, {"messages": 4}, **week), "ru")
    assert bars.ticks == ["23.11", "24.11", "25.11", "26.11", "27.11", "28.11", "29.11"]
    assert bars.parts == {"команда": [2, 0, 3, 0, 0, 0, 0], "клиенты": [3, 0, 6, 0, 0, 0, 0]}
    assert bars.line == {"всего в прошлом периоде": [0, 4, 0, 0, 0, 0, 0]}
    assert bars.alt == "Сообщения по дням, 23–29 ноября 2026: всего 14, больше всего 25.11: 9."
    assert series.volume(facts({"messages": 14}, **week), "en").line == {}


def by_hour(answered: dict[int, tuple[int, float, float]]) -> ResponseTimes:
    """By the hour: how many were answered, and what half and nine tenths of them took, minutes."""
    hours = {hour: responses(count, count, (p50, p90)) for hour, (count, p50, p90) in answered.items()}
    return ResponseTimes(responses(9), hours, {}, {})


def test_response_times_by_hour_where_there_are_enough() -> None:
    times = {9: (3, 1, 2), 10: (3, 5, 9), 11: (2, 99, 99), 12: (30, 10, 61), 20: (3, 0.5, 1.5)}
    spans = series.responses(facts(response_times=by_hour(times)), "en")
    assert spans is not None
    assert {hour: ends for hour, ends in enumerate(spans.ends) if ends} == {
        9: (1, 2),
        10: (5, 9),
        12: (10, 61),
        20: (1, 2),
    }
    assert spans.alt.endswith("those who asked at 12:00 wait longest, half of them 10\u00a0min.")
    del times[20]
    assert series.responses(facts(response_times=by_hour(times)), "en") is None


def test_topics_now_and_before_and_where_there_are_several_their_chats() -> None:
    found = [
        topic("Не печатает чек после обновления кассы и принтера", 21, 2),
        topic("Весы", 3, chat=MaskedText("Бета")),
    ]
    pairs = series.topics(facts(before={}, topics=found), "ru")
    assert pairs is not None
    assert pairs.names == ["Не печатает чек после обновления…", "Весы"]
    assert pairs.values == {"сейчас": [21, 3], "раньше": [2, 0]}
    assert pairs.alt.endswith("больше всего про «Не печатает чек после обновления…», 21\u00a0сообщение.")
    several = series.topics(facts(topics=found, titles=["Касса", "Бета"]), "ru")
    assert several is not None
    assert several.names[1] == "Весы\nБета"
    assert list(several.values) == ["сейчас"]
    assert series.topics(facts(), "ru") is None


def test_costs_by_day_and_by_what_for() -> None:
    ledger = [spent(0, "0.25"), spent(0, "0.5", Purpose.SUGGESTION), spent(2, "1", Purpose.ANALYSIS_BATCH)]
    figures = {"dollars": Decimal("1.75"), "calls": 3}
    bars = series.costs(facts(figures, costs=ledger), "en")
    assert bars is not None
    assert bars.parts == {"answers and drafts": [0.75, 0, 0, 0, 0, 0, 0], "reading the chats": [0, 0, 1, 0, 0, 0, 0]}
    assert bars.alt == "Cost by day, $: $1.75 in all, most: 25 Nov."
    assert series.costs(facts(), "en") is None
    day = replace(facts().period, until=MONDAY + timedelta(days=1))
    assert series.costs(facts(figures, costs=ledger, period=day, step="hour"), "en") is None  # one bar is no chart


def test_every_purpose_has_a_group() -> None:
    groups = {purpose: series.group_of(spent(0, "1", purpose)) for purpose in Purpose}
    assert groups[Purpose.ANSWER] == groups[Purpose.CONDENSE] == groups[Purpose.SUGGESTION] == "answering"
    assert groups[Purpose.ANALYSIS_FAST] == groups[Purpose.ANALYSIS_BATCH] == "reading"
    assert set(groups.values()) == {"answering", "reading", "checking"}
