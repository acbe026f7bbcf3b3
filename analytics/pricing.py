"""What reading one message costs in each lane: by the ledger, or estimated where it has nothing yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

from sqlalchemy import text

from core.db.session import ReadSession
from core.llm.calls import Purpose, Usage
from core.llm.prices import Price, Prices
from core.llm.prompts import PromptRegistry
from core.rules import BatchRules

CHARACTERS = Decimal("2.8")
"""Of Russian to a token; English has four. For an estimate one takes the dearer."""
AROUND = 45
"""Tokens that a message costs beside its text: number, time, who."""
FAST_READ, FAST_WRITTEN = 1_200, 250
"""Tokens of a thread with three past answers, and of the reply."""
BATCH_WRITTEN = 20
"""Tokens of the reply for each message of a window."""

_PAID = text("""
    SELECT
        (SELECT avg(price) FROM model_calls WHERE purpose = 'analysis.fast' AND outcome = 'ok' AND opened_at >= :since)
            AS fast,
        (SELECT sum(price) FROM model_calls WHERE purpose = 'analysis.batch' AND opened_at >= :since) AS windows,
        (SELECT count(*) FROM messages m JOIN analysis_windows w USING (window_id)
            WHERE w.live AND w.analysed_at >= :since AND w.analysed_by IN ('model', 'rule')) AS read
""")


@dataclass(frozen=True, slots=True)
class LanePrice:
    """US dollars for one message, and where the figure is from."""

    dollars: Decimal
    source: Literal["ledger", "estimate"]


async def lane_prices(
    session: ReadSession, since: datetime, prices: Prices, model: str, rules: BatchRules, characters: float
) -> Mapping[str, LanePrice]:
    """The price of a message in the lanes `fast` and `batch`. `rules`: of the windows, which are taken to be full;
    `characters`: of a message.

    Raises:
        UnpricedModel: nobody knows what the model costs.
    """
    paid = (await session.execute(_PAID, {"since": since})).one()
    price = prices.at(model, datetime.now(UTC).date())
    fast = LanePrice(paid.fast, "ledger") if paid.fast is not None else LanePrice(_of_urgent(price), "estimate")
    if paid.windows is not None and paid.read:
        return {"fast": fast, "batch": LanePrice(paid.windows / paid.read, "ledger")}
    share = 1 - price.batch_discount if rules.api == "batches" else Decimal(1)
    window = _of_window(price, rules.messages, characters) * share
    return {"fast": fast, "batch": LanePrice(window / rules.messages, "estimate")}


def _of_urgent(price: Price) -> Decimal:
    return _of(price, _prompt(Purpose.ANALYSIS_FAST) + FAST_READ, FAST_WRITTEN)


def _of_window(price: Price, messages: int, characters: float) -> Decimal:
    read = _prompt(Purpose.ANALYSIS_BATCH) + messages * (AROUND + Decimal(characters) / CHARACTERS)
    return _of(price, read, BATCH_WRITTEN * messages)


def _prompt(purpose: Purpose) -> Decimal:
    """Its tokens."""
    return Decimal(len(PromptRegistry().load(purpose.value).fill().system)) / CHARACTERS


def _of(price: Price, read: Decimal, written: int) -> Decimal:
    return price.of(Usage(input_tokens=round(read), output_tokens=written))
