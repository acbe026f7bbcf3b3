"""Every query of every page, as the pages ask it."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from analytics.queries import assistant, chats, cost, now, pipeline, topics
from analytics.queries.inputs import Period, Step
from benchmarks.dashboard.year import ENDS, TOPICS, ChatYear
from core.db.session import ReadSession
from core.domain.access import AccessScope
from core.llm.budget import Budgets
from core.llm.ledger import Purse
from core.llm.prices import load_prices

ZONE = ZoneInfo("Europe/Moscow")
PAGES = (now, chats, topics, assistant, cost, pipeline)

Query: TypeAlias = Callable[[ReadSession, AccessScope, Period], Awaitable[Any]]


def step_of(period: Period) -> Step:
    """Some thirty to fifty bars."""
    days = (period.until - period.since).days
    return "hour" if days <= 2 else "day" if days <= 60 else "week"


def queries(chat: ChatYear, refused: UUID) -> dict[str, Query]:
    """By page and name. `chat`: whose topics and longest conversation are looked at; `refused`: an answer in that chat."""
    names = [chat.topic_id(topic) for topic in range(TOPICS)]
    thread = max(chat.threads().values(), key=len)[0].thread_id
    prices, purse = load_prices(), Purse(Budgets(), ZONE)
    return {
        "now.waiting": now.waiting,
        "now.alerts": now.alerts,
        "now.counters": lambda session, scope, period: now.counters(session, scope, period, ENDS),
        "chats.began": chats.began,
        "chats.volume": lambda session, scope, period: chats.volume(session, scope, period, step_of(period)),
        "chats.week_pattern": chats.week_pattern,
        "chats.response_times": chats.response_times,
        "chats.chats": chats.chats,
        "chats.titles": chats.titles,
        "chats.threads": chats.threads,
        "chats.threads, unresolved": lambda session, scope, period: chats.threads(
            session, scope, period, state="unresolved"
        ),
        "chats.thread_messages": lambda session, scope, period: chats.thread_messages(
            session, scope, period, chat.chat_id, thread
        ),
        "topics.topics": topics.topics,
        "topics.course": lambda session, scope, period: topics.course(session, scope, period, names, step_of(period)),
        "topics.mood": lambda session, scope, period: topics.mood(session, scope, period, step_of(period)),
        "topics.examples": lambda session, scope, period: topics.examples(session, scope, period, names[0]),
        "assistant.questions": lambda session, scope, period: assistant.questions(
            session, scope, period, step_of(period)
        ),
        "assistant.votes": lambda session, scope, period: assistant.votes(session, scope, period, step_of(period)),
        "assistant.prompts": assistant.prompts,
        "assistant.reasons": assistant.reasons,
        "assistant.answers": assistant.answers,
        "assistant.gaps": assistant.gaps,
        "assistant.nearest_draft": lambda session, scope, period: assistant.nearest_draft(
            session, scope, period, refused
        ),
        "cost.days": cost.days,
        "cost.by_chat": cost.by_chat,
        "cost.each": cost.each,
        "cost.month": lambda session, scope, _: cost.month(session, scope, purse, ENDS),
        "cost.savings": lambda session, scope, period: cost.savings(session, scope, period, prices),
        "pipeline.coverage": pipeline.coverage,
        "pipeline.dead_letters": pipeline.dead_letters,
        "pipeline.backlog": pipeline.backlog,
        "pipeline.alarms": pipeline.alarms,
    }
