"""What a report is made of: everything it says about a period, the one before it, and this moment."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from analytics.forecasting import Forecast
from analytics.queries import assistant, chats, cost, now, topics
from analytics.queries.assistant import GapRow
from analytics.queries.chats import ChatRow, Volume
from analytics.queries.cost import DayCost, EachCost
from analytics.queries.inputs import Period, Step
from analytics.queries.now import Waiting
from analytics.queries.topics import Example, TopicRow
from analytics.responding import Responses, ResponseTimes
from analytics.saving import Saved
from analytics.trends import Trend
from core.db.session import ReadSession
from core.domain.access import AccessScope
from core.domain.language import DEFAULT, Language, language_of
from core.llm.ledger import Purse
from core.llm.prices import Prices

STILL_DAYS = 30
"""Who has waited for longer waits for nobody any more."""
UNHELD = 7
"""A period is compared with the one before it if of that, at its beginning, at most one part in so many is not held."""
WAITING = 10
TOPICS = 8
ILLUSTRATED = 3
"""Topics with examples: the new and rising ones, then those that most is said about."""
EXAMPLES = 2
GAPS = 5
LOOKED_AT = 50
"""Threads by whose words the chats' language is told."""
_FIRST = (Trend.NEW, Trend.RISING)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a period comes to."""

    messages: int
    staff_messages: int
    urgent: int
    responses: Responses
    resolved: int
    """Threads that clients asked something in, by the analysis; the next one likewise. Of the rest it cannot tell."""
    unresolved: int
    questions: int
    """Asked of the assistant."""
    refused: int
    """Of these: it said that it does not know."""
    handed_over: int
    """Of all: given to a human."""
    up: int
    """Thumbs on its answers."""
    down: int
    dollars: Decimal
    calls: int
    """To the model."""

    @property
    def resolved_share(self) -> float | None:
        """None where the analysis cannot tell about any."""
        judged = self.resolved + self.unresolved
        return self.resolved / judged if judged else None

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all happened."""
        return not (self.messages or self.responses.asked or self.questions or self.calls)


@dataclass(frozen=True, slots=True)
class Illustrated:
    """A topic with what was said about it."""

    topic: TopicRow
    examples: Sequence[Example]


@dataclass(frozen=True, slots=True)
class ChatFigures:
    """A chat in the period, and how much was said in it in the one before."""

    row: ChatRow
    messages_before: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a report says."""

    period: Period
    made_at: datetime
    """In the period's zone. Who waits, waits at this moment."""
    every_chat: bool
    chats: Sequence[ChatFigures]
    """Those in which anything was said or asked; the busiest first."""
    titles: Sequence[str]
    """Of all the chats that the report is about, masked."""
    figures: Figures
    before: Figures | None
    """None where the history that is held begins later: there is nothing to compare with."""
    began_at: datetime | None
    """The hour with which it begins."""
    step: Step
    volume: Sequence[Volume]
    volume_before: Sequence[Volume]
    response_times: ResponseTimes
    waiting: Sequence[Waiting]
    """Those who wait longest, at most `WAITING`."""
    waiting_in_all: int
    topics: Sequence[TopicRow]
    """At most `TOPICS`, what most is said about first."""
    illustrated: Sequence[Illustrated]
    gaps: Sequence[GapRow]
    """Still open."""
    costs: Sequence[DayCost]
    costs_before: Sequence[DayCost]
    each: EachCost
    saved: Saved
    month: Forecast | None
    """None where only some chats are reported on: the budget is for all."""

    @property
    def has_several_chats(self) -> bool:
        """Whether it has to be said which chat is meant."""
        return len(self.titles) > 1


def step_of(period: Period) -> Step:
    """How wide a bar of the charts is: some seven to sixty of them."""
    days = (period.until - period.since) / timedelta(days=1)
    if days <= 2:
        return "hour"
    if days <= 62:
        return "day"
    return "week" if days <= 400 else "month"


async def gather(
    session: ReadSession, scope: AccessScope, period: Period, purse: Purse, prices: Prices, made_at: datetime
) -> Facts:
    """All facts about these chats."""
    before, step = period.before(), step_of(period)
    rows, rows_before = await chats.chats(session, scope, period), await chats.chats(session, scope, before)
    times, times_before = [await chats.response_times(session, scope, one) for one in (period, before)]
    costs, costs_before = [await cost.days(session, scope, one) for one in (period, before)]
    still = Period(made_at - timedelta(days=STILL_DAYS), made_at, period.zone)
    began_at = await chats.began(session, scope, period)
    is_held = began_at is not None and began_at - before.since <= (before.until - before.since) / UNHELD
    said_before = {row.chat_id: row.messages for row in rows_before}
    found = await topics.topics(session, scope, period, TOPICS)
    return Facts(
        period=period,
        made_at=made_at.astimezone(period.zone),
        every_chat=scope.every_chat,
        chats=[ChatFigures(row, said_before[row.chat_id]) for row in rows if row.messages or row.responses.asked],
        titles=[row.chat for row in rows],
        figures=await _figures(session, scope, period, rows, times, costs),
        before=await _figures(session, scope, before, rows_before, times_before, costs_before) if is_held else None,
        began_at=began_at,
        step=step,
        volume=await chats.volume(session, scope, period, step),
        volume_before=await chats.volume(session, scope, before, step),
        response_times=times,
        waiting=await now.waiting(session, scope, still, WAITING),
        waiting_in_all=(await now.counters(session, scope, still, made_at)).waiting,
        topics=found,
        illustrated=[
            Illustrated(topic, await topics.examples(session, scope, period, topic.topic_id, EXAMPLES))
            for topic in sorted(found, key=lambda one: one.trend not in _FIRST)[:ILLUSTRATED]
        ],
        gaps=[gap for gap in await assistant.gaps(session, scope, period) if not gap.is_closed][:GAPS],
        costs=costs,
        costs_before=costs_before,
        each=await cost.each(session, scope, period),
        saved=await cost.savings(session, scope, period, prices),
        month=await cost.month(session, scope, purse, made_at) if scope.every_chat else None,
    )


async def language_in(session: ReadSession, scope: AccessScope, period: Period) -> Language:
    """The language that most of the latest conversations are in."""
    threads = await chats.threads(session, scope, period, state="all", limit=LOOKED_AT)
    spoken = Counter(language_of(thread.text) for thread in threads if thread.text)
    return max(spoken, key=lambda language: (spoken[language], language == DEFAULT), default=DEFAULT)


async def _figures(
    session: ReadSession,
    scope: AccessScope,
    period: Period,
    rows: Sequence[ChatRow],
    times: ResponseTimes,
    costs: Sequence[DayCost],
) -> Figures:
    asked = await assistant.questions(session, scope, period, "month")
    votes = await assistant.votes(session, scope, period, "month")
    return Figures(
        messages=sum(row.messages for row in rows),
        staff_messages=sum(row.staff_messages for row in rows),
        urgent=sum(row.urgent for row in rows),
        responses=times.overall,
        resolved=sum(row.resolved for row in rows),
        unresolved=sum(row.unresolved for row in rows),
        questions=sum(step.asked for step in asked),
        refused=sum(step.refused for step in asked),
        handed_over=sum(step.handed_over for step in asked),
        up=sum(step.up for step in votes),
        down=sum(step.down for step in votes),
        dollars=sum((one.dollars for one in costs), Decimal(0)),
        calls=sum(one.calls for one in costs),
    )
