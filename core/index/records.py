"""Units as they are written, and as they are found."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias
from uuid import UUID

from llama_index.core.schema import TextNode
from llama_index.core.vector_stores.utils import node_to_metadata_dict
from sqlalchemy import RowMapping

from core.privacy.types import MaskedText

Vetting: TypeAlias = Literal["public", "private"]
"""Staff said that a unit is right: for clients of every chat, or for those who may search its own chat."""


@dataclass(frozen=True, slots=True)
class UnitRecord:
    """One problem and what was said to it, as the store keeps it."""

    unit_id: str
    """`f"{chat_id}:{first_message_id}"`, see `unit_id_of`, or `vetted_unit_id`."""
    chat_id: int
    thread_id: int
    message_ids: tuple[int, ...]
    """Empty for a vetted answer."""
    text: MaskedText
    """All of it, the question first."""
    question: MaskedText
    """What was asked, as it stands in the text."""
    answer: MaskedText | None
    """What was answered, or None while nobody has."""
    asked_at: datetime
    last_at: datetime
    staff_answered: bool
    vetted: Vetting | None = None
    """None for what was cut from a chat."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A unit that was found, best first in the list it comes in."""

    unit_id: str
    chat_id: int
    thread_id: int
    message_ids: tuple[int, ...]
    text: MaskedText
    question: MaskedText
    answer: MaskedText | None
    asked_at: datetime
    last_at: datetime
    staff_answered: bool
    vetted: bool
    """Staff said that it is right."""
    score: float
    """What the list is sorted by; comparable within one answer only."""
    dense: float | None
    """Cosine to the question; None for a unit that is not embedded yet."""
    lexical: float
    """The share of the question's words, weighted by rarity, that the unit has: 0 to 1."""

    @property
    def made_of(self) -> tuple[str, ...]:
        """Its messages, as `chat:message`; a vetted answer has none and names itself."""
        return tuple(f"{self.chat_id}:{one}" for one in self.message_ids) or (self.unit_id,)


def unit_id_of(chat_id: int, first_message_id: int) -> str:
    """The id of a unit; it stays the same while the unit grows.

    >>> unit_id_of(-1001234567890, 42)
    '-1001234567890:42'
    """
    return f"{chat_id}:{first_message_id}"


def vetted_unit_id(vetted_id: UUID) -> str:
    """The id of a vetted answer's unit."""
    return f"vetted:{vetted_id}"


def metadata_of(unit: UnitRecord) -> dict[str, Any]:
    """The `metadata_` column in PGVectorStore's form, so that an unmodified PGVectorStore reads the row as a TextNode.

    LlamaIndex keeps the metadata twice, in the column and inside `_node_content`. Question and answer repeat the text,
    so they stand in the column only.
    """
    facts = {
        "chat_id": unit.chat_id,
        "thread_id": unit.thread_id,
        "message_ids": list(unit.message_ids),
        "asked_at": unit.asked_at.timestamp(),
        "last_at": unit.last_at.timestamp(),
        "staff_answered": unit.staff_answered,
    }
    if unit.vetted:
        facts["vetted"] = unit.vetted
    # Ids and times say nothing to a model: a LlamaIndex pipeline over this table shall embed and prompt with text alone.
    hidden = list(facts)
    node = TextNode(
        id_=unit.unit_id,
        text=unit.text,
        metadata=facts,
        excluded_embed_metadata_keys=hidden,
        excluded_llm_metadata_keys=hidden,
    )
    column: dict[str, Any] = node_to_metadata_dict(node, remove_text=True)
    return column | {"question": unit.question, "answer": unit.answer}


def hit_from(row: RowMapping) -> Hit:
    """A row of the hybrid query."""
    metadata = row["metadata_"]
    return Hit(
        unit_id=row["node_id"],
        chat_id=row["chat_id"],
        thread_id=row["thread_id"],
        message_ids=tuple(metadata["message_ids"]),
        text=row["text"],
        question=metadata["question"],
        answer=metadata["answer"],
        asked_at=datetime.fromtimestamp(metadata["asked_at"], UTC),
        last_at=datetime.fromtimestamp(metadata["last_at"], UTC),
        staff_answered=metadata["staff_answered"],
        vetted=row["vetted"],
        score=row["score"],
        dense=row["dense"],
        lexical=row["lexical"],
    )
