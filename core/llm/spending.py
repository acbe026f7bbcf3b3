"""What has been spent, by the ledger."""

from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import text

from core.db.session import ReadSession
from core.llm.budget import TOTAL, Period, Spent

_SPENT = text("""
    SELECT purpose, settled_at IS NOT NULL AS settled, sum(cost) AS month,
        coalesce(sum(cost) FILTER (WHERE opened_at >= :day), 0) AS day
    FROM (SELECT purpose, opened_at, settled_at, coalesce(price, reserved) AS cost FROM model_calls
        WHERE opened_at >= :month) AS calls
    GROUP BY purpose, settled
""")


@dataclass(frozen=True, slots=True)
class Spending:
    """Of the day and the month, by purpose and in total."""

    spent: Spent
    """Prices of what is settled; a call whose price nobody can know counts with the most that it can have cost."""
    taken: Spent
    """The same, and what is reserved for the calls that are under way: mostly a few times what they will cost."""


async def spending(session: ReadSession, now: datetime, zone: ZoneInfo) -> Spending:
    """Of the day and the month that `now` is in on the operator's calendar."""
    begins = {period: datetime.combine(period.begins(now, zone), time(), zone) for period in Period}
    spent: dict[tuple[str, Period], Decimal] = {(TOTAL, period): Decimal(0) for period in Period}
    taken = dict(spent)
    for row in await session.execute(_SPENT, {"day": begins[Period.DAY], "month": begins[Period.MONTH]}):
        for sums in (spent, taken) if row.settled else (taken,):
            for period, amount in ((Period.DAY, row.day), (Period.MONTH, row.month)):
                for name in (row.purpose, TOTAL):
                    sums[name, period] = sums.get((name, period), Decimal(0)) + amount
    return Spending(spent, taken)
