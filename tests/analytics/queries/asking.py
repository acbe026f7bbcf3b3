"""What the tests of the queries share: whose chats, which period, and every query there is, by its page and name."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from analytics.queries import assistant, chats, cost, now, pipeline, topics
from analytics.queries.inputs import Period
from core.db.session import ReadSession
from core.domain.access import AccessScope
from core.llm.budget import Budgets
from core.llm.ledger import Purse
from core.llm.prices import load_prices
from tests.analytics.queries.scene import key
from tests.ingestion.road import CHAT, NOON

MOSCOW = ZoneInfo("Europe/Moscow")
PERIOD = Period(NOON - timedelta(days=1), NOON + timedelta(days=6), MOSCOW)
EVERY = AccessScope.operator()
PURSE = Purse(Budgets(day=Decimal(5), month=Decimal(50)), MOSCOW)

TOPIC, REFUSED = key("topic", CHAT, "касса"), key("answer", CHAT, 2)
"""Of `everything` about the chat."""

Query: TypeAlias = Callable[[ReadSession, AccessScope, Period], Awaitable[Any]]


def moment(period: Period) -> datetime:
    """Now, for the queries that ask: the end of the period."""
    return period.until.astimezone(UTC)


QUERIES: Mapping[str, Query] = {
    "now.waiting": now.waiting,
    "now.alerts": now.alerts,
    "now.counters": lambda session, scope, period: now.counters(session, scope, period, moment(period)),
    "chats.began": chats.began,
    "chats.volume": lambda session, scope, period: chats.volume(session, scope, period, "day"),
    "chats.week_pattern": chats.week_pattern,
    "chats.response_times": chats.response_times,
    "chats.chats": chats.chats,
    "chats.titles": chats.titles,
    "chats.threads": chats.threads,
    "chats.thread_messages": lambda session, scope, period: chats.thread_messages(session, scope, period, CHAT, 1),
    "topics.topics": topics.topics,
    "topics.course": lambda session, scope, period: topics.course(session, scope, period, [TOPIC], "day"),
    "topics.mood": lambda session, scope, period: topics.mood(session, scope, period, "day"),
    "topics.examples": lambda session, scope, period: topics.examples(session, scope, period, TOPIC),
    "assistant.questions": lambda session, scope, period: assistant.questions(session, scope, period, "day"),
    "assistant.votes": lambda session, scope, period: assistant.votes(session, scope, period, "day"),
    "assistant.prompts": assistant.prompts,
    "assistant.reasons": assistant.reasons,
    "assistant.answers": assistant.answers,
    "assistant.gaps": assistant.gaps,
    "assistant.nearest_draft": lambda session, scope, period: assistant.nearest_draft(session, scope, period, REFUSED),
    "cost.days": cost.days,
    "cost.by_chat": cost.by_chat,
    "cost.each": cost.each,
    "cost.month": lambda session, scope, period: cost.month(session, scope, PURSE, moment(period)),
    "cost.savings": lambda session, scope, period: cost.savings(session, scope, period, load_prices()),
    "pipeline.coverage": pipeline.coverage,
    "pipeline.dead_letters": pipeline.dead_letters,
    "pipeline.backlog": pipeline.backlog,
    "pipeline.alarms": pipeline.alarms,
}
