"""A door to the model that pays for no request twice, and not beyond what the run may cost.

A request is known by the hash of all that is sent. Replies are kept masked, and go with the messages that were sent in them.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from core.db.models import EvalReply
from core.db.session import Database
from core.errors import ModelCallError, OtklikError
from core.llm.calls import Call, Citation, Reply, Usage
from core.llm.errors import BudgetExhausted
from core.llm.gateway import Gateway, ReplyStream
from core.privacy.masker import Masker
from core.privacy.types import RawText
from evals.keeping import is_whole


class OutOfMoney(OtklikError):
    """The run has cost what it may, or the installation has. What was measured is kept."""


class CaseFailed(OtklikError):
    """The model did not answer this case: it is left out, and tried when the run is continued.

    No `ModelCallError`, for which a quotation would be given instead: that would measure something else.
    """


class RunBudget:
    """What a run may cost. What a call costs at most is set aside before it, and put right after it, so that calls at the same
    time do not exceed it together."""

    def __init__(self, limit: Decimal | None) -> None:
        """`limit`: US dollars; None: what the installation's own budgets allow."""
        self._limit = limit
        self._reserved = Decimal(0)
        self._settled = asyncio.Condition()
        self.spent = Decimal(0)

    @asynccontextmanager
    async def reserved(self, most: Decimal) -> AsyncIterator[list[Decimal]]:
        """Room for a call that costs at most so much; what is put into the list is what it cost. Waits while others hold
        money that they may not need.

        Raises:
            OutOfMoney: there is not so much left.
        """
        async with self._settled:
            while self._limit is not None and self.spent + self._reserved + most > self._limit:
                if not self._reserved:
                    raise OutOfMoney(
                        f"The run may cost ${self._limit:.2f}; ${self.spent:.4f} of it is spent, and the next request may "
                        f"cost ${most:.4f}. Run the same command with a higher --budget to go on from here."
                    )
                await self._settled.wait()
            self._reserved += most
        cost: list[Decimal] = []
        try:
            yield cost
        finally:
            async with self._settled:
                self._reserved -= most
                self.spent += cost[0] if cost else most  # of a call that failed nobody knows
                self._settled.notify_all()


@dataclass
class Remembering:
    """The door for one case. Written replies pass through it whole."""

    gateway: Gateway
    database: Database
    masker: Masker
    budget: RunBudget
    case_id: str
    sample: int
    """Which of a case's answers this is: the second one is another draw, and paid for."""
    fresh: bool
    """Pay again, and remember the new reply."""
    cost_usd: Decimal = Decimal(0)
    """Paid so far."""
    taken_out: int = 0
    """Pieces of personal data in what the model wrote."""
    _given: set[str] = field(default_factory=set)
    """What the model has been given of the history."""

    async def complete(self, call: Call) -> Reply:
        """The remembered reply to this very request, or a new one.

        Raises:
            CaseFailed: the model did not reply.
            OutOfMoney: it was not asked.
        """
        key = key_of(call, self.sample)
        self._given.update(one for result in call.results for one in result.made_of)
        kept = None if self.fresh else await self._remembered(key)
        if kept is not None:
            self.taken_out += kept["taken_out"]
            return _reply(kept, call)
        reply = await self._paid(call)
        masked = self.masker.mask(RawText(reply.text))
        reply = replace(reply, text=masked.text)
        self.taken_out += len(masked.spans)
        await self._remember(key, reply, len(masked.spans))
        return reply

    def stream(self, call: Call) -> AbstractAsyncContextManager[ReplyStream]:
        """Nobody reads an eval's answers while they are written."""
        raise NotImplementedError("An eval asks for whole replies.")

    async def _paid(self, call: Call) -> Reply:
        async with self.budget.reserved(self.gateway.most(call)) as cost:
            try:
                reply = await self.gateway.complete(call)
            except BudgetExhausted as error:
                cost.append(Decimal(0))
                raise OutOfMoney(str(error)) from error
            except ModelCallError as error:
                raise CaseFailed(str(error)) from error
            cost.append(reply.cost_usd)
        self.cost_usd += reply.cost_usd
        return reply

    async def _remembered(self, key: str) -> Mapping[str, Any] | None:
        async with self.database.reading() as session:
            return await session.scalar(select(EvalReply.reply).where(EvalReply.key == key))

    async def _remember(self, key: str, reply: Reply, taken_out: int) -> None:
        rests_on = sorted(self._given)
        row = {
            "key": key,
            "reply": _document(reply) | {"taken_out": taken_out},
            "case_id": self.case_id,
            "rests_on": rests_on,
            "call_id": reply.call_id,
        }
        async with self.database.transaction() as session:
            if await is_whole(session, rests_on):
                await session.execute(delete(EvalReply).where(EvalReply.key == key))
                await session.execute(insert(EvalReply).values(row).on_conflict_do_nothing())


def key_of(call: Call, sample: int) -> str:
    """Names a request by all that decides its reply. Ids of sources are not among that: they are only names."""
    sent = {
        "model": call.model,
        "system": call.prompt.system,
        "max_tokens": call.max_tokens or call.prompt.max_tokens,
        "question": call.question,
        "results": [[result.title, *result.texts] for result in call.results],
        "schema": call.schema,
        "sample": sample,
    }
    return hashlib.sha256(json.dumps(sent, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _document(reply: Reply) -> dict[str, Any]:
    return {
        "text": reply.text,
        "cites": [citation.index for citation in reply.citations],
        "dropped_citations": reply.dropped_citations,
        "stop_reason": reply.stop_reason,
        "call_id": str(reply.call_id),
    }


def _reply(kept: Mapping[str, Any], call: Call) -> Reply:
    """As it was, but for free. Where in the text a source was cited is not kept: nobody marks that."""
    cited = [(index, call.results[index]) for index in kept["cites"]]
    return Reply(
        text=kept["text"],
        citations=tuple(Citation(index, one.source, one.texts[0], 0, len(kept["text"])) for index, one in cited),
        dropped_citations=kept["dropped_citations"],
        stop_reason=kept["stop_reason"],
        usage=Usage(),
        cost_usd=Decimal(0),
        model=call.model,
        prompt=call.prompt.reference,
        call_id=kept["call_id"],
        latency_ms=0,
    )
