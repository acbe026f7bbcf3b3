"""What stands on the pages. The first is for a head: a few sentences and one chart. Then the details; a section about which
nothing is known is left out, and each has a bound, so that a busy month has five pages."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final, TypeAlias, TypeVar

from analytics.queries.now import Waiting
from analytics.queries.topics import ANGRY, Example, TopicRow
from analytics.reports import charts, dates, series
from analytics.reports import phrases as say
from analytics.reports.cleaning import quoted, shortened
from analytics.reports.facts import STILL_DAYS, Facts, Figures
from analytics.reports.numbers import (
    NBSP,
    change,
    days,
    dollars,
    minutes_down,
    minutes_up,
    number,
    percent,
    short_duration,
    things,
)
from analytics.reports.sentences import Piece, Sentence, summary
from analytics.reports.word import Cell, Column, Pages
from analytics.responding import Responses
from core.domain.language import Language

CHATS: Final = 10
"""Chats with a row of their own; the others share one."""
TITLES: Final = 3
"""Chats that are named below the title."""
CHAT: Final = 28
"""Characters of the name of a chat in a table,"""
NAME: Final = 48
"""of that of a topic,"""
LONG: Final = 110
"""of a message in a table,"""
QUOTE: Final = 170
"""and of one that stands for a topic."""
GLAD: Final = 0.3
"""From this mood on clients are called pleased; down to `ANGRY` annoyed."""

T = TypeVar("T")
Row: TypeAlias = list[Cell]
NOTHING: Final = Figures(
    messages=0, staff_messages=0, urgent=0, responses=Responses(0, 0, None, None), resolved=0, unresolved=0, questions=0,
    refused=0, handed_over=0, up=0, down=0, dollars=Decimal(0), calls=0,
)  # fmt: skip


def first_page(pages: Pages, facts: Facts, language: Language) -> None:
    """All that a head has to read."""
    pages.title(say.TITLE[language], _about(facts, language))
    pages.heading(say.SUMMARY[language])
    for sentence in summary(facts, language):
        pages.paragraph(sentence, "List Bullet")
    if facts.figures.messages:
        volume = series.volume(facts, language)
        pages.picture(charts.png(volume, language), say.BY_STEP[facts.step][language], volume.alt)


def changes(pages: Pages, facts: Facts, language: Language) -> None:
    """Every figure, beside the one of the period before."""
    if facts.figures.is_empty:
        return
    pages.heading((say.CHANGES if facts.before else say.IN_FIGURES)[language])
    columns = [
        Column(say.FIGURE[language], 6),
        Column(say.NOW[language], 3, is_number=True),
        *(
            [Column(say.BEFORE[language], 3, is_number=True), Column(say.CHANGE[language], 5, is_number=True)]
            if facts.before
            else []
        ),
    ]
    pages.table(columns, [row[: len(columns)] for row in _changes(facts, language)])


def waiting(pages: Pages, facts: Facts, language: Language) -> None:
    """Who waits at this moment."""
    if not facts.waiting:
        return
    pages.heading(say.WHO_WAITS[language])
    moment, lately = dates.moment(facts.made_at, language), days(STILL_DAYS, language)
    pages.paragraph(say.WAITING_AT[language].format(moment=moment, days=lately), leads=True)
    columns = [
        Column(say.WAITS_FOR[language], 2.4),
        Column(say.CHAT[language], 3.4) if facts.has_several_chats else None,
        Column(say.ABOUT[language], 11),
    ]
    pages.table(_present(columns), [_waits(one, facts, language) for one in facts.waiting])
    if more := facts.waiting_in_all - len(facts.waiting):
        requests = things(more, say.REQUESTS[language], language)
        pages.paragraph(say.AND_MORE[language].format(requests=requests))


def response_times(pages: Pages, facts: Facts, language: Language) -> None:
    """How soon answers come, by the hour and by chat."""
    spans = series.responses(facts, language)
    if spans is None and len(facts.chats) < 2:
        return
    pages.heading(say.RESPONSE_TIMES[language])
    if spans is not None:
        pages.picture(charts.png(spans, language), say.BY_HOUR[language], spans.alt)
    if len(facts.chats) > 1:
        pages.table(_chat_columns(facts, language), list(_chats(facts, language)))


def topics(pages: Pages, facts: Facts, language: Language) -> None:
    """What people write about, with examples."""
    pairs = series.topics(facts, language)
    if pairs is None:
        return
    pages.heading(say.TOPICS[language])
    pages.picture(charts.png(pairs, language), say.BY_TOPIC[language], pairs.alt)
    columns = [
        Column(say.TOPIC[language], 7),
        Column(say.CHAT[language], 4.5) if facts.has_several_chats else None,
        Column(say.TREND[language], 2.4) if facts.before else None,
        Column(say.MOOD[language], 2.4),
    ]
    pages.table(_present(columns), [_topic(topic, facts, language) for topic in facts.topics])
    for one in facts.illustrated:
        if one.examples:
            pages.heading(quoted(shortened(one.topic.name, NAME), language), 2)
        for example in one.examples:
            pages.paragraph(_example(example, language), "Quote")


def assistant(pages: Pages, facts: Facts, language: Language) -> None:
    """What the bot was asked, and what it could not answer."""
    figures = facts.figures
    if not figures.questions:
        return
    pages.heading(say.ASSISTANT[language])
    became = {
        "answered": figures.questions - figures.refused, "refused": figures.refused, "handed_over": figures.handed_over,
    }  # fmt: skip
    said = say.ASKED_OF_IT[language].format(
        asked=things(figures.questions, say.QUESTIONS[language], language),
        became=", ".join(
            say.BECAME[what][language].format(count=number(count, language)) for what, count in became.items() if count
        ),
    )
    if figures.up or figures.down:
        said += " " + say.VOTED[language].format(up=number(figures.up, language), down=number(figures.down, language))
    pages.paragraph(said, leads=bool(facts.gaps))
    if facts.gaps:
        columns = [
            Column(say.GAPS[language], 11),
            Column(say.TIMES[language], 2.4, is_number=True),
            Column(say.LAST_TIME[language], 3.4, is_number=True),
        ]
        pages.table(columns, [
            [shortened(one.gap.question, LONG), number(one.gap.count, language), dates.day(one.gap.last_at, language)]
            for one in facts.gaps
        ])  # fmt: skip


def costs(pages: Pages, facts: Facts, language: Language) -> None:
    """What the AI cost, for what."""
    if not facts.figures.calls:
        return
    pages.heading(say.COSTS[language])
    bars = series.costs(facts, language)
    if bars is not None:
        title = say.COST_BY_STEP[series.cost_step(facts.step)][language]
        pages.picture(charts.png(bars, language), title, bars.alt)
    columns = [
        Column(say.PURPOSE[language], 8),
        Column(say.NOW[language], 3, is_number=True),
        Column(say.BEFORE[language], 3, is_number=True) if facts.before else None,
    ]
    pages.table(_present(columns), list(_purposes(facts, language)))
    if asides := list(_asides(facts, language)):
        pages.paragraph(" ".join(asides))


def notes(pages: Pages, facts: Facts, language: Language) -> None:
    """How to read it."""
    if not facts.figures.is_empty:
        pages.heading(say.NOTES[language], 2)
        pages.paragraph(say.NOTE[language], "Note")


def _about(facts: Facts, language: Language) -> str:
    """Which days, which chats, and when it was made."""
    titles = facts.titles
    if len(titles) == 1:
        chats = shortened(titles[0], NAME)
    elif facts.every_chat:
        chats = say.EVERY_CHAT[language].format(count=number(len(titles), language))
    else:
        chats = ", ".join(shortened(title, CHAT) for title in titles[:TITLES])
        if len(titles) > TITLES:
            chats += f", {_more_chats(len(titles) - TITLES, language)}"
    made = say.MADE_AT[language].format(moment=dates.moment(facts.made_at, language), zone=facts.period.zone.key)
    return f"{dates.span(facts.period, language)} · {chats} · {made}"


def _changes(facts: Facts, language: Language) -> list[Row]:
    """A row for each figure that there is now, or was before."""
    now, before = facts.figures, facts.before or NOTHING
    rows = (
        _count("messages", now.messages, before.messages, language),
        _count("staff_messages", now.staff_messages, before.staff_messages, language),
        _count("urgent", now.urgent, before.urgent, language),
        _count("asked", now.responses.asked, before.responses.asked, language),
        _count("unanswered", now.responses.unanswered, before.responses.unanswered, language),
        _took("p50", now.responses.p50, before.responses.p50, language),
        _took("p90", now.responses.p90, before.responses.p90, language),
        _share("resolved", now.resolved_share, before.resolved_share, language),
        _count("questions", now.questions, before.questions, language),
        _count("refused", now.refused, before.refused, language),
        _count("handed_over", now.handed_over, before.handed_over, language),
        _money("dollars", now.dollars, before.dollars, language),
    )
    return [row for row in rows if row is not None]


def _count(name: str, now: int, before: int, language: Language) -> Row | None:
    if not (now or before):
        return None
    counts = [number(one, language) for one in (now, before)]
    return [say.FIGURES[name][language], *counts, _changed(now, before, language)]


def _changed(now: int, before: int, language: Language) -> str:
    """Where both figures stand beside it."""
    if now == before:
        return say.SAME[language]
    return change(now, before, language) if before else say.MORE[language].format(much=number(now, language))


def _took(name: str, now: float | None, before: float | None, language: Language) -> Row | None:
    """A duration in seconds."""
    if now is None and before is None:
        return None
    minutes, former = (None if one is None else minutes_up(one) for one in (now, before))
    changed = say.NONE
    if minutes is not None and former is not None:
        how = say.SAME if minutes == former else say.FASTER if minutes < former else say.SLOWER
        changed = how[language].format(much=short_duration(abs(minutes - former) or 1, language))
    written = (say.NONE if one is None else short_duration(one, language) for one in (minutes, former))
    return [say.FIGURES[name][language], *written, changed]


def _share(name: str, now: float | None, before: float | None, language: Language) -> Row | None:
    if now is None and before is None:
        return None
    changed = say.NONE
    if now is not None and before is not None:
        points = round(now * 100) - round(before * 100)
        how = say.SAME if not points else say.MORE if points > 0 else say.LESS
        changed = how[language].format(much=say.POINTS[language].format(points=abs(points)))
    written = (say.NONE if one is None else percent(one, language) for one in (now, before))
    return [say.FIGURES[name][language], *written, changed]


def _money(name: str, now: Decimal, before: Decimal, language: Language) -> Row | None:
    if not (now or before):
        return None
    how = say.SAME if now == before else say.MORE if now > before else say.LESS
    changed = how[language].format(much=dollars(abs(now - before), language)) if before else say.NONE
    return [say.FIGURES[name][language], dollars(now, language), dollars(before, language), changed]


def _waits(one: Waiting, facts: Facts, language: Language) -> Row:
    for_so_long = short_duration(minutes_down((facts.made_at - one.since) / timedelta(seconds=1)), language)
    about = shortened(one.summary or one.text, LONG)
    words = [Piece(say.URGENT[language], bold=True)] if one.urgent else []
    link = [] if one.link is None else [Piece(say.OPEN[language], link=one.link)]
    chat = shortened(one.chat, CHAT) if facts.has_several_chats else None
    return _present([for_so_long, chat, [*words, Piece(f"{about} "), *link]])


def _chat_columns(facts: Facts, language: Language) -> list[Column]:
    columns = [
        Column(say.CHAT[language], 4.5),
        Column(say.MESSAGES_TITLE[language], 2.7, is_number=True),
        Column(say.BEFORE[language], 1.9, is_number=True) if facts.before else None,
        Column(say.QUESTIONS_TITLE[language], 2.3, is_number=True),
        Column(say.UNANSWERED_TITLE[language], 2.6, is_number=True),
        Column(say.HALF[language], 2.9, is_number=True),
        Column(say.NINE[language], 2.4, is_number=True),
        Column(say.RESOLVED_TITLE[language], 2.1, is_number=True),
    ]
    return _present(columns)


def _chats(facts: Facts, language: Language) -> Iterator[Row]:
    """The busiest chats, and the others together."""
    for one in facts.chats[:CHATS]:
        responses, resolved = one.row.responses, one.row.resolved_share
        yield _present([
            shortened(one.row.chat, CHAT),
            number(one.row.messages, language),
            number(one.messages_before, language) if facts.before else None,
            number(responses.asked, language),
            number(responses.unanswered, language),
            say.NONE if responses.p50 is None else short_duration(minutes_up(responses.p50), language),
            say.NONE if responses.p90 is None else short_duration(minutes_up(responses.p90), language),
            say.NONE if resolved is None else percent(resolved, language),
        ])  # fmt: skip
    if others := facts.chats[CHATS:]:
        yield _present([
            _more_chats(len(others), language),
            number(sum(one.row.messages for one in others), language),
            number(sum(one.messages_before for one in others), language) if facts.before else None,
            number(sum(one.row.responses.asked for one in others), language),
            number(sum(one.row.responses.unanswered for one in others), language),
            say.NONE,
            say.NONE,
            say.NONE,
        ])  # fmt: skip


def _more_chats(count: int, language: Language) -> str:
    return say.MORE_CHATS[language].format(chats=things(count, say.CHATS[language], language))


def _topic(topic: TopicRow, facts: Facts, language: Language) -> Row:
    return _present([
        shortened(topic.name, NAME),
        shortened(topic.chat, CHAT) if facts.has_several_chats else None,
        say.TRENDS[topic.trend][language] if facts.before else None,
        say.NONE if topic.sentiment is None else say.MOODS[_mood(topic.sentiment)][language],
    ])  # fmt: skip


def _mood(sentiment: float) -> str:
    return "angry" if sentiment <= ANGRY else "glad" if sentiment >= GLAD else "calm"


def _example(example: Example, language: Language) -> Sentence:
    words = quoted(shortened(example.text, QUOTE), language)
    said_at = dates.moment(example.sent_at, language).replace(" ", NBSP)
    return [Piece(f"{words} "), Piece(said_at, link=example.link)]


def _purposes(facts: Facts, language: Language) -> Iterator[Row]:
    """What was spent on what, and all together."""
    for group in say.PURPOSES:
        now, before = (
            sum((one.dollars for one in costs if series.group_of(one) == group), Decimal(0))
            for costs in (facts.costs, facts.costs_before)
        )
        if now or (before and facts.before):
            former = dollars(before, language) if facts.before else None
            yield _present([say.PURPOSES[group][language], dollars(now, language), former])
    former = dollars(facts.before.dollars, language) if facts.before else None
    all_, spent = (Piece(text, bold=True) for text in (say.ALL[language], dollars(facts.figures.dollars, language)))
    yield _present([[all_], [spent], former])


def _asides(facts: Facts, language: Language) -> Iterator[str]:
    """What a message and an answer cost, and what the month will have cost."""
    if facts.each.reading and facts.each.per_message is not None:
        yield say.EACH_MESSAGE[language].format(dollars=dollars(facts.each.per_message, language))
    if facts.each.answering and facts.each.per_answer is not None:
        yield say.EACH_ANSWER[language].format(dollars=dollars(facts.each.per_answer, language))
    if facts.month is not None and facts.month.spent:
        spent = say.MONTH[language].format(
            spent=dollars(facts.month.spent, language),
            expected=dollars(facts.month.expected, language),
            budget=dollars(facts.month.budget, language),
        )
        reached = facts.month.reached_on
        yield spent + (say.REACHED[language].format(day=dates.day(reached, language)) if reached else ".")


def _present(cells: Sequence[T | None]) -> list[T]:
    """Without the columns that this report has no use for."""
    return [cell for cell in cells if cell is not None]
