"""What is looked for once in a while: questions that nobody answers, snoozed cards, messages whose source is gone, money
that runs short, and whether a report is due."""

import asyncio
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from assistant import alarms, reports, retracted, suggestions, unasked
from assistant.bot.desk import Desk
from assistant.bot.outages import waiting_out
from core.contracts.messages import ResponseNeeded
from core.contracts.streams import RESPONSES
from core.db.locks import KEEPING

SECONDS: Final = 15.0


async def rounds(desk: Desk) -> None:
    """Make the rounds until cancelled."""

    async def once() -> list[ResponseNeeded]:
        return await desk.write(lambda session: _round(session, desk))

    news = unasked.News()
    while True:
        await desk.publisher.publish(RESPONSES, news.among(await waiting_out(once)))
        desk.to_answer.ring()
        desk.to_show.ring()
        await asyncio.sleep(SECONDS)


async def _round(session: AsyncSession, desk: Desk) -> list[ResponseNeeded]:
    rules, now = desk.rules.current(), datetime.now(UTC)
    await session.execute(KEEPING)
    await retracted.say_anew(session)
    if rules.access.staff_chat:
        await suggestions.wake(session, rules.access.staff_chat, now)
        await alarms.tell(session, ZoneInfo(rules.time_zone), rules.access.staff_chat, now)
    await reports.announce(session, rules, now)
    return list(await unasked.scan(session, rules, now))
