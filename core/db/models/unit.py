"""`data_units`: the table of LlamaIndex's PGVectorStore, made and indexed by us (`perform_setup=False`).

Three columns are ours: PostgreSQL generates them from the metadata, so that a filter is an indexed, typed comparison
with a bound parameter. PGVectorStore's own filters are pasted into the statement's text (measured: a value
`x' OR 1=1 --` returned rows), so they are never used.
"""

from typing import Any

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import BigInteger, Boolean, Computed, Float, Identity, Index
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from core.db.models.base import Base

DIMENSION = 384
"""multilingual-e5-small, the bundled model. `otklik reindex` alters the column for a model of another size."""


class Unit(Base):
    """One unit: a problem and what was said to it, with its vector once it is embedded."""

    __tablename__ = "data_units"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    text: Mapped[str]
    metadata_: Mapped[dict[str, Any]] = mapped_column(JSONB)
    node_id: Mapped[str] = mapped_column(unique=True)
    embedding: Mapped[Any | None] = mapped_column(HALFVEC(DIMENSION))
    """NULL until embedded: the unit is then found by its words only."""
    text_search_tsv: Mapped[Any] = mapped_column(
        TSVECTOR,
        Computed(
            "setweight(to_tsvector('russian', coalesce(metadata_->>'question', '')), 'A') || to_tsvector('russian', text)",
            persisted=True,
        ),
        nullable=True,
    )
    """The `russian` configuration stems ASCII words as English (measured), so one column serves both languages. What was
    asked has the label A: a word there counts twice."""
    chat_id: Mapped[int | None] = mapped_column(
        BigInteger, Computed("((metadata_->>'chat_id')::bigint)", persisted=True)
    )
    thread_id: Mapped[int | None] = mapped_column(
        BigInteger, Computed("((metadata_->>'thread_id')::bigint)", persisted=True)
    )
    last_at: Mapped[float | None] = mapped_column(Float, Computed("((metadata_->>'last_at')::float8)", persisted=True))
    """Seconds since 1970 of the unit's last message."""
    vetted: Mapped[bool] = mapped_column(
        Boolean, Computed("(metadata_->>'vetted' IS NOT NULL)", persisted=True), nullable=False
    )
    """Staff said that this is right (`vetted_answers`)."""
    public: Mapped[bool] = mapped_column(
        Boolean, Computed("(coalesce(metadata_->>'vetted', '') = 'public')", persisted=True), nullable=False
    )
    """Clients of other chats may find it too."""

    __table_args__ = (
        Index(
            "ix_data_units_embedding",
            "embedding",
            postgresql_using="hnsw",
            postgresql_ops={"embedding": "halfvec_cosine_ops"},
        ),
        Index("ix_data_units_text_search_tsv", "text_search_tsv", postgresql_using="gin"),
        Index("ix_data_units_chat_id_thread_id", "chat_id", "thread_id"),
        Index("ix_data_units_public", "id", postgresql_where=sql("public")),
        Index("ix_data_units_unembedded", "chat_id", "id", postgresql_where=sql("embedding IS NULL")),
    )
