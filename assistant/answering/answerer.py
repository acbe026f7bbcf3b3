"""The use case: a question and who asks it in, an answer with its sources out."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt

from assistant.answering.condensing import Condenser
from assistant.answering.drafting import Draft, Writer
from assistant.answering.finding import Finder, Findings
from assistant.answering.inquiry import Inquiry
from assistant.answering.means import Means, MeansOf
from assistant.answering.recording import SourceGone, record
from assistant.answering.results import AnswerResult, Citation, Settle, Words
from assistant.answering.stopwatch import Stopwatch
from assistant.retrieval.retriever import UnitRetriever
from core.db.session import Database
from core.domain.access import AccessScope
from core.domain.language import Language, language_of
from core.embeddings.base import UnitEmbedding
from core.index.records import Hit
from core.llm.gateway import Door
from core.llm.prompts import PromptRegistry
from core.privacy.masker import Masker
from core.privacy.types import MaskedText, RawText

TRIES = 3
"""Of an answer whose source is deleted while it is written. Another answer is found then, or none."""


@dataclass(frozen=True, slots=True)
class Composed:
    """An answer as it would be given, and what it came of."""

    found: Findings
    draft: Draft
    means: Means
    language: Language
    said: MaskedText
    """What was written or quoted, masked."""
    citations: Sequence[Citation]
    latency_ms: Mapping[str, int]

    @property
    def text(self) -> MaskedText:
        """All of it: a quotation behind the line that tells where it is from."""
        return MaskedText(self.draft.lead + self.said)

    @property
    def cost_usd(self) -> Decimal:
        """Of the answer and of understanding the question."""
        reply = self.draft.reply
        return self.found.understood.cost_usd + (reply.cost_usd if reply else Decimal(0))


class Answerer:
    """Answers questions from the history that the asker may see."""

    def __init__(
        self,
        *,
        database: Database,
        embedder: UnitEmbedding,
        masker: Masker,
        gateway: Door | None,
        prompts: PromptRegistry,
        model: str,
    ) -> None:
        """`gateway`: None means no key: answers are quoted instead of written."""
        self._database = database
        self._embedder = embedder
        self._masker = masker
        self._finder = Finder(database, embedder, Condenser(gateway, prompts, model, masker) if gateway else None)
        self._means = MeansOf(database, prompts, model)
        self._writer = Writer(gateway, masker)

    async def search(self, question: RawText, scope: AccessScope, limit: int) -> Sequence[Hit]:
        """The units that fit a question best. The question is masked first."""
        retriever = UnitRetriever(database=self._database, embedder=self._embedder, scope=scope, limit=limit)
        return await retriever.hits(await self._masked(question))

    async def ask(self, question: RawText, scope: AccessScope, *, channel: str) -> AnswerResult:
        """Mask a question that stands alone, and answer it.

        Raises:
            MaskingError: the question could not be masked; nothing of it was stored or sent.
            SourceGone: whatever it could be answered from is being deleted.
            Unavailable: PostgreSQL does not answer.
        """
        watch = Stopwatch()
        masked = await self._masked(question)
        watch.lap("mask")
        return await self._answer(Inquiry(question=masked, scope=scope), channel, None, None, watch)

    async def answer(
        self, inquiry: Inquiry, *, channel: str, words: Words | None = None, settle: Settle | None = None
    ) -> AnswerResult:
        """Answer a question, and record what was answered and on which units it rests.

        `words`: is told the answer while the model writes it; never called where it is quoted or refused. `settle`: is
        called in the transaction of the record, so that no answer is kept that nobody knows the asker of.

        Raises:
            MaskingError: what the model wrote could not be masked.
            SourceGone: whatever it could be answered from is being deleted.
            Unavailable: PostgreSQL does not answer.
            Exception: of `settle`.
        """
        return await self._answer(inquiry, channel, words, settle, Stopwatch())

    async def compose(self, inquiry: Inquiry) -> Composed:
        """The answer that would be given, which nobody is given: it is not recorded.

        Raises:
            MaskingError: what the model wrote could not be masked.
            Unavailable: PostgreSQL does not answer.
        """
        return await self._composed(inquiry, None, Stopwatch())

    async def _answer(
        self, inquiry: Inquiry, channel: str, words: Words | None, settle: Settle | None, watch: Stopwatch
    ) -> AnswerResult:
        attempts = AsyncRetrying(
            retry=retry_if_exception_type(SourceGone), stop=stop_after_attempt(TRIES), reraise=True
        )
        return await attempts(self._once, inquiry, channel, words, settle, watch)

    async def _once(
        self, inquiry: Inquiry, channel: str, words: Words | None, settle: Settle | None, watch: Stopwatch
    ) -> AnswerResult:
        composed = await self._composed(inquiry, words, watch)
        reply = composed.draft.reply
        async with self._database.transaction() as session:
            answer_id = await record(
                session,
                inquiry=inquiry,
                answer=composed.text,
                language=composed.language,
                found=composed.found,
                draft=composed.draft,
                means=composed.means,
                citations=composed.citations,
                channel=channel,
                latency_ms=composed.latency_ms,
            )
            result = AnswerResult(
                answer_id=answer_id,
                answer=composed.text,
                said=composed.said,
                refused=composed.draft.refused,
                language=composed.language,
                citations=composed.citations,
                prompt=reply.prompt if reply else None,
                model=reply.model if reply else None,
                cost_usd=composed.cost_usd,
                latency_ms=watch.total(),
            )
            if settle is not None:
                await settle(session, result)
        return result

    async def _composed(self, inquiry: Inquiry, words: Words | None, watch: Stopwatch) -> Composed:
        found = await self._finder.find(inquiry)
        watch.lap("retrieve")
        language = language_of(inquiry.question)
        means = await self._means(inquiry)
        draft = await self._writer.draft(found, language, means, inquiry.purpose, words)
        said = await self._masked(RawText(draft.text))
        watch.lap("answer")
        citations = [] if draft.refused else [Citation.of(hit) for hit in draft.used]
        return Composed(found, draft, means, language, said, citations, watch.total())

    async def _masked(self, text: RawText) -> MaskedText:
        """Not on the event loop: a long answer takes tenths of a second."""
        return (await asyncio.to_thread(self._masker.mask, text)).text
