"""The vendor's message batches: half the price, for what nobody waits for.

A request has its row in the ledger, with its money reserved, before the batch is handed in; the row's id is the request's
own id at the vendor. So whatever dies in between: results are read again, a row is settled once, and a batch whose
submission was never confirmed is found by the ids in it.

What the vendor says that it has not done (errored, cancelled, expired, or in no batch that it lists) costs nothing. What it
was given and has lost, with the batch or out of its results, has a price that nobody can know: that stays reserved.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from pydantic import ValidationError

from core.llm import wire
from core.llm.calls import BatchState, Call, ListedBatch, Usage
from core.llm.errors import BudgetExhausted, CallFailed
from core.llm.estimate import most
from core.llm.ledger import Ledger, Settlement
from core.llm.prices import Price, Prices
from core.llm.reading import counted

if TYPE_CHECKING:
    from core.llm.vendor import Vendor

log = logging.getLogger(__name__)

NOTHING = Decimal(0)

CONFIRMED_WITHIN = timedelta(hours=1)
"""What no batch of the vendor's has by then was never taken: a submission that is under way ends within a minute."""
CLOCKS_DIFFER = timedelta(hours=1)
"""The vendor's batches are looked through from so long before our oldest request on."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """A batch that was handed in."""

    batch_id: str
    call_ids: Mapping[int, UUID]
    """Of the calls that there was money for, by their place in what was given."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one request."""

    text: str | None
    """None where there is no reply that can be used."""
    outcome: str
    """As in the ledger."""


class Batches:
    """Hands batches in and collects them."""

    def __init__(self, vendor: Callable[[], Awaitable["Vendor"]], ledger: Ledger, prices: Prices) -> None:
        self._vendor = vendor
        self._ledger = ledger
        self._prices = prices

    async def submit(self, calls: Sequence[Call]) -> Submitted:
        """Hand in the calls that there is money for, the first ones first.

        Raises:
            BudgetExhausted: there is none even for the first; nothing was sent.
            UnpricedModel: nothing was sent.
            CallFailed: it was not taken. Where nobody knows whether it was, its money stays reserved until
                `settle_unconfirmed` finds the batch.
        """
        opened = await self._opened(calls)
        vendor = await self._vendor()
        try:
            batch_id = await vendor.submit({call_id: calls[place] for place, call_id in opened.items()})
        except CallFailed as failure:
            if failure.free or not failure.sent:
                for call_id in opened.values():
                    await self._ledger.settle(
                        call_id, Settlement(failure.outcome, Usage(), NOTHING, 0, error=failure.detail)
                    )
            raise
        await self._ledger.submitted(list(opened.values()), batch_id)
        return Submitted(batch_id, opened)

    async def unsettled(self) -> Sequence[str]:
        """The batches with requests of which nobody knows yet what became of them."""
        return await self._ledger.unsettled_batches()

    async def collect(self, batch_id: str) -> Mapping[UUID, Result] | None:
        """The results of a batch, each settled in the ledger; None while it is being worked on. Safe to repeat.

        What is missing among them the vendor has lost.

        Raises:
            CallFailed: they could not all be read.
        """
        vendor = await self._vendor()
        state = await vendor.state(batch_id)
        if state is BatchState.WORKING:
            return None
        known = await self._ledger.submissions(batch_id)
        found: dict[UUID, Result] = {}
        async for name, result in _results(vendor, batch_id, state):
            call_id = _call_id(name)
            if call_id is None or call_id not in known:
                log.warning("The batch %s has a request of somebody else's.", batch_id)
                continue
            model, opened_at = known[call_id]
            price = self._prices.at(model, opened_at.astimezone(UTC).date())
            found[call_id], settlement = _settled(result, price, opened_at)
            await self._ledger.settle(call_id, settlement)
        for call_id in known.keys() - found.keys():
            await self._ledger.settle(call_id, _lost(known[call_id].opened_at, None, f"{batch_id} has no result of it"))
        return found

    async def settle_unconfirmed(self) -> None:
        """Find the batches whose submission was never confirmed, and settle what they cost. Their results are not used:
        whoever wanted them has asked again since.

        Raises:
            CallFailed: they could not be read.
        """
        waiting = await self._ledger.unconfirmed()
        if not waiting:
            return
        vendor = await self._vendor()
        since = min(waiting.values()) - CLOCKS_DIFFER
        unknown = [one async for one in vendor.batches_since(since) if not await self._ledger.submissions(one.batch_id)]
        found: set[UUID] = set()
        for one in unknown:
            names = {_call_id(name) async for name, _ in _results(vendor, one.batch_id, one.state)}
            if ours := [call_id for call_id in waiting if call_id in names]:
                await self._ledger.submitted(ours, one.batch_id)
                await self.collect(one.batch_id)
                found.update(ours)
        for call_id, opened_at in waiting.items():
            if call_id not in found and _never_taken(opened_at, unknown):
                await self._ledger.settle(call_id, _lost(opened_at, NOTHING, "no batch has it: it was never taken"))

    async def _opened(self, calls: Sequence[Call]) -> dict[int, UUID]:
        opened: dict[int, UUID] = {}
        for place, call in enumerate(calls):
            price = self._prices.at(call.model, datetime.now(UTC).date())
            call_id = uuid4()
            try:
                await self._ledger.open(call_id, call, None, _discounted(most(call, price), price), api="batches")
            except BudgetExhausted:
                if not opened:
                    raise
                break
            opened[place] = call_id
        return opened


async def _results(vendor: "Vendor", batch_id: str, state: BatchState) -> AsyncIterator[tuple[str, Mapping[str, Any]]]:
    """What can be read of a batch: nothing, unless it has ended and is still there."""
    if state is BatchState.ENDED:
        async for one in vendor.results(batch_id):
            yield one


def _never_taken(opened_at: datetime, unknown: Sequence[ListedBatch]) -> bool:
    """Whether no batch can have a request any more. One that is being worked on tells whose it is only at its end."""
    until = opened_at + CONFIRMED_WITHIN
    working = any(one.state is BatchState.WORKING and one.made_at < until for one in unknown)
    return datetime.now(UTC) > until and not working


def _lost(opened_at: datetime, price: Decimal | None, why: str) -> Settlement:
    return Settlement("unavailable", Usage(), price, _since(opened_at), error=why)


def _since(opened_at: datetime) -> int:
    return round((datetime.now(UTC) - opened_at).total_seconds() * 1000)


_ENDS = {"end_turn": "ok", "stop_sequence": "ok", "refusal": "refused"}
_WITHOUT_REPLY = {"errored": "rejected", "canceled": "cancelled", "expired": "expired"}


def _settled(result: Mapping[str, Any], price: Price, opened_at: datetime) -> tuple[Result, Settlement]:
    took = _since(opened_at)
    kind = str(result.get("type"))
    if kind in _WITHOUT_REPLY:
        error = str(result.get("error") or kind)
        return Result(None, _WITHOUT_REPLY[kind]), Settlement(_WITHOUT_REPLY[kind], Usage(), NOTHING, took, error=error)
    try:
        message = wire.WholeMessage.model_validate(result.get("message"))
    except ValidationError:
        return Result(None, "broken"), Settlement("broken", Usage(), None, took, error=f"a result that is {kind}")
    usage = counted(Usage(), message.usage)
    if None in (message.usage.input_tokens, message.usage.output_tokens) and not price.is_free:
        return Result(None, "broken"), Settlement("broken", usage, None, took, error="no usage was announced")
    outcome = _ENDS.get(message.stop_reason or "", "truncated")
    settlement = Settlement(outcome, usage, _discounted(price.of(usage), price), took)
    return Result(message.text if outcome == "ok" else None, outcome), settlement


def _discounted(amount: Decimal, price: Price) -> Decimal:
    return amount * (1 - price.batch_discount)


def _call_id(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None
