"""Budget alarms in the staff chat: each once, in both languages, and none of a period that is over."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from assistant import alarms
from core.db.models import BudgetAlarm
from core.db.session import Database
from tests.ingestion.bot_tables.seeding import STAFF_CHAT
from tests.ingestion.road import rows

NOW = datetime(2026, 11, 30, 22, 30, tzinfo=UTC)
MOSCOW = ZoneInfo("Europe/Moscow")


async def noted(database: Database, *found: tuple[str, date, str, int]) -> None:
    async with database.transaction() as session:
        for period, begins, budget, percent in found:
            values = {"period": period, "begins": begins, "budget": budget, "percent": percent}
            await session.execute(insert(BudgetAlarm).values(values))


async def told(database: Database) -> list[str]:
    async with database.transaction() as session:
        await alarms.tell(session, MOSCOW, STAFF_CHAT, NOW)
    shown = await rows(
        database, "SELECT html, chat_id, wanted FROM bot_messages WHERE kind = 'alarm' ORDER BY made_at, html"
    )
    assert {(row["chat_id"], row["wanted"]) for row in shown} <= {(STAFF_CHAT, 1)}
    return [row["html"] for row in shown]


async def test_what_was_reached_in_the_running_day_and_month_is_told_once(database: Database) -> None:
    yesterday, today, last_month = date(2026, 11, 30), date(2026, 12, 1), date(2026, 11, 1)
    await noted(
        database, ("day", yesterday, "total", 100), ("month", last_month, "total", 80), ("day", today, "total", 80)
    )
    [first] = await told(database)
    assert "80 % бюджета Claude на сегодня" in first
    assert "80 % of the Claude budget for today" in first
    assert "ждёт" in first
    assert await told(database) == [first]
    await noted(database, ("month", today, "analysis.batch", 100))
    assert len(await told(database)) == 2
    assert "for this month (analysis.batch)" in (await told(database))[1]


async def test_nothing_reached_nothing_told(database: Database) -> None:
    assert await told(database) == []
