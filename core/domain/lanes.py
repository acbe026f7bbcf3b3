"""Lanes: which messages are looked at at once and which can wait. Pure, and every decision carries its reasons."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from functools import cached_property
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from core.domain.text import stem, words

NEGATIONS = frozenset({"не", "ни", "нет", "без", "not", "no", "without", "never"})
"""A word before an urgent one that takes the urgency back: "не срочно", "без ошибок", "not urgent"."""
BETWEEN = frozenset(
    {"очень", "так", "совсем", "слишком", "особо", "a", "an", "any", "the", "so", "very", "that", "really"}
)
"""Words that may stand between the two: "не очень срочно", "not an error"."""

_CLAUSE_END = re.compile(r"[.,;:!?()\n…–—]+")
"""A negation reaches no farther: "нет, ошибка осталась" is an alarm."""
_CONTRACTED = re.compile(r"n['’]t\b", re.IGNORECASE)
"""With it written out, "isn't working", "don't work" and "not working" are one phrase."""


class Lane(StrEnum):
    """HIGH goes to the fast stream; MEDIUM and LOW to the batch stream."""

    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"


class Weights(BaseModel):
    """What each fact adds to the score."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    urgent: int = Field(default=50, ge=0, le=1000)
    vip: int = Field(default=30, ge=0, le=1000)
    night: int = Field(default=20, ge=0, le=1000)
    reply: int = Field(default=25, ge=0, le=1000)


def _clock_time(value: object) -> object:
    """A number would be read as seconds after midnight, and a time with a zone cannot be compared with the chat's own."""
    if isinstance(value, str):
        try:
            value = time.fromisoformat(value.strip())
        except ValueError:
            value = None
    if not isinstance(value, time) or value.tzinfo is not None:
        raise ValueError("is not a time of day; write it like '22:00'")
    return value


ClockTime = Annotated[time, BeforeValidator(_clock_time)]


class Night(BaseModel):
    """The hours when nobody may be looking, in the chat's own time zone. May pass midnight."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    start: ClockTime = Field(default=time(22), alias="from")
    end: ClockTime = Field(default=time(8), alias="to")

    def contains(self, moment: time) -> bool:
        """True from `start` up to, not including, `end`."""
        if self.start <= self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end


class LaneRules(BaseModel):
    """The section `[lanes]` of `otklik.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))

    high: int = Field(default=50, ge=1)
    """The score from which a message is HIGH."""
    medium: int = Field(default=25, ge=1)
    weights: Weights = Weights()
    night: Night = Night()
    words: tuple[str, ...] = Field(
        default=(
            "срочно", "срочный", "баг", "ошибка", "ошибок", "не работает", "сломалось", "критично", "критический", "авария",
            "urgent", "asap", "bug", "error", "critical", "broken", "outage", "not working", "doesnt work",
        ),
        max_length=1000,
    )  # fmt: skip
    """Urgent words and phrases, in any form: "ошибкой" and "errors" count, "debugger" does not."""
    vip: tuple[int, ...] = ()
    """Telegram ids of the people whose messages weigh more."""

    @model_validator(mode="after")
    def _ordered(self) -> "LaneRules":
        if self.medium > self.high:
            raise ValueError(f"medium ({self.medium}) must not be above high ({self.high})")
        return self

    @field_validator("words")
    @classmethod
    def _readable(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for word in value:
            if not words(word):
                raise ValueError(f"{word!r} has no letters to look for")
        return value

    @cached_property
    def phrases(self) -> dict[str, list[tuple[str, tuple[str, ...]]]]:
        """The urgent words as stems, by their first stem: one look-up a word of the message."""
        by_first: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        for word in self.words:
            stemmed = tuple(stem(part) for part in _words(word))
            by_first.setdefault(stemmed[0], []).append((word, stemmed))
        return by_first


@dataclass(frozen=True, slots=True)
class LaneFacts:
    """What is known of a message when its lane is decided."""

    text: str
    sent_at: datetime
    """Aware."""
    time_zone: ZoneInfo
    """The chat's own."""
    is_vip: bool
    is_staff: bool
    """Staff cannot be urgent to themselves: "эту ошибку мы исправили" is an answer, not an alarm."""
    replies_to_important: bool


@dataclass(frozen=True, slots=True)
class LaneDecision:
    """The lane, the score and why: one `name: +points` a fact."""

    lane: Lane
    score: int
    reasons: tuple[str, ...]


def decide(facts: LaneFacts, rules: LaneRules) -> LaneDecision:
    """The lane of one message.

    >>> noon = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("Europe/Moscow"))
    >>> facts = LaneFacts("Касса упала с ошибкой", noon, ZoneInfo("Europe/Moscow"), False, False, False)
    >>> decide(facts, LaneRules())
    LaneDecision(lane=<Lane.HIGH: 'HIGH'>, score=50, reasons=("urgent word 'ошибка': +50",))
    """
    if facts.is_staff:
        return LaneDecision(Lane.LOW, 0, ("from staff",))
    found = list(_scored(facts, rules))
    score = sum(points for _, points in found)
    lane = Lane.HIGH if score >= rules.high else Lane.MEDIUM if score >= rules.medium else Lane.LOW
    return LaneDecision(lane, score, tuple(f"{why}: +{points}" for why, points in found))


def _scored(facts: LaneFacts, rules: LaneRules) -> Iterable[tuple[str, int]]:
    word = urgent_word(facts.text, rules)
    if word is not None:
        yield f"urgent word {word!r}", rules.weights.urgent
    if facts.is_vip:
        yield "VIP", rules.weights.vip
    local = facts.sent_at.astimezone(facts.time_zone)
    if rules.night.contains(local.time()):
        yield f"night ({local:%H:%M} {facts.time_zone.key})", rules.weights.night
    if facts.replies_to_important:
        yield "reply to an important thread", rules.weights.reply


def urgent_word(text: str, rules: LaneRules) -> str | None:
    """The first urgent word or phrase of the rules that the text has and does not negate."""
    for clause in _CLAUSE_END.split(text):
        found = _words(clause)
        stems = [stem(word) for word in found]
        for at, first in enumerate(stems):
            for word, phrase in rules.phrases.get(first, ()):
                if tuple(stems[at : at + len(phrase)]) == phrase and not _negated(found[:at]):
                    return word
    return None


def _negated(before: Sequence[str]) -> bool:
    """Whether the words before an urgent one take it back."""
    for word in reversed(before):
        if word not in BETWEEN:
            return word in NEGATIONS
    return False


def _words(text: str) -> Sequence[str]:
    return words(_CONTRACTED.sub(" not", text))
