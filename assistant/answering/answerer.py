"""The use case: a question and who asks it in, an answer with its sources out."""

from collections.abc import Sequence
from decimal import Decimal

from assistant.answering.condensing import Condenser
from assistant.answering.drafting import Writer
from assistant.answering.finding import Finder
from assistant.answering.recording import record
from assistant.answering.results import AnswerResult, Citation, Settle, Words
from assistant.answering.stopwatch import Stopwatch
from assistant.retrieval.retriever import UnitRetriever
from assistant.turns import Turn
from core.db.session import Database
from core.domain.access import AccessScope
from core.domain.language import language_of
from core.embeddings.base import UnitEmbedding
from core.index.records import Hit
from core.llm.gateway import Gateway
from core.llm.prompts import PromptRegistry
from core.privacy.masker import Masker
from core.privacy.types import MaskedText, RawText


class Answerer:
    """Answers questions from the history that the asker may see."""

    def __init__(
        self,
        *,
        database: Database,
        embedder: UnitEmbedding,
        masker: Masker,
        gateway: Gateway | None,
        prompts: PromptRegistry,
        model: str,
    ) -> None:
        """`gateway`: None means no key: answers are quoted instead of written."""
        self._database = database
        self._embedder = embedder
        self._masker = masker
        self._finder = Finder(database, embedder, Condenser(gateway, prompts, model, masker) if gateway else None)
        self._writer = Writer(gateway, prompts, model, masker)

    async def search(self, question: RawText, scope: AccessScope, limit: int) -> Sequence[Hit]:
        """The units that fit a question best. The question is masked first."""
        retriever = UnitRetriever(database=self._database, embedder=self._embedder, scope=scope, limit=limit)
        return await retriever.hits(self._masked(question))

    async def ask(self, question: RawText, scope: AccessScope, *, channel: str) -> AnswerResult:
        """Mask a question that stands alone, and answer it.

        Raises:
            MaskingError: the question could not be masked; nothing of it was stored or sent.
            Unavailable: PostgreSQL does not answer.
        """
        watch = Stopwatch()
        masked = self._masked(question)
        watch.lap("mask")
        return await self._answer(masked, scope, channel, (), None, None, watch)

    async def answer(
        self,
        question: MaskedText,
        scope: AccessScope,
        *,
        channel: str,
        before: Sequence[Turn] = (),
        words: Words | None = None,
        settle: Settle | None = None,
    ) -> AnswerResult:
        """Answer a question, and record what was answered and on which units it rests.

        `before`: the turns before it in the same conversation, the latest last. `words`: is told the answer while the
        model writes it; never called where it is quoted or refused. `settle`: is called in the transaction of the record,
        so that no answer is kept that nobody knows the asker of.

        Raises:
            MaskingError: what the model wrote could not be masked.
            Unavailable: PostgreSQL does not answer.
            Exception: of `settle`.
        """
        return await self._answer(question, scope, channel, before, words, settle, Stopwatch())

    async def _answer(
        self,
        question: MaskedText,
        scope: AccessScope,
        channel: str,
        before: Sequence[Turn],
        words: Words | None,
        settle: Settle | None,
        watch: Stopwatch,
    ) -> AnswerResult:
        found = await self._finder.find(question, before, scope)
        watch.lap("retrieve")
        language = language_of(question)
        draft = await self._writer.draft(found, language, words)
        said = self._masked(RawText(draft.text))
        text = MaskedText(draft.lead + said)
        watch.lap("answer")
        citations = [] if draft.refused else [Citation.of(hit) for hit in draft.used]
        async with self._database.transaction() as session:
            answer_id = await record(
                session,
                question=question,
                answer=text,
                language=language,
                found=found,
                draft=draft,
                citations=citations,
                channel=channel,
                latency_ms=watch.total(),
            )
            result = AnswerResult(
                answer_id=answer_id,
                answer=text,
                said=said,
                refused=draft.refused,
                language=language,
                citations=citations,
                prompt=draft.reply.prompt if draft.reply else None,
                model=draft.reply.model if draft.reply else None,
                cost_usd=found.understood.cost_usd + (draft.reply.cost_usd if draft.reply else Decimal(0)),
                latency_ms=watch.total(),
            )
            if settle is not None:
                await settle(session, result)
        return result

    def _masked(self, text: RawText) -> MaskedText:
        return self._masker.mask(text).text
