"""From a question in its conversation to the units that it may be answered from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from assistant.answering.condensing import Condenser
from assistant.answering.inquiry import Inquiry
from assistant.followup import How, Leaning, Understood, context, continues, leaning, stands
from assistant.retrieval.evidence import LOOKED_AT, Reason, Verdict, judge
from assistant.retrieval.retriever import UnitRetriever
from assistant.retrieval.threshold import threshold_for
from core.db.session import Database
from core.domain.access import AccessScope
from core.embeddings.base import UnitEmbedding
from core.index.records import Hit
from core.index.vectors import Vector
from core.privacy.types import MaskedText


@dataclass(frozen=True, slots=True)
class Findings:
    """How a question was understood, and what the history has for it."""

    understood: Understood
    hits: Sequence[Hit]
    verdict: Verdict
    scope: AccessScope
    """In which that was looked for."""
    vector: Vector
    """Of what was looked for."""

    def refused(self) -> Self:
        """The same, taken as too weak."""
        return replace(self, verdict=replace(self.verdict, answer=False, reason=Reason.WEAK))

    def fit_of(self, source: Hit | None) -> float | None:
        """The cosine of a unit to what was searched for, if it was found."""
        return next((hit.dense for hit in self.hits if source and hit.unit_id == source.unit_id), None)


@dataclass(frozen=True, slots=True)
class Within:
    """What bounds a look."""

    scope: AccessScope
    threshold: float
    """The strength from which evidence suffices."""


class Finder:
    """Understands, retrieves, weighs."""

    def __init__(self, database: Database, embedder: UnitEmbedding, condenser: Condenser | None) -> None:
        self._database = database
        self._embedder = embedder
        self._condenser = condenser

    async def find(self, inquiry: Inquiry) -> Findings:
        """What speaks to a question, inside the asker's scope; with the turns before it where it leans on them."""
        question = inquiry.question
        async with self._database.reading() as session:
            within = Within(inquiry.scope, await threshold_for(session, self._embedder.model_name))
        lean = leaning(question) if inquiry.before else Leaning.NONE
        if lean is Leaning.NONE:
            return await self._look(Understood(question, How.ALONE), within)
        if self._condenser and (condensed := await self._condenser.condense(inquiry)):
            return await self._look(condensed, within)
        return await self._joined(question, context(inquiry.before), lean, within)

    async def _joined(self, question: MaskedText, said: MaskedText, lean: Leaning, within: Within) -> Findings:
        """The question behind its context where that serves it better. Two more searches, 25 ms each."""
        alone = await self._look(Understood(question, How.ALONE), within)
        joined = await self._look(Understood(MaskedText(f"{said}\n{question}"), How.JOINED), within)
        without = await self._look(Understood(said, How.ALONE), within)
        if continues(question, lean, alone.verdict, joined.verdict, without.fit_of(joined.verdict.source)):
            return joined
        return alone if stands(question, lean, alone.verdict) else alone.refused()

    async def _look(self, understood: Understood, within: Within) -> Findings:
        scope = within.scope
        retriever = UnitRetriever(database=self._database, embedder=self._embedder, scope=scope, limit=LOOKED_AT)
        vector, hits = await retriever.look(understood.text)
        return Findings(understood, hits, judge(understood.text, hits, within.threshold), scope, vector)
