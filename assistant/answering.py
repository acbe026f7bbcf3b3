"""From a question to an answer with its sources: mask → retrieve → weigh the evidence → write → check → record."""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import structlog
from sqlalchemy import insert

from assistant.phrases import QUOTE_WITHOUT_KEY, QUOTE_WITHOUT_MODEL, REFUSAL, quote_lead
from assistant.retrieval.evidence import Verdict, judge
from assistant.retrieval.retriever import UnitRetriever
from core.db.models import Answer
from core.db.models import Citation as CitationRow
from core.db.session import Database
from core.domain.access import AccessScope
from core.domain.chats import message_link
from core.domain.language import Language, language_of
from core.embeddings.base import UnitEmbedding
from core.errors import ModelCallError
from core.index.records import Hit
from core.llm.calls import Call, Purpose, Reply, SearchResult
from core.llm.gateway import Gateway
from core.llm.prompts import Prompt, PromptRegistry
from core.llm.refusal import REFUSAL_MARKER, explanation, is_refusal
from core.privacy.masker import Masker
from core.privacy.types import MaskedText, RawText

log = structlog.get_logger(__name__)

RETRIEVED = 8
"""Units looked at. The right one is among the first five for 97 of 100 questions of the labelled sets; a few more cost
little and let the model see contradictions."""

_ADDRESS = re.compile(r"^(?:\[(?:PERSON|USERNAME)\][\s,:!.]*)+", re.MULTILINE)
"""A masked name at the beginning of a line: the person who asked back then."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A source of an answer."""

    unit_id: str
    chat_id: int
    message_ids: tuple[int, ...]
    sent_at: datetime
    link: str | None
    text: MaskedText
    score: float


@dataclass(frozen=True, slots=True)
class AnswerResult:
    """An answer, or a refusal that says so."""

    answer_id: UUID
    answer: MaskedText
    refused: bool
    language: Language
    citations: Sequence[Citation]
    prompt: str | None
    """`name@version`; None where no model wrote the answer."""
    model: str | None
    cost_usd: Decimal
    latency_ms: Mapping[str, int]
    """`mask`, `retrieve`, `answer`, `total`."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """What was written, before it is checked and recorded."""

    text: str
    used: Sequence[Hit]
    refused: bool = False
    reply: Reply | None = None


@dataclass(slots=True)
class _Stopwatch:
    """Milliseconds by step."""

    began: float = field(default_factory=time.monotonic)
    last: float = field(default_factory=time.monotonic)
    steps: dict[str, int] = field(default_factory=dict)

    def lap(self, step: str) -> None:
        now = time.monotonic()
        self.steps[step] = round((now - self.last) * 1000)
        self.last = now

    def total(self) -> Mapping[str, int]:
        return self.steps | {"total": round((time.monotonic() - self.began) * 1000)}


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
        self._gateway = gateway
        self._prompts = prompts
        self._model = model

    async def search(self, question: RawText, scope: AccessScope, limit: int) -> Sequence[Hit]:
        """The units that fit a question best. The question is masked first."""
        return await self._retriever(scope, limit).hits(self._masked(question))

    async def answer(self, question: RawText, scope: AccessScope, *, channel: str) -> AnswerResult:
        """Answer a question, and record what was answered and on which units it rests.

        Raises:
            MaskingError: the question could not be masked; nothing of it was stored or sent.
            Unavailable: PostgreSQL does not answer.
        """
        watch = _Stopwatch()
        masked = self._masked(question)
        watch.lap("mask")
        hits = await self._retriever(scope, RETRIEVED).hits(masked)
        verdict = judge(masked, hits)
        watch.lap("retrieve")
        language = language_of(masked)
        draft = await self._draft(masked, language, hits, verdict)
        text = self._masked(RawText(draft.text))
        watch.lap("answer")
        citations = [] if draft.refused else [_citation(hit) for hit in draft.used]
        answer_id = await self._record(masked, text, draft, citations, verdict, scope, channel, watch)
        return AnswerResult(
            answer_id=answer_id,
            answer=text,
            refused=draft.refused,
            language=language,
            citations=citations,
            prompt=draft.reply.prompt if draft.reply else None,
            model=draft.reply.model if draft.reply else None,
            cost_usd=draft.reply.cost_usd if draft.reply else Decimal(0),
            latency_ms=watch.total(),
        )

    def _masked(self, text: RawText) -> MaskedText:
        return self._masker.mask(text).text

    def _retriever(self, scope: AccessScope, limit: int) -> UnitRetriever:
        return UnitRetriever(database=self._database, embedder=self._embedder, scope=scope, limit=limit)

    async def _draft(self, question: MaskedText, language: Language, hits: Sequence[Hit], verdict: Verdict) -> _Draft:
        if not verdict.answer or verdict.source is None:
            return _Draft(REFUSAL[language], [], refused=True)
        if self._gateway is None:
            return _quoted(QUOTE_WITHOUT_KEY, language, verdict.source)
        try:
            reply = await self._gateway.complete(self._call(question, hits))
        except ModelCallError as error:
            log.warning("the model did not answer, quoting instead", error=str(error))
            return _quoted(QUOTE_WITHOUT_MODEL, language, verdict.source)
        return _written(reply, language, hits)

    def _call(self, question: MaskedText, hits: Sequence[Hit]) -> Call:
        prompt = self._prompt()
        return Call(
            purpose=Purpose.ANSWER,
            prompt=prompt,
            model=prompt.model or self._model,
            question=question,
            results=[_search_result(hit) for hit in hits],
        )

    def _prompt(self) -> Prompt:
        return self._prompts.load("answer").fill(refusal_marker=REFUSAL_MARKER)

    async def _record(
        self,
        question: MaskedText,
        answer: MaskedText,
        draft: _Draft,
        citations: Sequence[Citation],
        verdict: Verdict,
        scope: AccessScope,
        channel: str,
        watch: _Stopwatch,
    ) -> UUID:
        reply = draft.reply
        async with self._database.transaction() as session:
            answer_id = (
                await session.execute(
                    insert(Answer)
                    .values(
                        question=question,
                        answer=answer,
                        refused=draft.refused,
                        language=language_of(question),
                        scope={"channel": channel, "every_chat": scope.every_chat, "chats": sorted(scope.chat_ids)},
                        evidence=_weighed(verdict),
                        prompt=reply.prompt if reply else None,
                        model=reply.model if reply else None,
                        call_id=reply.call_id if reply else None,
                        latency_ms=dict(watch.total()),
                    )
                    .returning(Answer.answer_id)
                )
            ).scalar_one()
            if citations:
                await session.execute(
                    insert(CitationRow), [_citation_row(answer_id, rank, one) for rank, one in enumerate(citations, 1)]
                )
        return answer_id


def _quoted(phrases: Mapping[Language, str], language: Language, source: Hit) -> _Draft:
    """The best past answer, word for word, without whom it was said to."""
    said = _ADDRESS.sub("", source.answer or source.text)
    return _Draft(f"{quote_lead(phrases, language, source.asked_at)}\n\n{said}", [source])


def _written(reply: Reply, language: Language, hits: Sequence[Hit]) -> _Draft:
    """What the model wrote, if it rests on sources that it was really given."""
    if is_refusal(reply.text):
        return _Draft(explanation(reply.text) or REFUSAL[language], [], refused=True, reply=reply)
    cited = list(dict.fromkeys(citation.index for citation in reply.citations))
    if not cited:
        log.warning("the reply cites nothing and is not shown", call_id=str(reply.call_id))
        return _Draft(REFUSAL[language], [], refused=True, reply=reply)
    return _Draft(reply.text, [hits[index] for index in cited], reply=reply)


def _weighed(verdict: Verdict) -> dict[str, object]:
    evidence = asdict(verdict.evidence) if verdict.evidence else {}
    return {"reason": verdict.reason, "strength": verdict.strength, **evidence}


def _search_result(hit: Hit) -> SearchResult:
    pieces = [piece for piece in (hit.question, hit.answer) if piece and piece.strip()] or [hit.text]
    return SearchResult(source=hit.unit_id, title=MaskedText(f"Support chat, {hit.asked_at:%Y-%m-%d}"), texts=pieces)


def _citation(hit: Hit) -> Citation:
    return Citation(
        unit_id=hit.unit_id,
        chat_id=hit.chat_id,
        message_ids=hit.message_ids,
        sent_at=hit.asked_at,
        link=message_link(hit.chat_id, hit.message_ids[0]),
        text=hit.text,
        score=hit.score,
    )


def _citation_row(answer_id: UUID, rank: int, citation: Citation) -> dict[str, object]:
    return {
        "answer_id": answer_id,
        "rank": rank,
        "unit_id": citation.unit_id,
        "chat_id": citation.chat_id,
        "message_ids": list(citation.message_ids),
        "score": citation.score,
    }
