"""The fast lane: an urgent message is read at once, with its thread, and staff is told."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from sqlalchemy import delete

from analytics import queue, telling, urgent
from analytics.analysis import local
from analytics.analysis.messages import MessageAnalyst
from analytics.findings import MessageFindings
from analytics.holding import holding
from analytics.loading import thread_reading
from analytics.reading import Reading
from analytics.storing import store_message
from core.contracts.streams import RESPONSES
from core.db.models import Appraisal
from core.db.session import Database
from core.domain.access import AccessScope
from core.embeddings.base import UnitEmbedding
from core.errors import MaskingError, ModelCallError
from core.index.search import search
from core.metrics import ANALYSED
from core.rules import Rules
from core.streams.publisher import Publisher

log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 20.0
"""For the model, retries and waits included: an alarm that comes late is none. A reply takes three to five seconds."""
HISTORY = 3
"""Past answers that a suggestion may be drawn from. The right one is among the first three for nine of ten questions."""


class FastLane:
    """Notices, reads, tells."""

    def __init__(
        self,
        database: Database,
        embedder: UnitEmbedding,
        publisher: Publisher,
        analyst: MessageAnalyst | None,
        rules: Callable[[], Rules],
    ) -> None:
        """`analyst`: None means no key; then rules read the messages."""
        self._database = database
        self._embedder = embedder
        self._publisher = publisher
        self._analyst = analyst
        self._rules = rules

    async def notice(self) -> bool:
        """Queue what is urgent and new; whether there was any."""
        async with self._database.transaction() as session:
            return await urgent.notice(session, datetime.now(UTC)) > 0

    async def step(self) -> bool:
        """Read one message, if one waits; whether one did."""
        async with self._database.transaction() as session:
            held = await queue.claim(session, Appraisal, datetime.now(UTC), Appraisal.window_id.is_(None))
        if held is None:
            return False
        async with holding(self._database, held):
            await self._read(held)
        return True

    async def tell(self) -> bool:
        """Put into the stream what staff has still to be told, by this lane or by windows; whether there was anything."""
        async with self._database.reading() as session:
            needed = await telling.untold(session)
        if not needed:
            return False
        await self._publisher.publish(RESPONSES, needed)
        async with self._database.transaction() as session:
            await telling.told(session, needed)
        return True

    async def _read(self, held: Appraisal) -> None:
        async with self._database.reading() as session:
            thread = await thread_reading(session, held.chat_id, held.message_id)
        if not thread.messages:
            await self._forget(held)
            return
        found = await self._found(held, thread)
        async with self._database.transaction() as session:
            wanted = self._rules().access.staff_chat != 0 and await telling.is_news(session, held)
            stored = await store_message(session, held, found, datetime.now(UTC), tell=wanted)
        if stored:
            ANALYSED.labels("message", found.analysed_by).inc()
            await self.tell()

    async def _found(self, held: Appraisal, thread: Reading) -> MessageFindings:
        """By the model, or by rules where it does not answer in time."""
        if self._analyst is not None:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    return await self._by_model(self._analyst, held, thread)
            except (ModelCallError, MaskingError, TimeoutError) as error:
                log.warning("an urgent message is read by rules", error=str(error) or "the model took too long")
        return local.message_findings(thread, held.message_id)

    async def _by_model(self, analyst: MessageAnalyst, held: Appraisal, thread: Reading) -> MessageFindings:
        asked = next(said.text for said in thread.messages if said.message_id == held.message_id)
        vector = await self._embedder.aget_query_embedding(asked)
        async with self._database.reading() as session:
            hits = await search(session, AccessScope.client(held.chat_id), asked, vector, HISTORY + 1)
        # Its own unit, with the question itself, is always the nearest.
        history = [hit for hit in hits if held.message_id not in hit.message_ids][:HISTORY]
        return await analyst.analyse(held.chat_id, thread, held.message_id, history)

    async def _forget(self, held: Appraisal) -> None:
        """The message was deleted meanwhile."""
        its_own = (Appraisal.chat_id == held.chat_id, Appraisal.message_id == held.message_id)
        async with self._database.transaction() as session:
            await session.execute(delete(Appraisal).where(*its_own))
