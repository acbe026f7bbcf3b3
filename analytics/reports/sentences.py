"""What a head has to know, in sentences. Pure: facts in, words out; what the facts do not tell is not said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from string import Formatter
from typing import Final, TypeAlias

from analytics.queries.now import Waiting
from analytics.queries.topics import TopicRow
from analytics.reports import dates
from analytics.reports import phrases as say
from analytics.reports.cleaning import quoted, shortened
from analytics.reports.facts import Facts
from analytics.reports.numbers import change, dollars, duration, minutes_down, minutes_up, number, percent, things
from analytics.trends import Trend
from core.domain.counting import counted
from core.domain.language import Language

NAMED: Final = 3
"""Of those who wait, and of topics."""
SNIPPET: Final = 60
"""Characters of what somebody waits for an answer to."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words."""

    text: str
    bold: bool = False
    link: str | None = None


Sentence: TypeAlias = Sequence[Piece]
Filling: TypeAlias = str | Piece | Sentence


def filled(template: str, **fillings: Filling) -> Sentence:
    """A phrase with its blanks filled in.

    >>> [piece.text for piece in filled("Hi {who}!", who=Piece("you", bold=True))]
    ['Hi ', 'you', '!']
    """
    pieces: list[Piece] = []
    for words, blank, _, _ in Formatter().parse(template):
        pieces.append(Piece(words))
        if blank is not None:
            pieces += _pieces(fillings[blank])
    return [piece for piece in pieces if piece.text]


def plain(sentence: Sentence) -> str:
    """Its words alone."""
    return "".join(piece.text for piece in sentence)


def summary(facts: Facts, language: Language) -> list[Sentence]:
    """The first page: how much was said, how soon it was answered, who waits, about what, and what the AI cost."""
    said = (_volume, _responses, _waiting, _topics, _assistant)
    return [sentence for one in said if (sentence := one(facts, language))]


def caption(facts: Facts, language: Language) -> str:
    """Two lines for whoever sees the file before opening it."""
    messages, p50 = facts.figures.messages, facts.figures.responses.p50
    said = [things(messages, say.MESSAGES[language], language) + _change_of_messages(facts, language)]
    if p50 is not None:
        said.append(say.HALF_WITHIN[language].format(p50=duration(minutes_up(p50), language)))
    if facts.waiting_in_all:
        said.append(say.STILL_WAITING[language].format(count=number(facts.waiting_in_all, language)))
    return f"{say.TITLE[language]}, {dates.span(facts.period, language)}\n{'; '.join(said)}"


def _volume(facts: Facts, language: Language) -> Sentence:
    now, before = facts.figures, facts.before
    if not now.messages:
        former = things(before.messages, say.MESSAGES[language], language) if before and before.messages else ""
        than = dates.before(facts.period, language)
        told = say.SILENCE_BEFORE[language].format(than=than, messages=former) if former else ""
        return filled(say.SILENCE[language], before=told)
    asked = now.responses.asked
    compared = before and (asked or before.responses.asked)
    sentence = filled(
        say.VOLUME[language],
        messages=_bold(things(now.messages, say.MESSAGES[language], language)),
        change=_change_of_messages(facts, language),
        asked=_bold(things(asked, say.QUESTIONS[language], language)),
        asked_change=f", {change(asked, before.responses.asked, language)}" if before and compared else "",
    )
    if before or facts.began_at is None:
        return sentence
    alone = filled(say.NOTHING_BEFORE[language], day=dates.dated(facts.began_at, language))
    return _joined([sentence, alone], " ")


def _responses(facts: Facts, language: Language) -> Sentence:
    now = facts.figures.responses
    if not now.asked:
        return []
    said = [_how_soon(facts, language)]
    if now.unanswered and now.answered:
        questions = _bold(things(now.unanswered, say.QUESTIONS[language], language))
        left = counted(now.unanswered, say.LEFT[language], language)
        said.append(filled(say.UNANSWERED[language], questions=questions, left=left))
    said.append(_resolved(facts, language))
    return _joined(said, " ")


def _resolved(facts: Facts, language: Language) -> Sentence:
    now, former = facts.figures, facts.before.resolved_share if facts.before else None
    if now.resolved_share is None:
        return []
    was = "" if former is None else say.RESOLVED_BEFORE[language].format(share=percent(former, language))
    return filled(
        say.RESOLVED[language],
        share=_bold(percent(now.resolved_share, language)),
        resolved=number(now.resolved, language),
        judged=number(now.resolved + now.unresolved, language),
        before=was,
    )


def _how_soon(facts: Facts, language: Language) -> Sentence:
    now, before = facts.figures.responses, facts.before.responses if facts.before else None
    if now.p50 is None or now.p90 is None:
        return filled(say.NO_RESPONSE[language], asked=number(now.asked, language))
    p50 = _bold(duration(minutes_up(now.p50), language))
    if now.answered == 1:
        return filled(say.ONE_RESPONSE[language], p50=p50)
    former = "" if before is None or before.p50 is None or before.p90 is None else say.RESPONSES_BEFORE[language].format(
        than=dates.before(facts.period, language),
        p50=duration(minutes_up(before.p50), language), p90=duration(minutes_up(before.p90), language),
    )  # fmt: skip
    p90 = _bold(duration(minutes_up(now.p90), language))
    return filled(say.RESPONSES[language], p50=p50, p90=p90, before=former)


def _waiting(facts: Facts, language: Language) -> Sentence:
    count = facts.waiting_in_all
    if not count:
        return [] if facts.figures.is_empty else filled(say.NOBODY_WAITS[language])
    return filled(
        (say.ONE_WAITS if count == 1 else say.WAITING)[language],
        waits=counted(count, say.WAITS[language], language),
        requests=_bold(things(count, say.REQUESTS[language], language)),
        longest=_joined([_one_waiting(one, facts, language) for one in facts.waiting[:NAMED]], ", "),
    )


def _one_waiting(one: Waiting, facts: Facts, language: Language) -> Sentence:
    for_so_long = duration(minutes_down((facts.made_at - one.since) / timedelta(seconds=1)), language)
    about = shortened(one.summary or one.text, SNIPPET)
    if not about:
        return [Piece(for_so_long, link=one.link)]
    return [Piece(quoted(about, language), link=one.link), Piece(f" ({for_so_long})")]


def _topics(facts: Facts, language: Language) -> Sentence:
    """What is new and what is rising; where nothing is, or nobody can know, what most was written about."""
    if not facts.topics:
        return []
    told = [
        filled(phrase[language], topics=_named(found, language))
        for phrase, trend in ((say.NEW, Trend.NEW), (say.RISING, Trend.RISING))
        if facts.before and (found := [topic for topic in facts.topics if topic.trend is trend])
    ]
    if told:
        return _joined(told, " ")
    no_trend = filled(say.NO_TREND[language]) if facts.before else []
    return _joined([no_trend, filled(say.MOST[language], topics=_named(facts.topics, language))], " ")


def _named(topics: Sequence[TopicRow], language: Language) -> Sentence:
    return _joined([_topic(topic, language) for topic in topics[:NAMED]], ", ")


def _topic(topic: TopicRow, language: Language) -> Sentence:
    about = things(topic.messages, say.MESSAGES[language], language)
    if topic.trend is Trend.RISING:
        about += say.TOPIC_BEFORE[language].format(former=number(topic.before, language))
    return [_bold(quoted(shortened(topic.name, SNIPPET), language)), Piece(f" ({about})")]


def _assistant(facts: Facts, language: Language) -> Sentence:
    now, said = facts.figures, []
    if now.calls:
        saved = facts.saved.batching + facts.saved.caching
        said.append(
            filled(
                say.COST[language],
                dollars=_bold(dollars(now.dollars, language)),
                before=_cost_before(facts, language),
                saved=say.SAVED[language].format(dollars=dollars(saved, language)) if saved > 0 else "",
            )
        )
    if now.questions:
        answered = _bold(number(now.questions - now.refused, language))
        asked = things(now.questions, say.OF_QUESTIONS[language], language)
        said.append(filled(say.ANSWERED[language], answered=answered, asked=asked))
    return _joined(said, " ")


def _cost_before(facts: Facts, language: Language) -> str:
    if facts.before is None or not facts.before.calls:
        return ""
    than = dates.before(facts.period, language)
    return say.COST_BEFORE[language].format(than=than, former=dollars(facts.before.dollars, language))


def _change_of_messages(facts: Facts, language: Language) -> str:
    if facts.before is None:
        return ""
    than = dates.before(facts.period, language)
    return f", {change(facts.figures.messages, facts.before.messages, language, than)}"


def _bold(text: str) -> Piece:
    return Piece(text, bold=True)


def _pieces(filling: Filling) -> Sentence:
    if isinstance(filling, str):
        return [Piece(filling)]
    return [filling] if isinstance(filling, Piece) else filling


def _joined(sentences: Iterable[Sentence], between: str) -> Sentence:
    """One after the other, with the same between them."""
    pieces: list[Piece] = []
    for sentence in sentences:
        if sentence:
            pieces += [Piece(between), *sentence] if pieces else sentence
    return pieces
