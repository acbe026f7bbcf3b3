"""Facts as a test wants them: those of an eventless week, and what it changes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from analytics.queries.chats import ChatRow, Volume
from analytics.queries.cost import DayCost, EachCost
from analytics.queries.inputs import Period
from analytics.queries.now import Waiting
from analytics.queries.topics import TopicRow
from analytics.reports.facts import ChatFigures, Facts
from analytics.reports.sections import NOTHING
from analytics.responding import Responses, ResponseTimes
from analytics.saving import Saved
from analytics.trends import Trend
from core.llm.calls import Purpose
from core.privacy.types import MaskedText
from tests.ingestion.road import CHAT

MOSCOW = ZoneInfo("Europe/Moscow")
MONDAY = datetime(2026, 11, 23, tzinfo=MOSCOW)
WEEK = Period(MONDAY, MONDAY + timedelta(days=7), MOSCOW)
MADE_AT = WEEK.until + timedelta(hours=9)
NONE = Decimal(0)


def facts(figures: dict[str, Any] | None = None, before: dict[str, Any] | None = None, **changes: Any) -> Facts:
    """`figures` and `before`: of `Figures`, 0 where they are not given; `before` is None without any."""
    week = Facts(
        period=WEEK, made_at=MADE_AT, every_chat=True, chats=[], titles=["Касса"], figures=replace(NOTHING, **figures or {}),
        before=None if before is None else replace(NOTHING, **before), began_at=MONDAY, step="day", volume=[],
        volume_before=[], response_times=ResponseTimes(responses(0), {}, {}, {}), waiting=[], waiting_in_all=0, topics=[],
        illustrated=[], gaps=[], costs=[], costs_before=[], each=EachCost(NONE, 0, NONE, 0),
        saved=Saved(NONE, NONE, frozenset()), month=None,
    )  # fmt: skip
    return replace(week, **changes)


def responses(asked: int, answered: int = 0, minutes: tuple[float, float] = (0, 0)) -> Responses:
    """`minutes`: what half and nine tenths of the answers took."""
    p50, p90 = (one * 60 for one in minutes) if answered else (None, None)
    return Responses(asked, answered, p50, p90)


def waits(hours: float, words: str = "Где чек?", **changes: Any) -> Waiting:
    one = Waiting(
        chat_id=CHAT, chat=MaskedText("Касса"), message_id=7, thread_id=7, since=MADE_AT - timedelta(hours=hours),
        why="question", text=MaskedText(words), category=None, urgent=False, summary=None, suggestion=None,
    )  # fmt: skip
    return replace(one, **changes)


def waiting(*who: Waiting, more: int = 0) -> dict[str, Any]:
    """These, and so many more."""
    return {"waiting": who, "waiting_in_all": len(who) + more}


def topic(name: str, messages: int, before: int = 0, trend: Trend = Trend.STEADY, **changes: Any) -> TopicRow:
    one = TopicRow(
        topic_id=UUID(int=messages), chat_id=CHAT, chat=MaskedText("Касса"), name=MaskedText(name), messages=messages,
        before=before, sentiment=None, resolved=0, unresolved=0, first_at=MONDAY, trend=trend,
    )  # fmt: skip
    return replace(one, **changes)


def chat(title: str, messages: int, before: int = 0, asked: Responses | None = None) -> ChatFigures:
    row = ChatRow(CHAT, MaskedText(title), "supergroup", messages, 0, 0, asked or responses(0), 0, 0, 0)
    return ChatFigures(row, before)


def volume(*days: tuple[int, int], first: datetime = MONDAY) -> list[Volume]:
    """Of each day: all messages and the team's."""
    return [Volume(first + timedelta(days=n), said, staff, 0) for n, (said, staff) in enumerate(days) if said]


def spent(day: int, dollars: str, purpose: Purpose = Purpose.ANSWER) -> DayCost:
    """On one day of the week."""
    return DayCost((MONDAY + timedelta(days=day)).date(), purpose.value, "m", Decimal(dollars), 1, 0)


def words(lines: Sequence[str]) -> list[str]:
    """With plain blanks: which of them must not end a line is another matter."""
    return [line.replace("\u00a0", " ") for line in lines]
