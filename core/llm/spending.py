"""What has been spent, by the ledger."""

from datetime import datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import text

from core.db.session import ReadSession
from core.llm.budget import TOTAL, Period, Spent

# A call whose price is not known (yet, or never) counts with the most that it can have cost.
_SPENT = text("""
    SELECT purpose, sum(cost) AS month, coalesce(sum(cost) FILTER (WHERE opened_at >= :day), 0) AS day
    FROM (SELECT purpose, opened_at, coalesce(price, reserved) AS cost FROM model_calls WHERE opened_at >= :month) AS calls
    GROUP BY purpose
""")


async def spent(session: ReadSession, now: datetime, zone: ZoneInfo) -> Spent:
    """By purpose and in total, of the day and the month that `now` is in on the operator's calendar."""
    begins = {period: datetime.combine(period.begins(now, zone), time(), zone) for period in Period}
    found: dict[tuple[str, Period], Decimal] = {(TOTAL, period): Decimal(0) for period in Period}
    for row in await session.execute(_SPENT, {"day": begins[Period.DAY], "month": begins[Period.MONTH]}):
        for period, amount in ((Period.DAY, row.day), (Period.MONTH, row.month)):
            found[row.purpose, period] = amount
            found[TOTAL, period] += amount
    return found
