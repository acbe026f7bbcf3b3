"""The words of a model call: what goes in, what comes out. Nothing here knows the SDK."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum, StrEnum, auto
from typing import Any, NamedTuple
from uuid import UUID

from core.llm.prompts import Prompt
from core.privacy.types import MaskedText


class Purpose(StrEnum):
    """Why a model is called. Spend, metrics and dashboards group themselves by it."""

    ANSWER = "answer"
    CONDENSE = "condense"
    """A follow-up is rewritten into a question that stands alone."""
    SUGGESTION = "suggestion"
    """A draft for staff that nobody asked for."""
    ANALYSIS_FAST = "analysis.fast"
    ANALYSIS_BATCH = "analysis.batch"
    EVAL = "eval"
    """An answer is written to be measured; nobody but its judges will read it."""
    JUDGE = "judge"
    """An answer is marked, in an eval."""

    @property
    def prompts(self) -> frozenset[str]:
        """What the prompts that it may be used with are written for: a draft is written as an answer is."""
        return _PROMPTS.get(self, frozenset({self.value}))


_PROMPTS: Mapping[Purpose, frozenset[str]] = {
    purpose: frozenset({Purpose.ANSWER.value, Purpose.CONDENSE.value}) for purpose in (Purpose.SUGGESTION, Purpose.EVAL)
}


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A source that the model may cite. Its text reaches the model as data, inside a search-result block."""

    source: str
    """An id of ours (a unit's), never a person's name: it is sent."""
    title: MaskedText
    texts: Sequence[MaskedText]
    """The pieces that can be cited, one by one; at least one, none empty."""
    made_of: Sequence[str] = ()
    """The messages in it, as `chat:message`, or the vetted answer, as `vetted:id`. Not sent: whoever keeps the reply keeps it no
    longer than these."""

    def __post_init__(self) -> None:
        if not self.texts or not all(text.strip() for text in self.texts):
            raise ValueError(f"The search result {self.source!r} has an empty text, which the API rejects.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One question to a model."""

    purpose: Purpose
    prompt: Prompt
    """The system text. It is marked for the cache, so nothing that changes from call to call belongs in it."""
    model: str
    question: MaskedText
    chat_id: int | None = None
    """The chat that it is about, for the ledger; None where it is about none, or several."""
    results: Sequence[SearchResult] = ()
    schema: Mapping[str, Any] | None = None
    """The JSON schema that the reply shall keep to (`core.llm.structured`); None for prose."""
    max_tokens: int | None = None
    """None means the prompt's own."""

    def __post_init__(self) -> None:
        if self.prompt.purpose not in self.purpose.prompts:
            raise ValueError(
                f"The prompt {self.prompt.reference} is for {self.prompt.purpose!r}, not {self.purpose!r}."
            )
        if not self.question.strip():
            raise ValueError("The question is empty, which the API rejects.")


class BatchState(Enum):
    """How far one of the vendor's batches is."""

    WORKING = auto()
    ENDED = auto()
    """Its results can be read."""
    GONE = auto()
    """The vendor has it, or its results, no longer."""


class ListedBatch(NamedTuple):
    """A batch as the vendor lists it."""

    batch_id: str
    state: BatchState
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the vendor counts them. The five do not overlap."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_5m_tokens: int = 0
    cache_write_1h_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Citation:
    """`text[start:end]` of the reply rests on a search result that was given."""

    index: int
    """Which of `Call.results`, from 0."""
    source: str
    """Its `source`."""
    quoted: MaskedText
    """The cited pieces, as they were given (not as the server repeats them)."""
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply. Its text is the model's own: it has to pass the masker before it is stored or sent."""

    text: str
    citations: Sequence[Citation]
    dropped_citations: int
    """How many citations named a source that was never given. They are left out of `citations`."""
    stop_reason: str
    usage: Usage
    cost_usd: Decimal
    """For this reply; failed requests before it have rows of their own in the ledger."""
    model: str
    prompt: str
    """`name@version`, as in the ledger."""
    call_id: UUID
    """The reply's row in the ledger."""
    latency_ms: int
    """From the first request to the last word, retries and the consumer's own pauses included."""
