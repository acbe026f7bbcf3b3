"""Budget alarms in the staff chat: a message for each share that is spent, once.

The ledger notes an alarm in the transaction that spends the money (`core.llm.ledger`); here it becomes a row that the bot
shows. What was noted in a period that is over is nobody's business any more.
"""

from datetime import datetime
from typing import Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from assistant import messages
from assistant.texts.alarms import alarm_html
from core.db.models import BudgetAlarm
from core.llm.budget import Period

_SPACE: Final = UUID("5b1c5f0e-6a0b-4b8e-9d53-0d5b1f6f2a11")
"""Of the subjects below; any constant would do."""


async def tell(session: AsyncSession, zone: ZoneInfo, staff_chat: int, now: datetime) -> None:
    """Say what was reached in the periods that run. Saying it again changes nothing."""
    for period in Period:
        begins = period.begins(now, zone)
        running = (BudgetAlarm.period == period.value, BudgetAlarm.begins == begins)
        noted = select(BudgetAlarm).where(*running).order_by(BudgetAlarm.raised_at, BudgetAlarm.percent)
        for alarm in await session.scalars(noted):
            await messages.put(
                session,
                kind="alarm",
                subject=uuid5(_SPACE, f"{alarm.period} {alarm.begins} {alarm.budget} {alarm.percent}"),
                chat_id=staff_chat,
                sealed_chat=None,
                topic_id=None,
                reply_to=None,
                html=alarm_html(alarm.budget, period, alarm.percent),
            )
