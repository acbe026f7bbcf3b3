"""The row of an answer: what was asked, how it was understood, what was answered and on which units it rests."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from assistant.answering.drafting import Draft
from assistant.answering.finding import Findings
from assistant.answering.inquiry import Inquiry
from assistant.answering.means import Means
from assistant.answering.results import Citation
from core.db.locks import KEEPING
from core.db.models import Answer
from core.db.models import Citation as CitationRow
from core.domain.language import Language
from core.errors import OtklikError
from core.privacy.types import MaskedText

_HELD = text("""
    SELECT node_id, metadata_->'message_ids' AS message_ids FROM data_units WHERE node_id = ANY(CAST(:units AS text[]))
""")


class SourceGone(OtklikError):
    """A message that the answer rests on was deleted while it was written."""


async def record(
    session: AsyncSession,
    *,
    inquiry: Inquiry,
    answer: MaskedText,
    language: Language,
    found: Findings,
    draft: Draft,
    means: Means,
    citations: Sequence[Citation],
    channel: str,
    latency_ms: Mapping[str, int],
) -> UUID:
    """Write the rows of an answer and its sources; returns the answer's id. The first in its transaction, for its lock.

    Raises:
        SourceGone: nothing was written.
    """
    await session.execute(KEEPING)
    await _check_sources(session, citations)
    reply, scope = draft.reply, inquiry.scope
    row = insert(Answer).values(
        question=inquiry.question,
        answer=answer,
        refused=draft.refused,
        language=language,
        scope={
            "channel": channel,
            "every_chat": scope.every_chat,
            "chats": sorted(scope.chat_ids),
            "public": scope.public,
        },
        evidence=_evidence(found),
        question_vector=list(found.vector) if draft.refused else None,
        prompt=reply.prompt if reply else None,
        model=reply.model if reply else None,
        call_id=reply.call_id if reply else None,
        experiment_id=means.experiment_id,
        arm=means.arm,
        latency_ms=dict(latency_ms),
    )
    answer_id = (await session.execute(row.returning(Answer.answer_id))).scalar_one()
    if citations:
        rows = [_citation_row(answer_id, rank, citation) for rank, citation in enumerate(citations, start=1)]
        await session.execute(insert(CitationRow), rows)
    return answer_id


async def _check_sources(session: AsyncSession, citations: Sequence[Citation]) -> None:
    """Whether the units are still there, with all their messages: a deletion flags only the answers that it can see."""
    rows = await session.execute(_HELD, {"units": [citation.unit_id for citation in citations]})
    held = {row.node_id: set(row.message_ids) for row in rows}
    for citation in citations:
        if citation.unit_id not in held or not held[citation.unit_id].issuperset(citation.message_ids):
            raise SourceGone("A message that the answer rests on was deleted just now; ask again.")


def _evidence(found: Findings) -> dict[str, object]:
    verdict, understood = found.verdict, found.understood
    facts = asdict(verdict.evidence) if verdict.evidence else {}
    return {
        "reason": verdict.reason,
        "strength": verdict.strength,
        "understood": understood.how,
        "searched": understood.text,
        **facts,
    }


def _citation_row(answer_id: UUID, rank: int, citation: Citation) -> dict[str, object]:
    return {
        "answer_id": answer_id,
        "rank": rank,
        "unit_id": citation.unit_id,
        "chat_id": citation.chat_id,
        "message_ids": list(citation.message_ids),
        "score": citation.score,
    }
