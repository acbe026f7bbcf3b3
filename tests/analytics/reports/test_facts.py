"""What a report is made of, read from seeded tables: of the period, of the one before, and of no other chat."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from analytics.queries.inputs import Period
from analytics.reports.facts import Facts, gather, language_in
from analytics.trends import Trend
from core.db.models import VettedAnswer
from core.db.session import Database
from core.domain.access import AccessScope
from core.llm.prices import load_prices
from tests.analytics.queries.asking import EVERY, PERIOD, PURSE
from tests.analytics.queries.scene import ASKS, TELLS, add, answered, asked, call, everything, everywhere, said, window
from tests.ingestion.road import CHAT, value

DAY = 1_440
OTHER = CHAT - 1
LATER = Period(PERIOD.until, PERIOD.until + timedelta(days=7), PERIOD.zone)
"""The period begins a day before NOON and lasts a week."""


async def gathered(database: Database, scope: AccessScope = EVERY, period: Period = LATER) -> Facts:
    async with database.reading() as session:
        return await gather(session, scope, period, PURSE, load_prices(), period.until)


async def test_a_week_beside_the_one_before(database: Database) -> None:
    await said(database, (1, -DAY, "user1", ASKS), (2, -DAY + 10, "staff1", TELLS), (3, DAY, "user2", "Спасибо"))
    await said(
        database, (11, 7 * DAY, "user1", ASKS), (12, 7 * DAY + 20, "staff1", TELLS), (13, 8 * DAY, "user3", ASKS)
    )
    await said(database, (14, 8 * DAY + 1, "user3", "алло"))
    await window(database, [1, 2], 1, topics={"чек": {"messages": [1], "resolved": True}})
    for minute in range(5):
        await window(database, [13], 8 * DAY + minute, topics={"касса": {"messages": [13, 14], "resolved": False}})
    await call(database, 1, 10, "0.25")
    await call(database, 2, 8 * DAY, "0.5")
    refused = await answered(database, 1, 8 * DAY, refused=True)
    await asked(database, refused, 8 * DAY, state="refused")

    found = await gathered(database)
    now, before = found.figures, found.before
    assert before is not None
    assert (now.messages, now.staff_messages, before.messages, before.staff_messages) == (4, 1, 3, 1)
    assert (now.responses.asked, now.responses.answered, now.responses.p50) == (2, 1, 20 * 60)
    assert (before.responses.asked, before.responses.p50) == (1, 10 * 60)
    assert (now.unresolved, before.resolved) == (1, 1)
    assert (now.questions, now.refused, before.questions) == (1, 1, 0)
    assert (now.dollars, before.dollars, now.calls) == (Decimal("0.5"), Decimal("0.25"), 1)
    assert [(one.row.messages, one.messages_before) for one in found.chats] == [(4, 3)]
    assert [(one.name, one.messages, one.trend) for one in found.topics] == [("касса", 10, Trend.NEW)]
    assert [one.topic.name for one in found.illustrated] == ["касса"]
    assert {example.message_id for example in found.illustrated[0].examples} == {13}
    assert [one.message_id for one in found.waiting] == [13]
    assert found.waiting_in_all == 1
    assert sum(one.messages for one in found.volume) == 4
    assert found.month is not None


async def test_other_chats_are_not_in_it(database: Database) -> None:
    scope = AccessScope.chats([CHAT])
    await everything(database, CHAT)
    alone = await gathered(database, scope, PERIOD)
    await everything(database, OTHER)
    await everywhere(database)
    assert await gathered(database, scope, PERIOD) == alone
    assert alone.figures.messages
    assert alone.titles == [f"Chat {CHAT}"]
    assert alone.month is None  # the budget is for all
    assert len((await gathered(database, EVERY, PERIOD)).titles) == 2


async def test_a_history_that_begins_in_the_period_is_compared_with_nothing(database: Database) -> None:
    await everything(database, CHAT)
    found = await gathered(database, period=PERIOD)
    assert found.before is None
    assert found.began_at is not None
    assert found.began_at >= PERIOD.since
    later = await gathered(database)
    assert later.before is not None
    assert later.figures.messages == 0


async def test_nothing_is_held(database: Database) -> None:
    found = await gathered(database)
    assert found.figures.is_empty
    assert (found.before, found.began_at, found.chats, found.waiting, found.topics) == (None, None, [], [], [])


async def test_a_gap_that_staff_has_closed_since_is_none(database: Database) -> None:
    await everything(database, CHAT)
    (gap,) = (await gathered(database, period=PERIOD)).gaps
    told = {"question": "?", "answer": "Так.", "chat_id": CHAT, "asker": "a", "vetted_by": "s", "origin": "correction"}
    await add(database, VettedAnswer, source=gap.gap.answer_ids[0], vetted_at=gap.gap.last_at, **told)
    assert (await gathered(database, period=PERIOD)).gaps == []


async def test_its_language_is_that_of_most_that_was_said(database: Database) -> None:
    async def spoken() -> str:
        async with database.reading() as session:
            return await language_in(session, EVERY, PERIOD)

    assert await spoken() == "ru"
    await said(database, (1, 1, "user1", "The printer does not print, what shall I do?"))
    assert await spoken() == "en"
    await said(database, (20, 200, "user2", ASKS), (30, 1_000, "user3", "Как вернуть деньги покупателю?"))
    assert await value(database, "SELECT count(DISTINCT thread_id) FROM messages") == 3
    assert await spoken() == "ru"


async def test_who_asked_long_ago_waits_for_nobody_any_more(database: Database) -> None:
    await said(database, (1, 0, "user1", ASKS))
    later = replace(LATER, since=LATER.since + timedelta(days=40), until=LATER.until + timedelta(days=40))
    assert (await gathered(database)).waiting_in_all == 1
    assert (await gathered(database, period=later)).waiting_in_all == 0
