"""What each chart shows, in numbers and words. Pure: `charts` only draws it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Final

from analytics.queries.chats import Volume
from analytics.queries.cost import ANSWERING, READING, DayCost
from analytics.queries.inputs import Step
from analytics.queries.topics import TopicRow
from analytics.reports import dates
from analytics.reports import phrases as say
from analytics.reports.cleaning import quoted, shortened
from analytics.reports.facts import Facts
from analytics.reports.numbers import dollars, minutes_up, number, short_duration, things
from core.domain.language import Language

NAME: Final = 34
"""Characters of a topic's name beside its bar."""
ENOUGH: Final = 3
"""Answers to the questions of an hour below which it has no figure of its own,"""
HOURS: Final = 4
"""and hours with a figure below which they make no chart."""


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars along time, each of parts on top of each other, and a line for comparison."""

    ticks: Sequence[str]
    parts: Mapping[str, Sequence[float]]
    """By their names, the lowest first; as many values as ticks."""
    line: Mapping[str, Sequence[float]]
    """By its name; empty for none."""
    alt: str
    """The chart in words, for who does not see it."""


@dataclass(frozen=True, slots=True)
class Spans:
    """From one duration to another, in minutes, for each tick that has any."""

    ticks: Sequence[str]
    ends: Sequence[tuple[int, int] | None]
    names: tuple[str, str]
    """Of both ends."""
    alt: str


@dataclass(frozen=True, slots=True)
class Pairs:
    """Lying bars for each name, one for each period."""

    names: Sequence[str]
    values: Mapping[str, Sequence[int]]
    """By period; as many as names."""
    alt: str


def volume(facts: Facts, language: Language) -> Bars:
    """How much was said, step by step, and how much in the same step of the period before."""
    steps = dates.steps(facts.period, facts.step)
    said, former = _by_step(facts.volume), _by_step(facts.volume_before)
    steps_before = dates.steps(facts.period.before(), facts.step)[: len(steps)]
    staff = [said[at].staff_messages if at in said else 0 for at in steps]
    clients = [said[at].messages - said[at].staff_messages if at in said else 0 for at in steps]
    before = [former[at].messages if at in former else 0 for at in steps_before]
    totals = [sum(both) for both in zip(staff, clients, strict=True)]
    most = max(range(len(steps)), key=totals.__getitem__)
    return Bars(
        ticks=[dates.tick(at, facts.step, language) for at in steps],
        parts={say.TEAM[language]: staff, say.CLIENTS[language]: clients},
        line={say.PERIOD_BEFORE[language]: before} if facts.before else {},
        alt=say.VOLUME_ALT[language].format(
            title=say.BY_STEP[facts.step][language], span=dates.span(facts.period, language),
            all=number(sum(totals), language), most=number(totals[most], language),
            tick=dates.tick(steps[most], facts.step, language),
        ),
    )  # fmt: skip


def responses(facts: Facts, language: Language) -> Spans | None:
    """Half and nine tenths of the answers by the hour of the question; None where few hours have enough of them."""
    by_hour = facts.response_times.by_hour
    ends = [_ends(facts, hour) for hour in range(24)]
    known = [hour for hour in range(24) if ends[hour] is not None]
    if len(known) < HOURS:
        return None
    slowest = max(known, key=lambda hour: by_hour[hour].p50 or 0)
    took = by_hour[slowest].p50
    assert took is not None
    return Spans(
        ticks=[str(hour) for hour in range(24)],
        ends=ends,
        names=(say.MEDIAN[language], say.NINETIETH[language]),
        alt=say.RESPONSES_ALT[language].format(
            title=say.BY_HOUR[language], hour=slowest, took=short_duration(minutes_up(took), language)
        ),
    )


def _ends(facts: Facts, hour: int) -> tuple[int, int] | None:
    found = facts.response_times.by_hour.get(hour)
    if found is None or found.answered < ENOUGH or found.p50 is None or found.p90 is None:
        return None
    return minutes_up(found.p50), minutes_up(found.p90)


def topics(facts: Facts, language: Language) -> Pairs | None:
    """The messages of each topic, now and before; None where there is none."""
    if not facts.topics:
        return None
    first = facts.topics[0]
    return Pairs(
        names=[_topic_named(topic, facts) for topic in facts.topics],
        values={
            say.THIS_PERIOD[language]: [topic.messages for topic in facts.topics],
            **({say.FORMER_PERIOD[language]: [topic.before for topic in facts.topics]} if facts.before else {}),
        },
        alt=say.TOPICS_ALT[language].format(
            title=say.BY_TOPIC[language], topic=quoted(shortened(first.name, NAME), language),
            messages=things(first.messages, say.MESSAGES[language], language),
        ),
    )  # fmt: skip


def _topic_named(topic: TopicRow, facts: Facts) -> str:
    """With its chat below it, where there are several: each has topics of its own."""
    name = shortened(topic.name, NAME)
    return f"{name}\n{shortened(topic.chat, NAME)}" if facts.has_several_chats else name


def costs(facts: Facts, language: Language) -> Bars | None:
    """What was spent, step by step, for what; None where nothing was, or where there is a single step."""
    step = cost_step(facts.step)
    steps = dates.steps(facts.period, step)
    if not facts.figures.dollars or len(steps) < 2:
        return None
    groups = [group for group in say.PURPOSES if any(group_of(one) == group for one in facts.costs)]
    parts = {say.PURPOSES[group][language]: _spent(facts, group, steps, step) for group in groups}
    totals = [sum(values) for values in zip(*parts.values(), strict=True)]
    most = max(range(len(steps)), key=totals.__getitem__)
    return Bars(
        ticks=[dates.tick(at, step, language) for at in steps],
        parts=parts,
        line={},
        alt=say.COSTS_ALT[language].format(
            title=say.COST_BY_STEP[step][language], all=dollars(facts.figures.dollars, language),
            tick=dates.tick(steps[most], step, language),
        ),
    )  # fmt: skip


def cost_step(step: Step) -> Step:
    """The ledger is read by days."""
    return "day" if step == "hour" else step


def group_of(cost: DayCost) -> str:
    """What it was spent on, as a head thinks of it: a key of `phrases.PURPOSES`."""
    if cost.purpose in ANSWERING:
        return "answering"
    return "reading" if cost.purpose in READING else "checking"


def _spent(facts: Facts, group: str, steps: Sequence[datetime], step: Step) -> list[float]:
    sums = dict.fromkeys(steps, Decimal(0))
    for one in facts.costs:
        if group_of(one) == group:
            sums[dates.begin_of(datetime.combine(one.day, time(), facts.period.zone), step)] += one.dollars
    return [float(amount) for amount in sums.values()]


def _by_step(volume: Sequence[Volume]) -> dict[datetime, Volume]:
    return {one.at: one for one in volume}
