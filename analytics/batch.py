"""The batch lane: chats are cut into windows, and the windows are read."""

from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from analytics import queue
from analytics.analysis import local
from analytics.analysis.naming import QuestionWords
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

    async def step(self) -> bool:
        """Read one window, if one waits; whether one did."""
        async with self._database.transaction() as session:
            held = await queue.claim(session, AnalysisWindow, datetime.now(UTC))
        if held is None:
            return False
        async with holding(self._database, held):
            try:
                await self._read(held)
            except (ModelCallError, MaskingError) as error:
                await self._failed(held, error)
        return True

    async def _read(self, held: AnalysisWindow) -> None:
        async with self._database.reading() as session:
            reading = await window_reading(session, held.window_id)
        found = await self._found(held, reading)
        vectors = await vectors_of(self._embedder, [topic.name for topic in found.topics])
        async with self._database.transaction() as session:
            stored = await store_window(session, held, found, vectors, datetime.now(UTC))
        if stored:
            ANALYSED.labels("window", found.analysed_by).inc()

    async def _found(self, held: AnalysisWindow, reading: Reading) -> WindowFindings:
        if is_trivial((message.is_staff, message.text) for message in reading.messages):
            return WindowFindings(analysed_by="rule")
        if self._analyst is not None and held.live:
            return await self._analyst.analyse(reading, await self._offered(held.chat_id, reading))
        async with self._database.reading() as session:
            questions = await recent_questions(session, held.chat_id, QUESTIONS)
        return local.window_findings(reading, QuestionWords(questions))

    async def _offered(self, chat_id: int, reading: Reading) -> list[MaskedText]:
        async with self._database.reading() as session:
            topics = await known_topics(session, chat_id)
        if len(topics.names) <= OFFERED:
            return list(topics.names)
        said = [one.text for one in reading.messages if not one.is_staff and is_substantive(one.text)]
        return list(topics.nearest_names(await self._embedder.aget_query_embedding(" ".join(said)[:GIST])))

    async def _failed(self, held: AnalysisWindow, error: ModelCallError | MaskingError) -> None:
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
