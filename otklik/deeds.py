"""What the dashboard may change, put together from where each is done (`dashboard.deeds`)."""

from collections.abc import Sequence
from uuid import UUID

import structlog

from assistant.filling import fill
from core.contracts.streams import UNITS
from core.domain.access import AccessScope
from core.errors import BadInput, Unavailable
from core.streams.dead_letters import resend
from dashboard.access import Visitor
from dashboard.deeds import Deeds, Filling, only_admins
from evals import candidates
from evals.candidates import Edited
from otklik.wiring import Runtime

log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 3.0
"""A visitor waits. What is not in the stream by then is found by its words, and by its meaning once the store role starts."""


def deeds_of(parts: Runtime) -> Deeds:
    """The deeds on this process's writing database."""
    doer = _Doer(parts)
    return Deeds(
        accept_case=doer.accept_case,
        reject_case=doer.reject_case,
        edit_case=doer.edit_case,
        resend=doer.resend,
        fill_gap=doer.fill_gap,
    )


class _Doer:
    def __init__(self, parts: Runtime) -> None:
        self._parts = parts

    async def accept_case(self, visitor: Visitor, case_id: UUID) -> None:
        only_admins(visitor)
        async with self._parts.database.transaction() as session:
            await candidates.accept(session, case_id, visitor.name)

    async def reject_case(self, visitor: Visitor, case_id: UUID) -> None:
        only_admins(visitor)
        async with self._parts.database.transaction() as session:
            await candidates.reject(session, case_id, visitor.name)

    async def edit_case(self, visitor: Visitor, case_id: UUID, changed: Edited) -> None:
        only_admins(visitor)
        async with self._parts.database.transaction() as session:
            await candidates.edit(session, case_id, changed, self._parts.masked)

    async def resend(self, visitor: Visitor, letter_ids: Sequence[int]) -> int:
        only_admins(visitor)
        async with self._parts.database.transaction() as session:
            return await resend(session, self._parts.redis, letter_ids)

    async def fill_gap(self, visitor: Visitor, scope: AccessScope, filling: Filling) -> None:
        if not filling.words.strip():
            raise BadInput("Write the answer first.")
        words, by = (
            self._parts.masked(filling.words.strip()),
            self._parts.pseudonyms.person(f"dashboard:{visitor.name}"),
        )
        async with self._parts.database.transaction() as session:
            changed = await fill(session, filling.answer_id, words, by=by, scope=scope, chat_id=filling.chat_id)
        try:
            await self._parts.publisher(PATIENCE_SECONDS).publish(UNITS, [changed])
        except Unavailable:
            log.warning("redis is away: a vetted answer is found by its words alone until the store role starts again")
