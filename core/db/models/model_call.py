"""`model_calls`: the ledger. One row for every request that was sent to a model, whatever became of it."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, func, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.models.base import Base

OUTCOMES = (
    "open",  # not settled: running now, or its process died in the middle
    "ok",
    "truncated",  # the reply ended at its token limit
    "refused",  # the model declined to answer
    "rejected",  # the request was wrong; trying it again would not help
    "not_authorised",
    "rate_limited",
    "overloaded",
    "unavailable",  # no connection, or it was lost before the reply began
    "timed_out",
    "broken",  # the reply began and did not make sense, or never ended
    "cancelled",
    "expired",  # the vendor's batch ended before it came to this request
)
"""What can become of a request. Only `ok` brought a reply that is used."""


class ModelCall(Base):
    """One HTTP request to a model, so that the sum of `price` is what the vendor charged. A retry is a row of its own.

    The row is committed before the request leaves and settled after it. A row that stays `open` is money whose amount
    nobody knows. Where a stream broke off, the counters are those the server had announced by then; where that was in the
    middle of its words, nobody knows the price.
    """

    __tablename__ = "model_calls"

    call_id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    retry_of: Mapped[UUID | None] = mapped_column(ForeignKey("model_calls.call_id"))
    """The first request of the same call, where this is not the first."""
    purpose: Mapped[str] = mapped_column(index=True)
    chat_id: Mapped[int | None]
    """The chat that it was about; NULL where it was about none or several, or the chat was erased. No foreign key: money
    that was spent stays spent."""
    prompt: Mapped[str | None]
    """`name@version`, with the version's text in `prompt_versions`."""
    model: Mapped[str]
    api: Mapped[str] = mapped_column(server_default=text("'messages'"))
    """`messages`, or `batches`: half the price, an answer within a day."""
    batch_id: Mapped[str | None]
    """The vendor's batch."""
    reserved: Mapped[Decimal] = mapped_column(Numeric(18, 10), server_default=text("0"))
    """The most that it can cost, held against the budgets until the price is known; US dollars."""
    opened_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)
    settled_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(server_default=text("'open'"))
    input_tokens: Mapped[int] = mapped_column(server_default=text("0"))
    """Read at the full price: neither taken from the cache nor written to it."""
    output_tokens: Mapped[int] = mapped_column(server_default=text("0"))
    cache_read_tokens: Mapped[int] = mapped_column(server_default=text("0"))
    cache_write_5m_tokens: Mapped[int] = mapped_column(server_default=text("0"))
    cache_write_1h_tokens: Mapped[int] = mapped_column(server_default=text("0"))
    price: Mapped[Decimal | None] = mapped_column(Numeric(18, 10))
    """US dollars. NULL while open, and where nobody can know: the request left and no word of its usage came back."""
    latency_ms: Mapped[int | None]
    request_id: Mapped[str | None]
    """The vendor's id of the request: what its support asks for."""
    error: Mapped[str | None]
    """What went wrong, bounded; never the text of a prompt or a reply."""

    __table_args__ = (
        CheckConstraint(f"outcome IN ({', '.join(repr(outcome) for outcome in OUTCOMES)})", name="outcome"),
        CheckConstraint("(outcome = 'open') = (settled_at IS NULL)", name="settled"),
        CheckConstraint("api IN ('messages', 'batches')", name="api"),
        CheckConstraint("reserved >= 0", name="reserved"),
        CheckConstraint("outcome <> 'open' OR price IS NULL", name="open_unpriced"),
        CheckConstraint("outcome NOT IN ('ok', 'truncated', 'refused') OR price IS NOT NULL", name="reply_priced"),
        CheckConstraint("price >= 0", name="price"),
        CheckConstraint(
            "least(input_tokens, output_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens) >= 0",
            name="tokens",
        ),
        Index("ix_model_calls_open", "opened_at", postgresql_where=text("settled_at IS NULL")),
    )
