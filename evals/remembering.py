"""A door to the model that pays for no request twice, and not beyond what a command may cost.

A request is known by the hash of all that is sent. Replies are kept masked, and go with the messages that were sent in them.
"""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from core.db.models import EvalReply
from core.db.session import Database
from core.errors import ModelCallError, OtklikError
from core.llm.calls import Call, Citation, Reply, Usage
from core.llm.errors import BudgetExhausted, CallFailed, HeldBack, NotAuthorised, UnpricedModel
from core.llm.gateway import Gateway, ReplyStream
from core.privacy.masker import Masker
from core.privacy.types import RawText
from evals.keeping import is_whole


class NotAsked(OtklikError):
    """The model is not asked any more: the money is used up, the key is refused, or nobody knows the price. What was measured
    is kept."""


class CaseFailed(OtklikError):
    """The model did not answer this case: it is left out, and tried when the run is continued.

    No `ModelCallError`, for which a quotation would be given instead: that would measure something else.
    """


class Allowance:
    """What one command may cost. What a call costs at most is set aside before it, and put right after it, so that calls at the
    same time do not exceed it together."""

    def __init__(self, limit: Decimal | None) -> None:
        """`limit`: US dollars; None: what the installation's own budgets allow."""
        self._limit = limit
        self._reserved = Decimal(0)
        self._settled = asyncio.Condition()
        self.spent = Decimal(0)

    async def pay(self, gateway: Gateway, call: Call) -> Reply:
        """Ask. Waits while others hold money that they may not need.

        Raises:
            NotAsked: there is not so much left.
            ModelCallError: there was no reply.
        """
        cost = most = gateway.most(call)  # of a call that is cut off nobody knows more
        await self._reserve(most)
        try:
            reply = await gateway.complete(call)
            cost = reply.cost_usd
        except ModelCallError as error:
            cost = Decimal(0) if _cost_nothing(error) else most
            raise
        finally:
            await self._settle(most, cost)
        return reply

    async def _reserve(self, most: Decimal) -> None:
        async with self._settled:
            while self._limit is not None and self.spent + self._reserved + most > self._limit:
                if not self._reserved:
                    raise NotAsked(
                        f"The command may cost ${self._limit:.2f}; ${self.spent:.4f} of it is spent, and the next request may "
                        f"cost ${most:.4f}. Run the same command again to go on from here, or give it a higher --budget."
                    )
                await self._settled.wait()
            self._reserved += most

    async def _settle(self, most: Decimal, cost: Decimal) -> None:
        async with self._settled:
            self._reserved -= most
            self.spent += cost
            self._settled.notify_all()


def _cost_nothing(error: ModelCallError) -> bool:
    if isinstance(error, CallFailed):
        return error.free or not error.sent
    return isinstance(error, (BudgetExhausted, HeldBack))


@dataclass
class Remembering:
    """The door for one case. Written replies pass through it whole."""

    gateway: Gateway
    database: Database
    masker: Masker
    allowance: Allowance
    case_id: str
    sample: int
    """Which of a case's answers this is: the second one is another draw, and paid for."""
    fresh: bool
    """Pay again, and remember the new reply."""
    paid_usd: Decimal = Decimal(0)
    """So far; for remembered replies nothing."""
    saved_ms: int = 0
    """How long the remembered replies took when they were written."""
    taken_out: int = 0
    """Pieces of personal data in what the model wrote."""
    _given: set[str] = field(default_factory=set)
    """What the model has been given of the history."""
    _marks: list[str] = field(default_factory=list)
    """The requests of this door that asked for an object."""

    async def complete(self, call: Call) -> Reply:
        """The remembered reply to this very request, or a new one. Its cost is what was once paid for it.

        Raises:
            CaseFailed: the model did not reply.
            NotAsked: it was not asked.
        """
        key = key_of(call, self.sample)
        self._given.update(one for result in call.results for one in result.made_of)
        if call.schema is not None:
            self._marks.append(key)
        kept = None if self.fresh else await self._remembered(key)
        if kept is not None:
            self.taken_out += kept["taken_out"]
            self.saved_ms += kept["latency_ms"]
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

    async def forget_marks(self) -> None:
        """Forget the replies that should have been objects."""
        async with self.database.transaction() as session:
            await session.execute(delete(EvalReply).where(EvalReply.key.in_(self._marks)))

    async def _paid(self, call: Call) -> Reply:
        try:
            reply = await self.allowance.pay(self.gateway, call)
        except (BudgetExhausted, NotAuthorised, UnpricedModel) as error:
            raise NotAsked(str(error)) from error
        except ModelCallError as error:
            raise CaseFailed(str(error)) from error
        self.paid_usd += reply.cost_usd
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
        "cost_usd": str(reply.cost_usd),
        "latency_ms": reply.latency_ms,
    }


def _reply(kept: Mapping[str, Any], call: Call) -> Reply:
    """As it was. Where in the text a source was cited is not kept: nobody marks that."""
    cited = [(index, call.results[index]) for index in kept["cites"]]
    return Reply(
        text=kept["text"],
        citations=tuple(Citation(index, one.source, one.texts[0], 0, len(kept["text"])) for index, one in cited),
        dropped_citations=kept["dropped_citations"],
        stop_reason=kept["stop_reason"],
        usage=Usage(),
        cost_usd=Decimal(kept["cost_usd"]),
        model=call.model,
        prompt=call.prompt.reference,
        call_id=UUID(kept["call_id"]),
        latency_ms=kept["latency_ms"],
    )
