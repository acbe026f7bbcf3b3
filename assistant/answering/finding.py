"""From a question in its conversation to the units that it may be answered from."""

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answering.condensing import Condenser
from assistant.followup import How, Leaning, Understood, joined, leaning
from assistant.retrieval.evidence import Verdict, judge
from assistant.retrieval.retriever import UnitRetriever
from assistant.turns import Turn
from core.db.session import Database
from core.domain.access import AccessScope
from core.embeddings.base import UnitEmbedding
from core.index.records import Hit
from core.privacy.types import MaskedText

RETRIEVED = 8
"""Units looked at. The right one is among the first five for 97 of 100 questions of the labelled sets; a few more cost
little and let the model see contradictions."""


@dataclass(frozen=True, slots=True)
class Findings:
    """How a question was understood, and what the history has for it."""

    understood: Understood
    hits: Sequence[Hit]
    verdict: Verdict


class Finder:
    """Understands, retrieves, weighs."""

    def __init__(self, database: Database, embedder: UnitEmbedding, condenser: Condenser | None) -> None:
        self._database = database
        self._embedder = embedder
        self._condenser = condenser

    async def find(self, question: MaskedText, before: Sequence[Turn], scope: AccessScope) -> Findings:
        """What speaks to a question, inside the asker's scope; with the turns before it where it leans on them."""
        leans = leaning(question) if before else Leaning.NO
        if leans is Leaning.YES:
            return await self._look(await self._in_context(question, before), scope)
        alone = await self._look(Understood(question, How.ALONE), scope)
        if leans is Leaning.NO or alone.verdict.answer:
            return alone
        continued = await self._look(await self._in_context(question, before), scope)
        return continued if continued.verdict.answer else alone

    async def _in_context(self, question: MaskedText, before: Sequence[Turn]) -> Understood:
        condensed = await self._condenser.condense(question, before) if self._condenser else None
        return condensed or joined(question, before)

    async def _look(self, understood: Understood, scope: AccessScope) -> Findings:
        retriever = UnitRetriever(database=self._database, embedder=self._embedder, scope=scope, limit=RETRIEVED)
        hits = await retriever.hits(understood.text)
        return Findings(understood, hits, judge(understood.text, hits))
