"""The batch lane: chats are cut into windows, and the windows are read."""

from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from analytics import queue
from analytics.analysis import local
from analytics.analysis.naming import ChatWords
from analytics.analysis.windows import WindowAnalyst
from analytics.failures import Retry, SetAside, Wait, what_now
from analytics.findings import WindowFindings
from analytics.holding import holding
from analytics.loading import recent_questions, window_reading
from analytics.reading import Reading
from analytics.storing import store_window
from analytics.topics import OFFERED, known_topics, vectors_of
from analytics.trivial import is_trivial
from analytics.windows import cut_due
from core.db.models import AnalysisWindow
from core.db.session import Database
from core.domain.text import is_substantive
from core.embeddings.base import UnitEmbedding
from core.errors import MaskingError, ModelCallError
from core.metrics import ANALYSED, SET_ASIDE
from core.privacy.types import MaskedText
from core.rules import Rules

log = structlog.get_logger(__name__)

QUESTIONS = 500
"""Latest questions of a chat whose words name a topic where no model does."""
GIST = 800
"""Characters of what clients say in a window, by which the topics to be offered are chosen."""


class BatchLane:
    """Cuts and reads."""

    def __init__(
        self, database: Database, embedder: UnitEmbedding, analyst: WindowAnalyst | None, rules: Callable[[], Rules]
    ) -> None:
        """`analyst`: None means no key; then rules read the windows."""
        self._database = database
        self._embedder = embedder
        self._analyst = analyst
        self._rules = rules

    async def cut(self) -> bool:
        """Cut what is due; whether anything was."""
        return await cut_due(self._database, self._rules().batch, datetime.now(UTC)) > 0

    @property
    def in_bulk(self) -> bool:
        """Whether windows go to the model in the vendor's batches: see `analytics.bulk`."""
        return self._analyst is not None and self._rules().batch.api == "batches"

    async def step(self) -> bool:
        """Read one window, if one waits; whether one did."""
        if self.in_bulk:
            return False
        async with self._database.transaction() as session:
            held = await queue.claim(session, AnalysisWindow, datetime.now(UTC))
        if held is None:
            return False
        async with holding(self._database, held):
            try:
                await self._read(held)
            except (ModelCallError, MaskingError) as error:
                await self.failed(held, error)
        return True

    async def _read(self, held: AnalysisWindow) -> None:
        async with self._database.reading() as session:
            reading = await window_reading(session, held.window_id)
        await self.store(held, await self._found(held, reading))

    async def store(self, held: AnalysisWindow, found: WindowFindings) -> None:
        """Store what was found, if nothing it rests on has changed meanwhile."""
        vectors = await vectors_of(self._embedder, [topic.name for topic in found.topics])
        rules = self._rules()
        cards = rules.batch.cards if rules.access.staff_chat else 0
        async with self._database.transaction() as session:
            stored = await store_window(session, held, found, vectors, datetime.now(UTC), cards=cards)
        if stored:
            ANALYSED.labels("window", found.analysed_by).inc()

    async def _found(self, held: AnalysisWindow, reading: Reading) -> WindowFindings:
        if self._analyst is None or not needs_model(held, reading):
            return await self.by_rules(held, reading)
        return await self._analyst.analyse(held.chat_id, reading, await self.offered(held.chat_id, reading))

    async def by_rules(self, held: AnalysisWindow, reading: Reading) -> WindowFindings:
        """What can be said of a window without a model."""
        if _is_trivial(reading):
            return WindowFindings(analysed_by="rule")
        async with self._database.reading() as session:
            questions = await recent_questions(session, held.chat_id, QUESTIONS)
            topics = await known_topics(session, held.chat_id)
        return local.window_findings(reading, ChatWords(questions, topics.all_names))

    async def offered(self, chat_id: int, reading: Reading) -> list[MaskedText]:
        """The names of the chat's topics that the window may be about."""
        async with self._database.reading() as session:
            topics = await known_topics(session, chat_id)
        if len(topics.names) <= OFFERED:
            return list(topics.names)
        said = [one.text for one in reading.messages if not one.is_staff and is_substantive(one.text)]
        return list(topics.nearest_names(await self._embedder.aget_query_embedding(" ".join(said)[:GIST])))

    async def failed(self, held: AnalysisWindow, error: ModelCallError | MaskingError) -> None:
        """Let a window wait, be tried again, or be set aside, as the error says."""
        now = datetime.now(UTC)
        async with self._database.transaction() as session:
            match what_now(error, held.tries):
                case Wait(pause):
                    await queue.wait(session, held, now + pause)
                    log.warning(
                        "a window waits", window_id=str(held.window_id), seconds=pause.seconds, error=str(error)
                    )
                case Retry(pause):
                    await queue.retry(session, held, now + pause, str(error))
                    log.warning("a window failed", window_id=str(held.window_id), tries=held.tries, error=str(error))
                case SetAside():
                    await queue.set_aside(session, held, str(error))
                    SET_ASIDE.inc()
                    log.error("a window was set aside", window_id=str(held.window_id), error=str(error))


def needs_model(held: AnalysisWindow, reading: Reading) -> bool:
    """Whether the window is worth a call: it is no history, and a client says something in it."""
    return held.live and not _is_trivial(reading)


def _is_trivial(reading: Reading) -> bool:
    return is_trivial((message.is_staff, message.text) for message in reading.messages)
