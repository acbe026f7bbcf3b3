"""What `otklik status` says of money: what is spent, what is only reserved, what was never settled, for what."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import update

from core.db.models import ModelCall
from core.db.session import Database
from core.llm.budget import Budgets, Limits
from core.llm.calls import Call, Purpose, Usage
from core.llm.ledger import Ledger, Purse, Settlement
from core.llm.prompts import PromptRegistry
from core.privacy.types import MaskedText
from core.streams.broker import connect, make_broker
from otklik.printing import status_text
from otklik.reading import status_document
from tests.analytics.scene import AT_ONCE, batch_lane, said, stored

PURSE = Purse(
    Budgets(
        day=Decimal(5), month=Decimal(50), purposes={Purpose.ANALYSIS_BATCH: Limits(day=Decimal(1), month=Decimal(10))}
    ),
    ZoneInfo("UTC"),
)


def call(purpose: Purpose) -> Call:
    prompt = PromptRegistry().load(purpose.value).fill()
    return Call(purpose=purpose, prompt=prompt, model="claude-haiku-4-5", question=MaskedText("?"))


async def opened(database: Database, purpose: Purpose, reserved: str, api: str = "messages") -> UUID:
    call_id = uuid4()
    await Ledger(database, lambda: PURSE).open(call_id, call(purpose), None, Decimal(reserved), api)
    return call_id


async def status(database: Database, redis_url: str) -> tuple[dict[str, object], str]:
    broker = make_broker(redis_url)
    async with database.reading() as session:
        document = await status_document(session, await connect(broker), PURSE)
    await broker.stop()
    return document["spend"], status_text(document)


async def test_spent_is_not_reserved_and_every_purpose_has_its_line(database: Database, redis_url: str) -> None:
    ledger = Ledger(database, lambda: PURSE)
    for purpose, price in ((Purpose.ANALYSIS_BATCH, "0.75"), (Purpose.ANALYSIS_FAST, "0.5")):
        paid = await opened(database, purpose, "0.8")
        await ledger.settle(paid, Settlement("ok", Usage(1, 1), Decimal(price), 1))
    await opened(database, Purpose.ANALYSIS_FAST, "0.25")
    spend, shown = await status(database, redis_url)
    assert (spend["today"], spend["month"], spend["reserved"], spend["unsettled"]) == (1.25, 1.25, 0.25, 0)
    assert spend["purposes"] == {
        "analysis.batch": {"today": 0.75, "month": 0.75, "budget": 10.0, "budget_today": 1.0},
        "analysis.fast": {"today": 0.5, "month": 0.5, "budget": None, "budget_today": None},
    }
    assert "spent today $1.2500 of $5.00, this month $1.2500 of $50.00; $0.2500 more is reserved" in shown
    assert "  analysis.batch: today $0.7500 of $1.00, this month $0.7500 of $10.00" in shown
    assert "50 % of the analysis.batch budget of this day is used up" in shown
    assert "never settled" not in shown


async def test_a_call_whose_process_died_is_told(database: Database, redis_url: str) -> None:
    await opened(database, Purpose.ANALYSIS_FAST, "0.25")
    await opened(database, Purpose.ANALYSIS_BATCH, "0.25", "batches")
    async with database.transaction() as session:
        await session.execute(update(ModelCall).values(opened_at=datetime.now(UTC) - timedelta(hours=1)))
    spend, shown = await status(database, redis_url)
    assert spend["unsettled"] == 1, "a batch may take a day"
    assert "1 call was never settled" in shown


async def test_windows_that_are_not_analysed_are_told(database: Database, redis_url: str) -> None:
    await stored(database, *[said(n, "Не печатается чек") for n in range(1, 11)])
    await batch_lane(database, None, lambda: AT_ONCE).cut()
    _, shown = await status(database, redis_url)
    assert "analysis windows: 2 ready" in shown
