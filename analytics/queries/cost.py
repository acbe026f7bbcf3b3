"""*Cost*: what Claude cost, for what, what the month will have cost, and what batching and caching saved.

US dollars by the ledger. A call whose price nobody knows counts with the most that it can have cost, as in the budgets.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import text

from analytics.forecasting import LOOK_BACK, Forecast, forecast
from analytics.queries.fetching import fetched
from analytics.queries.inputs import Period, scoped, seen
from analytics.saving import Saved, Used, saved
from core.db.session import ReadSession
from core.domain.access import AccessScope
from core.llm.calls import Purpose, Usage
from core.llm.ledger import Purse
from core.llm.prices import Prices
from core.privacy.types import MaskedText

ANSWERING = (Purpose.ANSWER.value, Purpose.CONDENSE.value, Purpose.SUGGESTION.value)
READING = (Purpose.ANALYSIS_FAST.value, Purpose.ANALYSIS_BATCH.value)

_DAYS = text(f"""
    SELECT CAST(opened_at AT TIME ZONE :zone AS date) AS day, purpose, model, sum(coalesce(price, reserved)) AS dollars,
        count(*) AS calls, count(*) FILTER (WHERE price IS NULL) AS unpriced
    FROM model_calls c WHERE opened_at >= :since AND opened_at < :until AND {seen("c.chat_id")}
    GROUP BY 1, 2, 3
""")  # noqa: S608 - only the conditions of this package are put in

_CHATS = text(f"""
    SELECT spent.chat_id, chats.title AS chat, spent.dollars, spent.calls, coalesce(said.messages, 0) AS messages
    FROM (
        SELECT chat_id, sum(coalesce(price, reserved)) AS dollars, count(*) AS calls
        FROM model_calls c WHERE opened_at >= :since AND opened_at < :until AND {seen("c.chat_id")} GROUP BY 1
    ) AS spent LEFT JOIN chats USING (chat_id) LEFT JOIN (
        SELECT chat_id, CAST(sum(messages) AS bigint) AS messages FROM chat_hours h
        WHERE h.hour >= :since AND h.hour < :until AND {seen("h.chat_id")} GROUP BY 1
    ) AS said USING (chat_id)
    ORDER BY spent.dollars DESC, spent.chat_id
""")  # noqa: S608

_EACH = text(f"""
    SELECT coalesce(sum(cost) FILTER (WHERE purpose = ANY(CAST(:reading AS text[]))), 0) AS reading,
        coalesce(sum(cost) FILTER (WHERE purpose = ANY(CAST(:answering AS text[]))), 0) AS answering,
        count(*) FILTER (WHERE purpose = :answer AND outcome = 'ok') AS answers,
        (SELECT CAST(coalesce(sum(messages), 0) AS bigint) FROM chat_hours h
            WHERE h.hour >= :since AND h.hour < :until AND {seen("h.chat_id")}) AS messages
    FROM (
        SELECT purpose, outcome, coalesce(price, reserved) AS cost FROM model_calls c
        WHERE opened_at >= :since AND opened_at < :until AND {seen("c.chat_id")}
    ) AS calls
""")  # noqa: S608

# PostgreSQL adds up bigints as numerics, which takes three times as long; a single call has no two billion tokens.
_USED = text(f"""
    SELECT model, CAST(opened_at AT TIME ZONE 'UTC' AS date) AS day, api, sum(price) AS price,
        sum(CAST(input_tokens AS int)) AS input_tokens, sum(CAST(output_tokens AS int)) AS output_tokens,
        sum(CAST(cache_read_tokens AS int)) AS cache_read_tokens,
        sum(CAST(cache_write_5m_tokens AS int)) AS cache_write_5m_tokens,
        sum(CAST(cache_write_1h_tokens AS int)) AS cache_write_1h_tokens
    FROM model_calls c
    WHERE price IS NOT NULL AND opened_at >= :since AND opened_at < :until AND {seen("c.chat_id")}
    GROUP BY 1, 2, 3
""")  # noqa: S608


@dataclass(frozen=True, slots=True)
class DayCost:
    """What was spent on one day for one purpose with one model."""

    day: date
    """Of the period's zone."""
    purpose: str
    model: str
    dollars: Decimal
    calls: int
    unpriced: int
    """Of the calls: whose price is not known; they count with the most they can have cost."""


@dataclass(frozen=True, slots=True)
class ChatCost:
    """What was spent on one chat."""

    chat_id: int | None
    """None for what was about no single chat, or one that was erased."""
    chat: MaskedText | None
    dollars: Decimal
    calls: int
    messages: int
    """That were said in it."""


@dataclass(frozen=True, slots=True)
class EachCost:
    """What a message and an answer cost in the period."""

    reading: Decimal
    """Spent on the analysis."""
    messages: int
    """All that were said, also those that no model had to read."""
    answering: Decimal
    """Spent on answers, on understanding follow-ups, and on drafts."""
    answers: int
    """That the model wrote, refusals included."""

    @property
    def per_message(self) -> Decimal | None:
        """None where nothing was said."""
        return self.reading / self.messages if self.messages else None

    @property
    def per_answer(self) -> Decimal | None:
        """None where nothing was answered."""
        return self.answering / self.answers if self.answers else None


async def days(session: ReadSession, scope: AccessScope, period: Period) -> Sequence[DayCost]:
    """By day, purpose and model: the page adds up what it shows."""
    rows = await fetched(session, _DAYS, {**scoped(scope), **period.values()}, period.zone)
    return sorted((DayCost(**row) for row in rows), key=lambda one: (one.day, one.purpose, one.model))


async def by_chat(session: ReadSession, scope: AccessScope, period: Period) -> Sequence[ChatCost]:
    """By chat, the dearest first."""
    rows = await fetched(session, _CHATS, {**scoped(scope), **period.values()}, period.zone)
    return [ChatCost(**row) for row in rows]


async def each(session: ReadSession, scope: AccessScope, period: Period) -> EachCost:
    """What one message and one answer cost."""
    kinds = {"reading": list(READING), "answering": list(ANSWERING), "answer": Purpose.ANSWER.value}
    (row,) = await fetched(session, _EACH, {**scoped(scope), **period.values(), **kinds}, period.zone)
    return EachCost(**row)


async def month(session: ReadSession, scope: AccessScope, purse: Purse, now: datetime) -> Forecast:
    """What this month will have cost, against its budget (`analytics.forecasting`), on the operator's calendar."""
    today = now.astimezone(purse.zone).date()
    first = min(today.replace(day=1), today - timedelta(days=LOOK_BACK))
    period = Period(datetime.combine(first, time(), purse.zone), now, purse.zone)
    spent: dict[date, Decimal] = {}
    for one in await days(session, scope, period):
        spent[one.day] = spent.get(one.day, Decimal(0)) + one.dollars
    return forecast(spent, now, purse.zone, purse.budgets.month)


async def savings(session: ReadSession, scope: AccessScope, period: Period, prices: Prices) -> Saved:
    """What batching and caching saved in the period (`analytics.saving`)."""
    rows = await fetched(session, _USED, {**scoped(scope), **period.values()}, period.zone)
    return saved((_used(**row) for row in rows), prices)


def _used(model: str, day: date, api: str, price: Decimal, **tokens: int) -> Used:
    return Used(model, day, api, price, Usage(**tokens))
